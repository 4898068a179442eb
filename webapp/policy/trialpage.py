"""What the trial's page shows: the clock, the open tasks, one form, the way so far, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine import worktime
from engine.bpmn import AwaitedMessage
from engine.bpmn.nodes import Node
from engine.bpmn.trial import Scenario
from engine.drafting import trials
from engine.drafting.trials import PlayedMove, TrialRun, UpcomingEvent, UpcomingTask
from engine.models import ProcessDraft
from engine.notices.catalogue.kinds import KINDS
from engine.terms import lamps
from webapp import display, locales
from webapp.clock_labels import act_for
from webapp.form_pages.posted_forms import FilledForm
from webapp.form_pages.sources import ChoiceSources
from webapp.locales import localize
from webapp.names import node_name

MOMENTS = {
    "sign_warn": _l("将到签收时限"),
    "sign_due": _l("签收时限到（如一直未签收）"),
    "warn": _l("将到期"),
    "due": _l("办理时限到，已超期"),
    "citizen_due": _l("答复时限到"),
}
# What the worker sends when a moment comes.
NOTICES = {
    "sign_warn": "task.soon_due",
    "sign_due": "task.unsigned",
    "warn": "task.soon_due",
    "due": "task.overdue",
}
RUNG_NOTICES = {
    "notify": "case.escalated",
    "supervise": "case.supervised",
    "reassign": "case.reassigned",
    "escalate": "case.escalated",
}
DOES = {
    "answer": _l("办理"),
    "message": _l("按下按钮"),
    "timer": _l("到时"),
    "late": _l("超期升级"),
    "return": _l("退回"),
    "clock": _l("调整时间"),
}
# Where a limit comes from that is not the step's own.
SOURCES = {
    "triage": _l("由分流表确定"),
    "risk": _l("由时限表确定"),
    "emergency": _l("由应急状态缩短"),
}
WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))
SHOWN_MOMENTS = 12


@dataclass(frozen=True)
class TrialPage:
    """A draft on trial, for its template; ``choice`` is what the form on it would do."""

    draft: ProcessDraft
    run: TrialRun
    choice: tuple[str, str]
    form: FilledForm | None
    sources: ChoiceSources
    scenario: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()

    @property
    def way(self) -> str:
        """The way, for the page to carry."""
        return trials.serialize(self.run.way)

    @property
    def marks(self) -> str:
        """What the picture marks, as the viewer reads it."""
        trial = self.run.trial
        marks: dict[str, dict[str, str]] = {}
        for key in (*trial.passed_nodes, *trial.taken_flows):
            marks[key] = {"state": "done"}
        for one in self.run.open:
            marks[one.node.id] = {"state": "current"}
        return json.dumps(marks, ensure_ascii=False)

    @property
    def ahead(self) -> tuple[UpcomingEvent, ...]:
        """The next moments, soonest first."""
        return self.run.moments[:SHOWN_MOMENTS]

    @property
    def buttons(self) -> tuple[AwaitedMessage, ...]:
        """The messages that the diagram takes now."""
        return () if self.run.trial.ended else self.run.trial.messages

    @property
    def returns(self) -> list[Node]:
        """Where the chosen task may be sent back to."""
        nodes = self.run.subject.version.definition.nodes
        do, key = self.choice
        task = nodes.get(key) if do == "answer" else None
        return [nodes[one] for one in task.return_to if one in nodes] if task else []

    def when(self, moment: datetime) -> str:
        """Return a moment as people would say it on the trial's day."""
        calendar = self.run.subject.works.calendar
        return localize(worktime.moment_text(moment, self.run.trial.now, calendar, ending=False))

    def remaining(self, due: datetime) -> str:
        """Return what is left until a deadline by the trial's clock."""
        calendar = self.run.subject.works.calendar
        return localize(worktime.remaining(self.run.trial.now, due, calendar).wording)

    @property
    def clock(self) -> str:
        """The trial's clock with its day, whatever day it really is."""
        day = display.local(self.run.trial.now)
        return f"{day:%Y-%m-%d} {WEEKDAYS[day.weekday()]} {day:%H:%M}"

    @property
    def local(self) -> str:
        """The trial's clock as a field for a moment holds it."""
        return f"{display.local(self.run.trial.now):%Y-%m-%dT%H:%M}"

    def button(self, one: AwaitedMessage) -> str:
        """Return what the button of a message says."""
        node = self.run.subject.version.definition.nodes.get(one.node_id)
        return node_name(node) if node is not None and node.name else one.name

    def limit(self, one: UpcomingTask) -> str:
        """Return the limit of a task, and which rule gave it where it is not the step's own."""
        assert one.limit is not None
        words = localize(worktime.limit_text(one.limit))
        source = SOURCES.get(one.source or "")
        return locales.comma_list([words, str(source)]) if source else words

    def lamp(self, one: UpcomingTask) -> display.Lamp:
        """Return the lamp of an open task by the trial's clock."""
        return display.lamp(lamps.lamp(one.due, one.warn, self.run.trial.now))

    def move(self, done: PlayedMove) -> str:
        """Return what was done."""
        if done.move.do == "clock":
            return str(DOES["clock"])
        name = node_name(done.node) if done.node else done.move.node
        return f"{name} · {DOES[done.move.do]}"

    def moment(self, moment: UpcomingEvent) -> str:
        """Return what happens at a moment."""
        if moment.rung is not None:
            return f"{_subject_of(moment)}{_rung(moment)}"
        if moment.kind == "timer":
            name = node_name(moment.node) if moment.node else ""
            return _("定时：%(name)s", name=name)
        return f"{_subject_of(moment)}{MOMENTS[moment.kind]}"

    def notices(self, done: PlayedMove) -> list[tuple[str, str]]:
        """Return which messages a real case would have sent for a move, and to whom."""
        found = [(_kind("task.opened"), seat(one.desk, one.task.role)) for one in done.tasks]
        found += [_notice_text(one) for one in done.notices if "text" in one.effect.data]
        for moment in done.events:
            found += _recipients(moment, self.run.open)
        return list(dict.fromkeys(found))


