"""A process as its cases go through it: how many stand where, how long it takes, which ways.

From figures of steps that are counted as it happens; only what is late now is looked at. Times are
natural, estimated within buckets, so medians and ninetieth percentiles are about right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from engine.models import Case, CaseWay, StepDelta, StepFigure, Task, Unit, Way
from engine.models.steps import BACK, FLOW, GONE, HERE, STEP, WAY
from engine.reports.area import Area
from engine.reports.figures import Rate
from engine.reports.omissions import NOTHING_OMITTED, Omissions
from engine.reports.period import Period
from engine.storage import step_counts
from engine.storage.step_counts import BOUNDS, BUCKETS, LONGEST, SUMS, StepCount

WAYS_SHOWN = 10
NINE_IN_TEN, OVER = 90.0, 1.01
Found = dict[tuple[str, str], dict[str, int]]


@dataclass(frozen=True)
class StepLine:
    """What was counted of one step, flow or way in a period; times are in minutes."""

    counts: Mapping[str, int] = field(default_factory=dict)
    # Tasks that stand there now, of them late; tasks that ended otherwise than by being done.
    here: int = 0
    late_now: int = 0
    gone: int = 0

    @property
    def amount(self) -> int:
        """How many were completed."""
        return self.counts.get("amount", 0)

    @property
    def median(self) -> float | None:
        """Half took longer."""
        return quantile(self.counts, 0.5)

    @property
    def p90(self) -> float | None:
        """One in ten took longer."""
        return quantile(self.counts, 0.9)

    @property
    def mean(self) -> float | None:
        """The average, exact."""
        return self.counts["minutes"] / self.amount if self.amount else None

    @property
    def allowance(self) -> float | None:
        """What the limits allowed on average, in natural time."""
        dated = self.counts.get("dated", 0)
        return self.counts["allowed"] / dated if dated > 0 else None

    @property
    def in_time(self) -> Rate:
        """Completed in time of those completed with a limit."""
        limited = self.counts.get("limited", 0)
        return Rate(limited - self.counts.get("late", 0), limited)

    @property
    def share(self) -> float | None:
        """The ninetieth percentile as a share of what was allowed; None without a limit.

        Limits differ from task to task: whether nine in ten were in time is known exactly, and
        decides on which side of the limit it lies.
        """
        p90, allowed, in_time = self.p90, self.allowance, self.in_time.percent
        if p90 is None or not allowed or in_time is None:
            return None
        return min(p90 / allowed, 1.0) if in_time >= NINE_IN_TEN else max(p90 / allowed, OVER)


@dataclass(frozen=True)
class WayLine:
    """One way that closed cases went, how many did, and what it took them."""

    key: str
    steps: Sequence[str]
    end: str
    line: StepLine


@dataclass(frozen=True)
class ProcessView:
    """Figures of steps by node, of flows by id, of steps sent back by both ends, and of ways."""

    steps: Mapping[str, StepLine]
    flows: Mapping[str, int]
    backs: Mapping[tuple[str, str], int]
    ways: Sequence[WayLine]
    closed: int


@dataclass(frozen=True)
class ProcessQuery:
    """Of which process, where, when, and of which version or all."""

    process: str
    area: Area
    period: Period
    version_id: int | None = None

    @property
    def before(self) -> ProcessQuery:
        """The same of as many days before."""
        days = self.period.last - self.period.first + timedelta(days=1)
        earlier = Period(self.period.first - days, self.period.last - days)
        return ProcessQuery(self.process, self.area, earlier, self.version_id)


def busiest(db: Session, area: Area) -> str:
    """Return the process with the most open tasks in an area; empty where nothing is open."""
    tasks = (
        select(Case.process)
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Task.done_at.is_(None), area.holds(Unit))
        .group_by(Case.process)
        .order_by(func.count().desc(), Case.process)
    )
    return db.scalars(tasks.limit(1)).first() or ""


def view(
    db: Session, asked: ProcessQuery, now: datetime, *, without: Omissions = NOTHING_OMITTED
) -> ProcessView:
    """Return a process's figures; four statements, three more where something is left out."""
    found = steps_of(db, asked, without=without)
    late = _late_now(db, asked, now, without)
    here, gone = _amounts(found, HERE), _amounts(found, GONE)
    done = {element: counts for (kind, element), counts in found.items() if kind == STEP}
    nodes = dict.fromkeys((*done, *here, *gone, *late))
    steps = {
        node: StepLine(done.get(node, {}), here.get(node, 0), late.get(node, 0), gone.get(node, 0))
        for node in nodes
    }
    backs = {_pair(element): many for element, many in _amounts(found, BACK).items()}
    ways = {element: counts for (kind, element), counts in found.items() if kind == WAY}
    closed = sum(counts["amount"] for counts in ways.values())
    return ProcessView(steps, _amounts(found, FLOW), backs, _ways(db, ways), closed)


def steps_of(db: Session, asked: ProcessQuery, *, without: Omissions = NOTHING_OMITTED) -> Found:
    """Return sums by kind and element, folded and unfolded together; without what is nought."""
    found: Found = {}
    for row in db.execute(_folded(asked)):
        _add(found, row.kind, row.element, {name: int(getattr(row, name)) for name in SUMS})
    for row in db.execute(_unfolded(asked)):
        _add(found, row.kind, row.element, _one(row, 1))
    for one in _omitted(db, asked, without):
        _add(found, one.kind, one.element, _one(one, -1))
    return {key: counts for key, counts in found.items() if counts["amount"] > 0}


