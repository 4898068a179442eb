"""Figures of steps as insert-only deltas: how many stand there, how long it took, which way.

Pure counting: whoever closes a task says so here in the same transaction. Times are natural, from
when a task opened until it was done, whoever had it in between; its unit is the last one.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Case, CaseWay, StepDelta, StepFigure, Task, Way
from engine.models.steps import BACK, FLOW, GONE, HERE, STEP, WAY
from engine.storage import pending_rows, promises
from engine.storage.db import insert_into

MINUTE, DAY = timedelta(minutes=1), 24 * 60
# Upper bounds of the buckets in minutes; beyond the last one is a bucket of its own.
BOUNDS = (
    *(15, 30, 60, 120, 240, 480, 720, DAY),
    *(2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 10 * DAY, 15 * DAY, 30 * DAY),
)
LONGEST = 90 * DAY
BUCKETS = tuple(f"b{number:02}" for number in range(len(BOUNDS) + 1))
SUMS = ("amount", "minutes", "allowed", "dated", "limited", "late", *BUCKETS)
KEY = ("process", "span", "version_id", "unit_id", "kind", "element")
LONGEST_WAY = 60


class StepCount(NamedTuple):
    """So much more of a step's figures in a unit on a local day."""

    unit_id: int
    kind: str
    element: str
    day: str
    amount: int
    minutes: int = 0
    allowed: int = 0
    limited: int = 0
    late: int = 0


