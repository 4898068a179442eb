"""Walks a shipped diagram in memory and remembers which sequence flows it took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from engine import bpmn
from engine.bpmn import Context, OpenTask, ProcessDefinition, Step
from engine.worktime import Calendar

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = ("ticket", "dispute", "hotline", "centre")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
# Monday 23 November 2026, 09:00 in Shanghai.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PLACE = "620725101201"

Script = Callable[[], "Walk"]


@cache
def definition(key: str) -> ProcessDefinition:
    """The shipped definition as the engine reads it."""
    files = {
        file.name: file.read_bytes()
        for file in (ROOT / "processes" / key).iterdir()
        if file.is_file()
    }
    return bpmn.parse(files, key)


@cache
def diagram(key: str) -> etree._Element:
    """The XML of a shipped diagram."""
    return etree.parse(ROOT / "processes" / key / f"{key}.bpmn").getroot()


@cache
def flows(key: str) -> dict[str, tuple[str, str]]:
    """Source and target of every sequence flow, by its id."""
    return {
        str(flow.get("id")): (str(flow.get("sourceRef")), str(flow.get("targetRef")))
        for flow in diagram(key).iter(f"{BPMN}sequenceFlow")
    }


class Walk:
    """One case on its way; every method does one thing that a person or a clock does."""

    def __init__(self, key: str, level: str = "county", **answers: Any) -> None:
        self.key = key
        self.definition = definition(key)
        self.taken_flows: set[str] = set()
        context = Context(now=MONDAY, level=level, place=PLACE, calendar=Calendar())
        self.timers: dict[str, str] = {}
        self._keep(bpmn.start(self.definition, {}, context))
        opens = self.definition.opens
        assert opens is not None
        self.do(opens.id, **answers)

    @property
    def level(self) -> str:
        """The level that handles the case now."""
        return self.step.context.level

    @property
    def open(self) -> dict[str, OpenTask]:
        """What is open now, by node; of a multi-instance the first."""
        found: dict[str, OpenTask] = {}
        for task in bpmn.open_tasks(self.definition, self.step.state):
            found.setdefault(task.node_id, task)
        return found

    @property
    def messages(self) -> set[str]:
        """The messages that the diagram takes now."""
        return {caught.message for caught in bpmn.catches(self.definition, self.step.state)}

    def do(self, node: str, **answers: Any) -> Walk:
        """Complete the open task of a node."""
        task = self.open[node]
        context = self.step.context
        return self._keep(
            bpmn.complete(self.definition, self.step.state, task.engine_id, answers, context)
        )

    def send(self, message: str, **answers: Any) -> Walk:
        """Press the button of a message."""
        context = self.step.context
        return self._keep(
            bpmn.send_message(self.definition, self.step.state, message, answers, context)
        )

    def late(self, node: str) -> Walk:
        """Let a rung of the escalation table throw its event at an open task."""
        task, context = self.open[node], self.step.context
        return self._keep(
            bpmn.throw_escalation(
                self.definition, self.step.state, task.engine_id, "overdue", context
            )
        )

    def wait(self, node: str) -> Walk:
        """Let the timer of a node come due."""
        engine_id, context = self.timers.pop(node), self.step.context
        return self._keep(bpmn.fire_timer(self.definition, self.step.state, engine_id, context))

    def send_back(self, node: str, target: str) -> Walk:
        """Return an open task to an earlier one, where the diagram allows it."""
        task, context = self.open[node], self.step.context
        assert target in self.definition.nodes[node].return_to
        return self._keep(
            bpmn.move_token(self.definition, self.step.state, task.engine_id, target, context)
        )

    def _keep(self, step: Step) -> Walk:
        self.step = step
        self.timers |= {timer.node_id: timer.engine_id for timer in step.timers}
        self._note(step)
        return self

    def _note(self, step: Step) -> None:
        """Find the flows that the step took: the engine tells nodes, in the order they ended."""
        arrived = [task.node_id for task in step.opened_tasks]
        arrived += [timer.node_id for timer in step.timers]
        arrived += [caught.node_id for caught in step.waiting]
        for place, node in enumerate(step.passed_nodes):
            after = [*step.passed_nodes[place + 1 :], *arrived]
            out = {target: flow for flow, (source, target) in self._out(node)}
            if self.definition.nodes[node].kind == "exclusiveGateway":
                first = next((one for one in after if one in out), None)
                assert first is not None, f"{node} led nowhere"
                self.taken_flows.add(out[first])
            else:
                self.taken_flows.update(out.values())

    def _out(self, node: str) -> list[tuple[str, tuple[str, str]]]:
        return [(flow, ends) for flow, ends in flows(self.key).items() if ends[0] == node]


def assert_task(walk: Walk, node: str, *expected: Any) -> None:
    """Hold a task reached against (role, level, unit, limit, limit unit)."""
    task = walk.open[node]
    found = (task.role, task.level, task.unit, task.limit, task.limit_unit)
    assert found == expected, f"{node}: {found}"
    assert task.form == f"{walk.key}/{node}"
    assert (ROOT / "forms" / f"{task.form}.json").is_file()


def untaken(key: str, scripts: list[Script]) -> set[str]:
    """The sequence flows that none of the walks takes."""
    taken: set[str] = set()
    for script in scripts:
        taken |= script().taken_flows
    return flows(key).keys() - taken