def quantile(counts: Mapping[str, int], share: float) -> float | None:
    """Return under how many minutes that share of a histogram lies; None of nothing."""
    many = [max(counts.get(name, 0), 0) for name in BUCKETS]
    left = share * sum(many)
    low = 0.0
    for count, top in zip(many, (*BOUNDS, LONGEST), strict=True):
        if count and left <= count:
            return low + (top - low) * left / count
        left, low = left - count, float(top)
    return None


def spans_of(period: Period) -> list[str]:
    """Return the months and single days that make up a period."""
    found: list[str] = []
    day = period.first
    while day <= period.last:
        after = _next_month(day)
        if day.day == 1 and after - timedelta(days=1) <= period.last:
            found.append(day.isoformat()[:7])
            day = after
        else:
            found.append(day.isoformat())
            day += timedelta(days=1)
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _folded(asked: ProcessQuery) -> Any:
    sums = [func.sum(getattr(StepFigure, name)).label(name) for name in SUMS]
    return (
        select(StepFigure.kind, StepFigure.element, *sums)
        .join(Unit, Unit.id == StepFigure.unit_id)
        .where(
            StepFigure.process == asked.process,
            StepFigure.span.in_(["", *spans_of(asked.period)]),
            _of_version(asked, StepFigure.version_id),
            asked.area.holds(Unit),
        )
        .group_by(StepFigure.kind, StepFigure.element)
    )


def _unfolded(asked: ProcessQuery) -> Any:
    first, last = asked.period.first.isoformat(), asked.period.last.isoformat()
    return (
        select(StepDelta.__table__)
        .join(Unit, Unit.id == StepDelta.unit_id)
        .where(
            StepDelta.process == asked.process,
            or_(StepDelta.day == "", StepDelta.day.between(first, last)),
            _of_version(asked, StepDelta.version_id),
            asked.area.holds(Unit),
        )
    )


def _of_version(asked: ProcessQuery, column: Any) -> ColumnElement[bool]:
    return true() if asked.version_id is None else column == asked.version_id


def _one(row: Any, sign: int) -> dict[str, int]:
    counts = dict.fromkeys(SUMS, 0)
    for name, many in step_counts.summands(row):
        counts[name] += many * sign
    return counts


def _add(found: Found, kind: str, element: str, counts: Mapping[str, int]) -> None:
    sums = found.setdefault((kind, element), dict.fromkeys(SUMS, 0))
    for name, many in counts.items():
        sums[name] += many


def _omitted(db: Session, asked: ProcessQuery, without: Omissions) -> Iterator[StepCount]:
    """Yield what cases counted that are left out; on flows they left no trace."""
    if not without.case_ids:
        return
    first, last = asked.period.first.isoformat(), asked.period.last.isoformat()
    for one in of_cases(db, without.case_ids, asked):
        if not one.day or first <= one.day <= last:
            yield one


def of_cases(db: Session, case_ids: Iterable[int], asked: ProcessQuery) -> Iterator[StepCount]:
    """Yield what cases of a process count in an area, from their rows."""
    zone = step_counts.zone()
    mine = (Case.id.in_(case_ids), Case.process == asked.process)
    here = (*mine, _of_version(asked, Case.version_id), asked.area.holds(Unit))
    tasks = (
        select(Task)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == Task.unit_id)
        .where(*here, Task.came_at.is_not(None))
    )
    for task in db.scalars(tasks):
        yield step_counts.of_task(task, zone)
    ways = (
        select(Case, CaseWay.way)
        .join(CaseWay, CaseWay.case_id == Case.id)
        .join(Unit, Unit.id == Case.unit_id)
        .where(*here)
    )
    for case, way in db.execute(ways):
        yield step_counts.of_way(case, way, zone)


def _late_now(
    db: Session, asked: ProcessQuery, now: datetime, without: Omissions
) -> dict[str, int]:
    left = Case.id.not_in(without.case_ids) if without.case_ids else true()
    rows = (
        select(Task.node_id, func.count())
        .join(Unit, Unit.id == Task.unit_id)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .where(
            Task.done_at.is_(None),
            Task.deadline_at <= now,
            Case.process == asked.process,
            _of_version(asked, Case.version_id),
            asked.area.holds(Unit),
            left,
        )
        .group_by(Task.node_id)
    )
    return {node: int(many) for node, many in db.execute(rows)}


def _amounts(found: Found, kind: str) -> dict[str, int]:
    return {element: counts["amount"] for (of, element), counts in found.items() if of == kind}


def _pair(element: str) -> tuple[str, str]:
    source, _, target = element.partition(">")
    return source, target


def _ways(db: Session, found: Mapping[str, Mapping[str, int]]) -> list[WayLine]:
    """Return the commonest ways, the commonest first."""
    keys = sorted(found, key=lambda key: (-found[key]["amount"], key))[:WAYS_SHOWN]
    rows = {row.key: row for row in db.scalars(select(Way).where(Way.key.in_(keys)))}
    return [
        WayLine(key, rows[key].steps, rows[key].end, StepLine(found[key]))
        for key in keys
        if key in rows
    ]
