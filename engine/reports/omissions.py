"""What figures leave out before somebody: cases that go round them are counted nowhere they look.

The counters know no reader, so what such cases added to them is worked out again from the cases
themselves, of which there are few, and taken off.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, CaseMark, Event, Task, TaskStay, Unit
from engine.reports.area import Area
from engine.storage import marks, promises
from engine.storage.stays import Stay
from engine.storage.tallies import BOUNCE

ESCALATED, WITHDRAWN = "escalated", "escalation.withdrawn"
MERGERS = {"case.merged": 1, "case.unmerged": -1}
ENDS = {"case.closed": "ended", "case.reopened": "reopened"}
COUNTED_EVENTS = (*ENDS, "task.returned", "message.sent")


class OmittedCount(NamedTuple):
    """What cases added to a measure of a unit, which lies in ``part``; stocks have no day."""

    unit_id: int
    part: int
    process: str
    measure: str
    day: str
    amount: int


@dataclass(frozen=True)
class Omissions:
    """The cases that figures leave out, and all that they counted in the area."""

    case_ids: Sequence[int] = ()
    counts: Sequence[OmittedCount] = ()


NOTHING_OMITTED = Omissions()


def of_actor(db: Session, actor: Actor, area: Area) -> Omissions:
    """Return what goes round an actor; one statement where nothing does, else six more."""
    cases = db.scalars(select(Case).where(policy.around(actor)).order_by(Case.id)).all()
    if not cases:
        return NOTHING_OMITTED
    sums: dict[tuple[int, str, str, str], int] = defaultdict(int)
    for unit_id, process, measure, day, amount in _counted(db, cases):
        sums[unit_id, process, measure, day] += amount
    ids = sorted({key[0] for key in sums})
    inside = select(Unit.id, area.part()).where(Unit.id.in_(ids), area.holds(Unit))
    parts = {row[0]: row[1] for row in db.execute(inside)}
    counts = [
        OmittedCount(unit_id, parts[unit_id], process, measure, day, amount)
        for (unit_id, process, measure, day), amount in sums.items()
        if unit_id in parts and amount
    ]
    return Omissions([case.id for case in cases], counts)


def _counted(db: Session, cases: Sequence[Case]) -> Iterator[tuple[int, str, str, str, int]]:
    zone = ZoneInfo(settings.current().timezone)
    by_id = {case.id: case for case in cases}
    for case in cases:
        for measure, at, amount in _of_case(case):
            yield case.unit_id, case.process, measure, _day(at, zone), amount
        if case.closed_at is not None:
            for one in promises.closing_counts(case, case.closed_at, zone):
                yield case.unit_id, case.process, *one
    yield from _marked(db, by_id, zone)
    for task in db.scalars(select(Task).where(Task.case_id.in_(by_id))):
        process = by_id[task.case_id].process
        if task.done_at is None:
            waits = "waiting" if task.assignee_id is None else "handling"
            yield task.unit_id, process, waits, "", 1
        if task.came_at is not None:
            for one in Stay.of_task(task).counts(zone):
                yield task.unit_id, process, *one
    for row in db.scalars(select(TaskStay).where(TaskStay.case_id.in_(by_id))):
        for one in Stay.of_row(row).counts(zone):
            yield row.unit_id, by_id[row.case_id].process, *one
    for case_id, unit_id, at, amount in _escalated(db, by_id):
        yield unit_id, by_id[case_id].process, ESCALATED, _day(at, zone), amount
    merged = select(Event.case_id, Event.kind).where(
        Event.case_id.in_(by_id), Event.kind.in_(MERGERS)
    )
    for case_id, kind in db.execute(merged):
        case = by_id[case_id]
        yield case.unit_id, case.process, "merged", _day(case.opened_at, zone), MERGERS[kind]


def _of_case(case: Case) -> Iterator[tuple[str, datetime | None, int]]:
    yield "opened", case.opened_at, 1
    at = case.closed_at
    if at is None:
        yield "open", None, 1
        return
    yield "closed", at, 1


def _marked(db: Session, cases: Any, zone: ZoneInfo) -> Iterator[tuple[int, str, str, str, int]]:
    """Yield what answers and ends of the cases count."""
    mine = select(CaseMark).where(CaseMark.case_id.in_(cases), CaseMark.current)
    found: dict[int, dict[str, CaseMark]] = defaultdict(dict)
    for mark in db.scalars(mine):
        found[mark.case_id][mark.kind] = mark
    for case_id, current in found.items():
        case = cases[case_id]
        for measure, at in marks.counts(current):
            yield case.unit_id, case.process, measure, _day(at, zone), 1
    events = (
        select(Event.case_id, Event.kind, Event.at, Event.data, Task.unit_id)
        .outerjoin(Task, and_(Task.id == Event.task_id, Task.case_id == Event.case_id))
        .where(Event.case_id.in_(cases), Event.kind.in_(COUNTED_EVENTS))
    )
    for case_id, kind, at, data, unit_id in db.execute(events):
        case, day = cases[case_id], _day(at, zone)
        if kind in ENDS:
            yield case.unit_id, case.process, ENDS[kind], day, 1
        else:
            where, told = unit_id, json.loads(data)
            if kind == "message.sent":
                where = told.get("unit") if told.get("message") == BOUNCE else None
            if where is not None:
                yield int(where), case.process, "returned", day, 1


def _escalated(db: Session, case_ids: Any) -> Iterator[tuple[int, int, datetime, int]]:
    events = select(Event.case_id, Event.kind, Event.at, Event.data).where(
        Event.case_id.in_(case_ids), Event.kind.in_((ESCALATED, WITHDRAWN))
    )
    for case_id, kind, at, data in db.execute(events):
        told = json.loads(data)
        if kind == ESCALATED:
            yield case_id, int(told["unit"]), at, 1
        else:
            for one in told["units"]:
                yield case_id, int(one["unit"]), datetime.fromisoformat(one["at"]), -1


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).date().isoformat()
