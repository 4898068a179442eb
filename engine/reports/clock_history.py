"""Why every deadline of a case is what it is, and why it did or did not escalate. Reads only.

For each clock: what it runs by, and each rung that the table gives it with its outcome,
a rung that never fired with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from engine.bpmn.nodes import Node
from engine.casework.clockwork import works_in_force
from engine.definitions.escalation_table import BadTable, Rung
from engine.models import Due, Event, Extension, Pause, Task
from engine.reading.casefile import CaseFile
from engine.timing import clocks, ladders, promises
from engine.timing.clocks import CITIZEN, HANDLE, SIGN, DeadlineContext
from engine.timing.used_time import CarriedTime, ClockRun
from engine.worktime import Calendar, Limit

FIRED, MOOT, WAITING, NEVER = "fired", "moot", "waiting", "never"
# Somebody had the task in hand from then on.
SIGNING = ("task.signed", "task.assigned", "task.transferred")
KINDS = ("escalated", "clock.recounted", *SIGNING)
# A case that goes round and round: so many ended tasks are shown at once, the latest first.
PAGE_SIZE = 30


@dataclass(frozen=True)
class RungRecord:
    """A rung: which row gave it, when it fired or would fire, and its outcome.

    ``why`` is for a rung that did nothing: done, signed, paused, closed, moved or cancelled.
    """

    rule: int
    table: int
    act: str
    role: str
    levels_up: int
    at: datetime
    fate: str
    why: str = ""
    # Which of the rounds after the ladder's last row this is; none for a row of the ladder.
    again: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clock:
    """One clock: from when, by which limit and calendar, until when, with its ladder."""

    kind: str
    start: datetime | None
    due: datetime | None
    limit: Limit | None
    by: Mapping[str, Any]
    calendar: Calendar
    calendar_key: str
    inputs: Mapping[str, str | None]
    table: int
    rows: int
    # The rows of the table that fit.
    rules: tuple[int, ...] = ()
    steps: tuple[RungRecord, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    recalculations: tuple[Mapping[str, Any], ...] = ()
    ended_at: datetime | None = None
    floored: bool = False
    # Answers that did not hold: given when, withdrawn when, and what was left of the clock.
    answers: tuple[Mapping[str, datetime | None], ...] = ()
    # What the unit had used of it when it came back.
    before: ClockRun | None = None

    @property
    def spans(self) -> list[tuple[datetime, datetime]]:
        """The pauses that are over, and the times between an answer and its reopening."""
        stood = [(one.from_at, one.until_at) for one in self.pauses]
        stood += [(one["given"], one["until"]) for one in self.answers]  # type: ignore[misc]
        return [(begins, ends) for begins, ends in stood if ends is not None]


@dataclass(frozen=True)
class ClockGroup:
    """The clocks of one task, or of the whole case."""

    task: Task | None
    clocks: tuple[Clock, ...]


@dataclass(frozen=True)
class _Book:
    """What was read of a case, to be told clock by clock."""

    file: CaseFile
    works: DeadlineContext
    events: Sequence[tuple[str, datetime, int | None, Mapping[str, Any]]]
    due: Sequence[Due]
    pauses: Sequence[Pause]
    extensions: Mapping[int, Extension]


@dataclass(frozen=True)
class ClockPage:
    """Clocks of a case; ``before`` is the id from which older ended tasks go on, None at the
    end.
    """

    groups: tuple[ClockGroup, ...]
    before: int | None = None


def of_case(db: Session, file: CaseFile, now: datetime, *, before: int | None = None) -> ClockPage:
    """Return the citizen's clock, those of the open tasks, then those of ended ones, newest first.

    With ``before`` only ended tasks that are older than that one. Six or seven statements.
    """
    case = file.case
    ended = _tasks(db, file, Task.done_at.is_not(None), before=before, most=PAGE_SIZE + 1)
    tasks = ended[:PAGE_SIZE]
    if before is None:
        tasks = [*_tasks(db, file, Task.done_at.is_(None)), *tasks]
    events = _events(db, file, [task.id for task in tasks])
    book = _Book(
        file, works_in_force(db, now), events, _due(db, file), *_pauses_and_extensions(db, file)
    )
    first = case.due_at is not None and before is None
    found = [ClockGroup(None, (_citizen(book),))] if first else []
    for task in tasks:
        node = file.version.node(task.node_id)
        told = tuple(one for one in (_signing(book, task, node), _handling(book, task)) if one)
        found.append(ClockGroup(task, told))
    more = tasks[-1].id if len(ended) > PAGE_SIZE else None
    return ClockPage(tuple(chapter for chapter in found if chapter.clocks), more)


def _tasks(
    db: Session,
    file: CaseFile,
    state: ColumnElement[bool],
    *,
    before: int | None = None,
    most: int | None = None,
) -> list[Task]:
    mine = [Task.case_id == file.case.id, Task.county_id == file.case.county_id, state]
    if before is not None:
        mine.append(Task.id < before)
    newest = select(Task).where(*mine).options(joinedload(Task.unit), joinedload(Task.assignee))
    return list(db.scalars(newest.order_by(Task.id.desc()).limit(most)))


def _events(
    db: Session, file: CaseFile, task_ids: Sequence[int]
) -> list[tuple[str, datetime, int | None, Mapping[str, Any]]]:
    rows = db.execute(
        select(Event.kind, Event.at, Event.task_id, Event.data)
        .where(
            Event.case_id == file.case.id,
            Event.county_id == file.case.county_id,
            Event.kind.in_(KINDS),
            or_(Event.task_id.is_(None), Event.task_id.in_(task_ids)),
        )
        .order_by(Event.seq)
    )
    return [(kind, at, task_id, json.loads(data)) for kind, at, task_id, data in rows]


def _due(db: Session, file: CaseFile) -> list[Due]:
    of_case = (Due.case_id == file.case.id, Due.county_id == file.case.county_id)
    return list(db.scalars(select(Due).where(*of_case, Due.kind == "rung").order_by(Due.fire_at)))


def _pauses_and_extensions(db: Session, file: CaseFile) -> tuple[list[Pause], dict[int, Extension]]:
    case = file.case
    pauses = select(Pause).where(Pause.case_id == case.id, Pause.county_id == case.county_id)
    asked = select(Extension).where(
        Extension.case_id == case.id, Extension.county_id == case.county_id
    )
    return (
        list(db.scalars(pauses.order_by(Pause.from_at))),
        {one.task_id: one for one in db.scalars(asked)},
    )


def _citizen(book: _Book) -> Clock:
    case, info = book.file.case, book.file.version.definition.process
    limit = promises.limit_of(case, info)
    by = {"source": "given"} if case.due_given else {"source": "process"}
    if case.promise and not case.due_given:
        by = {"source": "triage", **(case.limit_by or {})}
    ended = case.answered_at or case.closed_at
    told = _clock(book, None, CITIZEN, case.opened_at, case.due_at, limit, by, ended)
    names = ("given", "until", "left", "least", "to")
    answers = [{name: _moment(one, name) for name in names} for one in case.answers or ()]
    return replace(told, answers=tuple(answers))


def _signing(book: _Book, task: Task, node: Node | None) -> Clock | None:
    if task.sign_due_at is None:
        return None
    limit = book.works.sign_limit(task.case, task, node)
    ended = task.signed_at or task.done_at
    by = {"source": "task"}
    return _clock(book, task, SIGN, clocks.came_at(task), task.sign_due_at, limit, by, ended)


def _handling(book: _Book, task: Task) -> Clock | None:
    if task.limit_amount is None:
        return None
    limit = Limit(task.limit_amount, task.limit_unit or "working_days")
    by = task.limit_by or {"source": task.limit_source}
    return _clock(book, task, HANDLE, task.started_at, task.due_at, limit, by, task.done_at)


def _clock(
    book: _Book,
    task: Task | None,
    kind: str,
    start: datetime | None,
    due: datetime | None,
    limit: Limit | None,
    by: Mapping[str, Any],
    ended: datetime | None,
) -> Clock:
    works, case = book.works, book.file.case
    almanac = works.almanac
    key = almanac.key_of(task.unit_id, task) if task is not None else "office"
    table = works.table(task if task is not None else case)
    handles = task is not None and kind == HANDLE
    return Clock(
        kind,
        start,
        due,
        limit,
        by,
        almanac.calendars[key],
        key,
        ladders.inputs(case, task, kind),
        table.number,
        len(table.decision.table.rules) if table.decision.table is not None else 0,
        tuple(sorted({rung.rule for rung in _ladder(book, task, kind)})),
        tuple(_steps(book, task, kind, due, almanac.calendars[key])),
        tuple(one for one in book.pauses if handles and task and one.task_id == task.id),
        book.extensions.get(task.id) if handles and task else None,
        tuple(_recalculations(book, task, kind)),
        ended,
        handles and task is not None and task.floor_at is not None and task.floor_at == due,
        before=_before(task, kind),
    )


def _before(task: Task | None, kind: str) -> ClockRun | None:
    kept = CarriedTime.of_data(task.carried if task is not None else None)
    return {SIGN: kept.sign, HANDLE: kept.handle}.get(kind)


def _recalculations(book: _Book, task: Task | None, kind: str) -> list[Mapping[str, Any]]:
    """Return when it was recalculated, from which end to which."""
    before, after = ("sign_before", "sign_due") if kind == SIGN else ("before", "due")
    return [
        {"at": at, "reason": data.get("reason"), "before": _moment(data, before), "due": end}
        for event, at, task_id, data in book.events
        if event == "clock.recounted" and task_id == (task.id if task else None)
        if (end := _moment(data, after)) is not None and end != _moment(data, before)
    ]


def _moment(data: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if data.get(name) else None


def _steps(
    book: _Book, task: Task | None, kind: str, due: datetime | None, calendar: Calendar
) -> list[RungRecord]:
    """Return what fired, what will, and what the table gives and never fired, in the order of
    time.
    """
    task_id = task.id if task is not None else None
    fired = [
        (data, at)
        for event, at, of_task, data in book.events
        if event == "escalated" and of_task == task_id and data.get("clock") == kind
    ]
    waiting = [row for row in book.due if row.task_id == task_id and row.data.get("clock") == kind]
    known = {_mark(data["rung"]) for data, _at in fired} | {_mark(one.mark) for one in waiting}
    found = [_rang(data, at) for data, at in fired] + [_waits(one) for one in waiting]
    for rung in _ladder(book, task, kind):
        if rung.mark not in known and due is not None:
            at = ladders.rings_at(due, rung, calendar)
            found.append(_never(rung, at, _reason(book, task, kind)))
    return sorted(found, key=lambda one: one.at)


def _ladder(book: _Book, task: Task | None, kind: str) -> tuple[Rung, ...]:
    try:
        return ladders.ladder(book.file.case, task, kind, book.works)
    except BadTable:
        return ()


def _mark(mark: str) -> str:
    return mark.partition("~")[0].partition(":")[2]


def _rang(data: Mapping[str, Any], at: datetime) -> RungRecord:
    moot = str(data.get("moot") or "")
    return RungRecord(
        int(data["rule"]),
        int(data["table"]),
        str(data["act"]),
        str(data["role"]),
        int(data["levels_up"]),
        at,
        MOOT if moot else FIRED,
        moot,
        int(data.get("again", 0)),
        data,
    )


def _waits(row: Due) -> RungRecord:
    data = row.data
    return RungRecord(
        int(data["rule"]),
        int(data["number"]),
        str(data["act"]),
        str(data["role"]),
        int(data["levels_up"]),
        row.fire_at,
        WAITING,
        again=int(data.get("again", 0)),
    )


def _never(rung: Rung, at: datetime, why: str) -> RungRecord:
    return RungRecord(
        rung.rule, rung.table_number, rung.act, rung.role, rung.levels_up, at, NEVER, why
    )


def _reason(book: _Book, task: Task | None, kind: str) -> str:
    """Return why a rung that the table gives will not fire."""
    if task is not None and kind == SIGN and _was_signed(book, task):
        return "signed"
    if task is not None and task.done_at is not None:
        return "done"
    if book.file.case.closed_at is not None:
        return "closed"
    if task is not None and task.paused_at is not None:
        return "paused"
    return "struck" if _recalculations(book, task, kind) else "still"


def _was_signed(book: _Book, task: Task) -> bool:
    """Return whether somebody ever signed for it, though it waits again: the ladder of signing
    ended.
    """
    hands = (
        event in SIGNING and (event == "task.signed" or data.get("to_person") is not None)
        for event, _at, task_id, data in book.events
        if task_id == task.id
    )
    return bool(task.signed_at or task.assignee_id) or any(hands)
