"""Write small diagrams in a line or two, and drive a case through them by its stored state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from engine import bpmn
from engine.worktime import Calendar

MONDAY_9AM = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 09:00 in Shanghai
CONTEXT = bpmn.Context(now=MONDAY_9AM, level="village", place="620725001", calendar=Calendar())

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:gov="urn:fengqiao:governance:1" id="d" targetNamespace="test">'
)


def flows(lines: str) -> str:
    """Write sequence flows: ``a > b > c``; ``g > b : x = 1`` with a condition; ``g >> c`` default.

    The flow from a to b is called a_b.
    """
    found = []
    for line in filter(None, (part.strip() for part in lines.replace(";", "\n").splitlines())):
        way, _, condition = line.partition(" : ")
        ends = way.replace(">>", ">").split(">")
        for source, target in zip(ends, ends[1:], strict=False):
            source, target = source.strip(), target.strip()
            test = f"<conditionExpression>{escape(condition)}</conditionExpression>"
            found.append(
                f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
                f"{test if condition else ''}</sequenceFlow>"
            )
    return "".join(found)


def process(body: str, lines: str, key: str = "p", attributes: str = "") -> str:
    """Write a process with a start event ``s`` in front of the first flow's target."""
    return (
        f'<process id="{key}" isExecutable="true" {attributes}>'
        f'<startEvent id="{key}_s"/>{flows(f"{key}_s > " + lines.strip())}{body}</process>'
    )


def diagram(*parts: str) -> bytes:
    """Wrap processes, messages and so on into a file."""
    return (HEAD + "".join(parts) + "</definitions>").encode()


def user(*names: str) -> str:
    """Write user tasks."""
    return "".join(f'<userTask id="{name}" name="{name}"/>' for name in names)


class Case:
    """A case that is only ever held as text between its steps."""

    def __init__(self, files: bytes | Mapping[str, bytes], key: str = "p", **context: Any) -> None:
        given = {"diagram.bpmn": files} if isinstance(files, bytes) else dict(files)
        self.definition = bpmn.parse(given, key)
        self.context = replace(CONTEXT, **context)
        self.steps: list[bpmn.Step] = []
        self.timers: dict[str, bpmn.Timer] = {}

    @property
    def step(self) -> bpmn.Step:
        """The last step."""
        return self.steps[-1]

    @property
    def state(self) -> str:
        """The stored text."""
        return self.step.state

    def start(self, **variables: Any) -> Case:
        """Begin the case."""
        return self._took(bpmn.start(self.definition, variables, self.context))

    def do(self, node_id: str, index: int = 0, **variables: Any) -> Case:
        """Complete an open task of this node."""
        task = self.tasks(node_id)[index]
        args = (self.definition, self.state, task.engine_id, variables, self.context)
        return self._took(bpmn.complete(*args))

    def send(self, message: str, **variables: Any) -> Case:
        """Send a message."""
        args = (self.definition, self.state, message, variables, self.context)
        return self._took(bpmn.send_message(*args))

    def back(self, node_id: str, target: str, index: int = 0) -> Case:
        """Move an open task's token to another node."""
        task = self.tasks(node_id)[index]
        args = (self.definition, self.state, task.engine_id, target, self.context)
        return self._took(bpmn.move_token(*args))

    def escalate(self, node_id: str, code: str) -> Case:
        """Throw an escalation at an open task."""
        task = self.tasks(node_id)[0]
        args = (self.definition, self.state, task.engine_id, code, self.context)
        return self._took(bpmn.throw_escalation(*args))

    def wait(self, **amount: int) -> Case:
        """Let time pass, then fire what is due, as the worker does."""
        self.context = replace(self.context, now=self.context.now + timedelta(**amount))
        for timer in sorted(self.timers.values(), key=lambda timer: timer.fire_at):
            if timer.fire_at <= self.context.now and timer.engine_id in self.timers:
                del self.timers[timer.engine_id]
                args = (self.definition, self.state, timer.engine_id, self.context)
                self._took(bpmn.fire_timer(*args))
        return self

    def tasks(self, node_id: str) -> list[bpmn.OpenTask]:
        """The open tasks of a node, as the stored state has them."""
        found = bpmn.open_tasks(self.definition, self.state)
        return [task for task in found if task.node_id == node_id]

    @property
    def open(self) -> list[str]:
        """The node ids of all open tasks, sorted."""
        found = bpmn.open_tasks(self.definition, self.state)
        return sorted(task.node_id for task in found)

    @property
    def variables(self) -> Mapping[str, Any]:
        """The case's variables."""
        return self.step.variables

    def _took(self, step: bpmn.Step) -> Case:
        self.steps.append(step)
        self.context = step.context
        for key in step.disarmed_timers:
            self.timers.pop(key, None)
        self.timers |= {timer.engine_id: timer for timer in step.timers}
        return self
