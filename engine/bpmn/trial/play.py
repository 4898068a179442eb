"""One imagined case on its way; every method does one thing that a person or a clock does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.bpmn.context import Context
from engine.bpmn.definition import ProcessDefinition
from engine.bpmn.errors import CannotMove, NotCaught
from engine.bpmn.flows import FlowIndex
from engine.bpmn.moves import move_token
from engine.bpmn.nodes import Node
from engine.bpmn.operations import (
    armed_timers,
    catches,
    complete,
    fire_timer,
    open_tasks,
    send_message,
    start,
    throw_escalation,
)
from engine.bpmn.step import AwaitedMessage, Effect, OpenTask, Step, Timer
from engine.errors import DomainError
from engine.terms.levels import HANDLED
from engine.worktime import Calendar, Limit, deadline
from feel.text import Text
from forms import Form, InvalidAnswers

# Columns of a case that answers fill and decisions read.
COLUMNS = ("place", "category", "priority", "risk")


class CannotPlay(DomainError):
    """What was tried is not possible now; ``text`` says why."""


@dataclass(frozen=True)
class TrialTask:
    """An open task with its moments, as if somebody signed for it at once."""

    task: OpenTask
    opened_at: datetime
    sign_due: datetime | None
    due: datetime | None


class TrialCase:
    """A case that exists nowhere else."""

    def __init__(
        self,
        definition: ProcessDefinition,
        forms: Mapping[str, Form],
        *,
        level: str,
        now: datetime,
        calendar: Calendar,
        levels: tuple[str, ...] = HANDLED,
        picture: FlowIndex | None = None,
        place: str | None = None,
    ) -> None:
        self.definition, self.forms = definition, forms
        self.now, self.calendar = now, calendar
        self.context = Context(now=now, level=level, place=place, calendar=calendar, levels=levels)
        self.picture = picture or FlowIndex({})
        self.taken_flows: set[str] = set()
        self.passed_nodes: set[str] = set()
        self.opened_at: dict[str, datetime] = {}
        self.effects: tuple[Effect, ...] = ()
        self.ended = False
        self.end_node: str | None = None
        self._keep(start(definition, {}, self.context))

    @property
    def open(self) -> tuple[TrialTask, ...]:
        """What is open now, in the order it opened."""
        return tuple(self._describe(task) for task in open_tasks(self.definition, self.state))

    @property
    def timers(self) -> tuple[Timer, ...]:
        """The moments that the diagram waits for, soonest first."""
        found = armed_timers(self.definition, self.state)
        return tuple(sorted(found, key=lambda timer: timer.fire_at))

    @property
    def messages(self) -> tuple[AwaitedMessage, ...]:
        """The buttons that are offered now."""
        return catches(self.definition, self.state)

    def answer(self, node: str, answers: Mapping[str, Any]) -> None:
        """Complete the open task of a node; what is not answered counts as unanswered.

        Raises CannotPlay, forms.InvalidAnswers for an answer that the form refuses, EngineFault.
        """
        task = self._task(node)
        form = self.forms.get(task.form)
        clean = self.clean(form, answers)
        self._set_columns(form, clean)
        given = self._variables(form, clean)
        self._keep(complete(self.definition, self.state, task.engine_id, given, self.context))

    def send(self, message: str, answers: Mapping[str, Any]) -> None:
        """Press the button of a message. Raises CannotPlay, forms.InvalidAnswers or EngineFault."""
        caught = next((one for one in self.messages if one.message == message), None)
        if caught is None:
            raise _cannot(f"现在没有“{message}”这个按钮", f"there is no button “{message}” now")
        form = self.forms.get(caught.form)
        given = self._variables(form, self.clean(form, answers))
        try:
            step = send_message(self.definition, self.state, message, given, self.context)
        except NotCaught as error:
            raise _cannot(f"没有等待“{message}”", f"nothing waits for “{message}”") from error
        self._keep(step)

    def wait(self, node: str) -> None:
        """Turn the clock to the moment that a timer waits for, and let it go off."""
        timer = next((one for one in self.timers if one.node_id == node), None)
        if timer is None:
            raise _cannot(f"“{node}”没有在计时", f"no timer of “{node}” is running")
        self.turn(max(timer.fire_at, self.now))
        self._keep(fire_timer(self.definition, self.state, timer.engine_id, self.context))

    def late(self, node: str, code: str = "overdue") -> None:
        """Throw the escalation table's event at an open task."""
        task = self._task(node)
        try:
            step = throw_escalation(self.definition, self.state, task.engine_id, code, self.context)
        except NotCaught as error:
            raise _cannot(f"“{node}”不接升级事件", f"“{node}” catches no escalation") from error
        self._keep(step)

    def send_back(self, node: str, target: str) -> None:
        """Return an open task to an earlier one, where the diagram allows it."""
        task = self._task(node)
        if target not in self.definition.nodes[node].return_to:
            raise _cannot(f"“{node}”不能退回到“{target}”", f"“{node}” cannot go back to “{target}”")
        try:
            step = move_token(self.definition, self.state, task.engine_id, target, self.context)
        except CannotMove as error:
            raise CannotPlay(node, text=error.text) from error
        self._keep(step)

    def turn(self, moment: datetime) -> None:
        """Turn the clock forward."""
        if moment < self.now:
            raise _cannot("时间不能倒退", "the clock does not go back")
        self.now = moment
        self.context = replace(self.context, now=moment)

    def clean(self, form: Form | None, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return answers as the form stores them; only what was answered can be wrong here."""
        if form is None:
            return dict(answers)
        clean, errors = form.tidy(answers, today=self.today)
        wrong = {
            path: texts
            for path, texts in errors.items()
            if answers.get(path.split("-")[0]) not in (None, "", [])
        }
        if wrong:
            raise InvalidAnswers(wrong, answers)
        return clean

    @property
    def today(self) -> date:
        """The local day of the trial's clock."""
        return self.now.astimezone(self.calendar.zone).date()

    def _variables(self, form: Form | None, clean: Mapping[str, Any]) -> dict[str, Any]:
        answers = form.variables(clean) if form is not None else clean
        wanted = self.definition.variables
        return {name: value for name, value in answers.items() if name in wanted}

    def _set_columns(self, form: Form | None, clean: Mapping[str, Any]) -> None:
        sets = form.sets if form is not None else {}
        found: dict[str, Any] = {
            column: str(clean[name])
            for column, name in sets.items()
            if column in COLUMNS and clean.get(name) not in (None, "")
        }
        self.context = replace(self.context, **found)

    def _task(self, node: str) -> OpenTask:
        for task in open_tasks(self.definition, self.state):
            if task.node_id == node:
                return task
        raise _cannot(f"“{node}”现在没有打开", f"“{node}” is not open now")

    def _describe(self, task: OpenTask) -> TrialTask:
        opened = self.opened_at.get(task.engine_id, self.now)
        return TrialTask(
            task,
            opened,
            self._deadline(opened, task.sign_limit, task.sign_limit_unit),
            self._deadline(task.limit_from or opened, task.limit, task.limit_unit),
        )

    def _deadline(self, since: datetime, amount: int | None, unit: str) -> datetime | None:
        if amount is None:
            return None
        return deadline(since, Limit(amount, unit or "working_days"), self.calendar)

    def _keep(self, step: Step) -> None:
        self.state, self.context = step.state, replace(step.context, now=self.now)
        self.effects = step.effects
        self.ended, self.end_node = step.ended, step.end_node
        for task in step.opened_tasks:
            self.opened_at[task.engine_id] = self.now
        self._note(step)

    def _note(self, step: Step) -> None:
        """Find the flows that the step took: the engine tells nodes, in the order they ended."""
        self.passed_nodes.update(step.passed_nodes)
        arrived = [task.node_id for task in step.opened_tasks]
        arrived += [timer.node_id for timer in step.timers]
        arrived += [caught.node_id for caught in step.waiting]
        for place, node in enumerate(step.passed_nodes):
            after = [*step.passed_nodes[place + 1 :], *arrived]
            out = {flow.target: flow.id for flow in self.picture.flows.get(node, ())}
            known: Node | None = self.definition.nodes.get(node)
            if known is not None and known.kind == "exclusiveGateway":
                first = next((one for one in after if one in out), None)
                self.taken_flows |= {out[first]} if first is not None else set()
            else:
                self.taken_flows.update(out.values())


def _cannot(zh: str, en: str) -> CannotPlay:
    return CannotPlay(text=Text(f"{zh}。", f"{en[:1].upper()}{en[1:]}."))