def of_task(task: Any, zone: ZoneInfo) -> StepCount:
    """Return what a task counts as it stands; what opened a case never waited anywhere."""
    if task.done_at is None:
        return StepCount(task.unit_id, HERE, task.node_id, "", 1)
    day = task.done_at.astimezone(zone).date().isoformat()
    if task.outcome != "completed":
        return StepCount(task.unit_id, GONE, task.node_id, day, 1)
    took = (task.done_at - task.opened_at) // MINUTE
    if task.limit_amount is None:
        return StepCount(task.unit_id, STEP, task.node_id, day, 1, took)
    if task.due_at is None:
        # Done before anybody had signed for it: it has no deadline yet, and kept it.
        return StepCount(task.unit_id, STEP, task.node_id, day, 1, took, 0, 1)
    allowed = max((task.due_at - task.opened_at) // MINUTE, 0)
    late = int(task.done_at > task.due_at)
    return StepCount(task.unit_id, STEP, task.node_id, day, 1, took, allowed, 1, late)


def of_way(case: Any, way: str, zone: ZoneInfo) -> StepCount:
    """Return what a closed case counts for the way that it went."""
    day = case.closed_at.astimezone(zone).date().isoformat()
    took = (case.closed_at - case.opened_at) // MINUTE
    if case.due_at is None:
        return StepCount(case.unit_id, WAY, way, day, 1, took)
    late = int(promises.missed_at(case, case.closed_at) is not None)
    return StepCount(case.unit_id, WAY, way, day, 1, took, 0, 1, late)


def way_of(tasks: Iterable[Any]) -> tuple[str, ...]:
    """Return the steps that were done, in order; several at once of one step count as one."""
    done = [task for task in tasks if task.outcome == "completed" and task.came_at is not None]
    done.sort(key=lambda task: (task.done_at, task.id))
    steps = [node for node, _same in groupby(task.node_id for task in done)]
    return tuple(steps if len(steps) <= LONGEST_WAY else [*steps[:LONGEST_WAY], "…"])


def way_key(process: str, steps: Sequence[str], end: str) -> str:
    """Return the key of a way, the same wherever and whenever it is gone."""
    return hashlib.sha256("\n".join((process, *steps, end)).encode()).hexdigest()[:32]


def count_task(db: Session, case: Case, task: Task, amount: int) -> None:
    """Count a task as it stands; with -1 it never stood so."""
    if task.came_at is not None:
        add(db, case, of_task(task, zone()), amount)


def count_left(db: Session, case: Case, task: Task, amount: int) -> None:
    """Count the end of a task that stood at a step; with -1 it never ended."""
    if task.came_at is not None:
        add(db, case, StepCount(task.unit_id, HERE, task.node_id, "", 1), -amount)
        add(db, case, of_task(task, zone()), amount)


def count_gone_elsewhere(db: Session, case: Case, task: Task, unit_id: int) -> None:
    """A task less that stands in a unit; its next unit counts it as it comes."""
    add(db, case, StepCount(unit_id, HERE, task.node_id, "", 1), -1)


def count_closed(db: Session, case: Case, tasks: Iterable[Task]) -> None:
    """Count the way that a closed case went, and remember it."""
    steps = way_of(tasks)
    if not steps:
        return
    end = case.outcome or ""
    key = way_key(case.process, steps, end)
    way = Way(key=key, process=case.process, steps=list(steps), end=end)
    pending_rows.add(db, way, once=True)
    pending_rows.add(db, CaseWay(case_id=case.id, county_id=case.county_id, way=key))
    add(db, case, of_way(case, key, zone()), 1)


def uncount_closed(db: Session, case: Case) -> None:
    """Take off the way of a case that is about to be opened again."""
    row = db.get(CaseWay, case.id)
    if row is not None:
        add(db, case, of_way(case, row.way, zone()), -1)
        db.delete(row)
        db.flush()


def count_flows(
    db: Session, case: Case, unit_id: int, flows: Iterable[str], *, at: datetime
) -> None:
    """Count flows that a step took; confidential cases leave no trace on them."""
    _passing(db, case, unit_id, FLOW, flows, at)


def count_back(db: Session, case: Case, task: Task, target: str, *, at: datetime) -> None:
    """A step more that was sent back."""
    _passing(db, case, task.unit_id, BACK, [f"{task.node_id}>{target}"], at)


def _passing(
    db: Session, case: Case, unit_id: int, kind: str, elements: Iterable[str], at: datetime
) -> None:
    day = at.astimezone(zone()).date().isoformat()
    if case.guarded:
        return
    for element in elements:
        add(db, case, StepCount(unit_id, kind, element, day, 1), 1)


def add(db: Session, case: Any, one: StepCount, sign: int) -> None:
    """Write a delta; with a sign of -1 it takes off."""
    pending_rows.add_values(
        db,
        StepDelta,
        county_id=case.county_id,
        process=case.process,
        version_id=case.version_id,
        **{**one._asdict(), "amount": one.amount * sign},
    )


def fold(db: Session, *, batch: int = 5000) -> int:
    """Move the oldest deltas into the figures of their day and month; return how many."""
    deltas = db.scalars(
        select(StepDelta).order_by(StepDelta.id).limit(batch).with_for_update(skip_locked=True)
    ).all()
    sums: dict[tuple[Any, ...], dict[str, int]] = {}
    for row in deltas:
        for span in spans(row.day):
            key = (row.process, span, row.version_id, row.unit_id, row.kind, row.element)
            found = sums.setdefault(key, {"county_id": row.county_id, **dict.fromkeys(SUMS, 0)})
            for name, many in summands(row):
                found[name] += many
    if deltas:
        put_together(db, sums)
        db.execute(delete(StepDelta).where(StepDelta.id.in_([row.id for row in deltas])))
    return len(deltas)


def summands(row: Any) -> Iterator[tuple[str, int]]:
    """Yield what one delta adds, by column."""
    yield "amount", row.amount
    if row.kind in (STEP, WAY):
        for name in ("minutes", "allowed", "limited", "late"):
            yield name, getattr(row, name) * row.amount
        yield "dated", row.amount if row.allowed else 0
        yield BUCKETS[bisect_left(BOUNDS, row.minutes)], row.amount


def spans(day: str) -> tuple[str, ...]:
    """Return the spans that a day is folded into: itself and its month."""
    return (day, day[:7]) if day else ("",)


def put_together(db: Session, sums: Mapping[tuple[Any, ...], Mapping[str, int]]) -> None:
    """Add to many figures at once, each named by its ``KEY``."""
    table = StepFigure.__table__
    statement = insert_into(db, StepFigure)
    db.connection().execute(
        statement.on_conflict_do_update(
            index_elements=list(KEY),
            set_={name: table.c[name] + statement.excluded[name] for name in SUMS},
        ),
        [{**dict(zip(KEY, key, strict=True)), **sums[key]} for key in sorted(sums)],
    )


def zone() -> ZoneInfo:
    """Return the zone of the office."""
    return ZoneInfo(settings.current().timezone)