def seat(desk: trials.TrialQueue, role: str) -> str:
    """Return a unit's role with who holds it today."""
    words = f"{desk.unit.name} {display.role_name(role)}"
    if not desk.people:
        return _("%(seat)s（岗位空缺，任务在单位待签收）", seat=words)
    return _("%(seat)s（%(people)s）", seat=words, people=locales.comma_list(desk.people))


def ordinary(
    open_tasks: Iterable[UpcomingTask], buttons: Iterable[AwaitedMessage]
) -> tuple[str, str]:
    """Return what one would do next: the task that opened last, else a button."""
    tasks = list(open_tasks)
    if tasks:
        return "answer", tasks[-1].node.id
    button = next(iter(buttons), None)
    return ("message", button.message) if button else ("", "")


def scenario_name(way: Scenario) -> str:
    """Return what a scenario is called in the language of the request."""
    return localize(way.name)


def _subject_of(moment: UpcomingEvent) -> str:
    return f"{node_name(moment.node)} · " if moment.node is not None else ""


def _rung(moment: UpcomingEvent) -> str:
    rung, reached = moment.rung, moment.climb
    assert rung is not None and reached is not None
    who = f"{reached.unit.name} {display.role_name(rung.role)}"
    if reached.holders:
        who = f"{who} {locales.comma_list(one.name for one in reached.holders)}"
    words = act_for(rung.act, who)
    if reached.skips:
        passed = locales.comma_list(one.unit_name for one in reached.skips)
        words = _("%(words)s（跳过%(units)s）", words=words, units=passed)
    return _("%(words)s · 规则 %(rule)s", words=words, rule=rung.rule)


def _notice_text(one: trials.TrialNotice) -> tuple[str, str]:
    data: Any = one.effect.data
    text = str(data.get("text_en") or data["text"]) if locales.english() else str(data["text"])
    if one.desk is None:
        return text, _("登记人，由其告知群众")
    return text, seat(one.desk, str(data["role"]))


def _recipients(
    moment: UpcomingEvent, still_open: tuple[UpcomingTask, ...]
) -> Iterator[tuple[str, str]]:
    if moment.rung is not None and moment.climb is not None:
        for holder in moment.climb.holders:
            unit = moment.climb.unit.name
            yield _kind(RUNG_NOTICES[moment.rung.act]), f"{unit} {holder.name}"
    elif moment.kind in NOTICES and moment.task is not None:
        for one in still_open:
            if one.task.engine_id == moment.task.engine_id:
                yield _kind(NOTICES[moment.kind]), seat(one.desk, one.task.role)


def _kind(key: str) -> str:
    return localize(KINDS[key].name)
