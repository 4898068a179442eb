"""Figures of an area by part and process, from the counters alone; only lamps are looked at.

A rate is said with its two numbers. What a unit had to close is what was open when the period
began and what was opened in it, so that nobody gains by hiding cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from engine.models import Case, Tally, TallyDelta, Task, Unit
from engine.reports.area import Area, parts_of
from engine.reports.period import Period
from engine.storage.tallies import STOCKS

LATE, SOON = "late", "soon"
SHOWN_BY_DAY = ("opened", "closed", "escalated")
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Rate:
    """A share with the two numbers behind it; without a denominator there is no rate."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """In per cent to one place, None of nothing."""
        return round(100 * self.part / self.whole, 1) if self.whole else None


@dataclass(frozen=True)
class FigureRow:
    """The figures of one part of the area, or of one process, or of all."""

    counts: Counts
    unit: Unit | None = None
    process: str = ""

    def __getitem__(self, measure: str) -> int:
        return self.counts.get(measure, 0)

    @property
    def to_close(self) -> int:
        """Cases that were open when the period began, or were opened in it."""
        return self["open_before"] + self["opened"]

    @property
    def handled(self) -> Rate:
        """办结率: closed of what had to be closed."""
        return Rate(self["closed"], self.to_close)

    @property
    def steps_in_time(self) -> Rate:
        """Tasks done in time, of the tasks done that had a limit."""
        return Rate(self["done_in_time"], self["done_limited"])

    @property
    def answers_in_time(self) -> Rate:
        """Cases answered within the citizen's clock, of the cases closed that had one."""
        return Rate(self["closed_in_time"], self["closed_limited"])


@dataclass(frozen=True)
class Figures:
    """An area's figures: in all, by part, by process."""

    total: FigureRow
    parts: tuple[FigureRow, ...]
    processes: tuple[FigureRow, ...]


def figures(db: Session, area: Area, period: Period, now: datetime) -> Figures:
    """The figures of an area in a period; what there is, is as of ``now``. Four statements."""
    found: dict[tuple[int, str], dict[str, int]] = {}
    for part, process, measure, amount in _counters(db, area, period):
        found.setdefault((part, process), {})[measure] = int(amount)
    for part, process, late, soon in db.execute(_lamps(area, now)):
        found.setdefault((part, process), {}).update({LATE: int(late), SOON: int(soon)})
    units = parts_of(db, area, {part for part, _process in found})
    return Figures(
        FigureRow(_sum(found.values())),
        tuple(_line(found, unit) for unit in _ordered(area, units.values())),
        tuple(
            FigureRow(
                _sum(value for key, value in found.items() if key[1] == process), process=process
            )
            for process in sorted({process for _part, process in found})
        ),
    )


def trend(db: Session, area: Area, period: Period) -> dict[str, dict[str, int]]:
    """Opened, closed and escalated a day, by day and measure; one statement."""
    first, last = period.first.isoformat(), period.last.isoformat()
    counters = _both(
        lambda table: and_(table.day.between(first, last), table.measure.in_(SHOWN_BY_DAY))
    )
    rows = db.execute(
        select(counters.c.day, counters.c.measure, func.sum(counters.c.amount))
        .join(Unit, Unit.id == counters.c.unit_id)
        .where(area.holds(Unit))
        .group_by(counters.c.day, counters.c.measure)
    )
    days: dict[str, dict[str, int]] = {day.isoformat(): {} for day in period.days}
    for day, measure, amount in rows:
        days[day][measure] = int(amount)
    return days


def _counters(db: Session, area: Area, period: Period) -> Iterable[Any]:
    """Sums by part, process and measure; stocks as they are, and open cases as they were."""
    first, last = period.first.isoformat(), period.last.isoformat()
    counters = _both(lambda table: or_(table.day == "", table.day >= first))
    within = counters.c.day <= last
    amount = func.sum(counters.c.amount)
    rows = db.execute(
        select(
            area.part().label("part"),
            counters.c.process,
            counters.c.measure,
            func.coalesce(amount.filter(within), 0),
            amount,
        )
        .join(Unit, Unit.id == counters.c.unit_id)
        .where(area.holds(Unit))
        .group_by("part", counters.c.process, counters.c.measure)
    ).all()
    # Open when the period began: open now, without what was opened since, with what was closed.
    before: dict[tuple[int, str], int] = {}
    for part, process, measure, within_period, to_now in rows:
        yield part, process, measure, to_now if measure in STOCKS else within_period
        sign = {"open": 1, "opened": -1, "closed": 1}.get(measure, 0)
        before[part, process] = before.get((part, process), 0) + sign * int(to_now)
    for (part, process), amount_before in before.items():
        yield part, process, "open_before", amount_before


def _both(condition: Callable[[type[Tally] | type[TallyDelta]], Any]) -> Any:
    """Folded counters and those not yet folded, as one table."""
    return union_all(
        *(
            select(table.unit_id, table.process, table.measure, table.day, table.amount).where(
                condition(table)
            )
            for table in (Tally, TallyDelta)
        )
    ).subquery()


def _lamps(area: Area, now: datetime) -> Select[Any]:
    late = func.count().filter(Task.deadline_at <= now)
    soon = func.count().filter(Task.warn_at <= now, Task.deadline_at > now)
    return (
        select(area.part().label("part"), Case.process, late, soon)
        .select_from(Task)
        .join(Unit, Unit.id == Task.unit_id)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .where(
            Task.done_at.is_(None),
            or_(Task.deadline_at <= now, Task.warn_at <= now),
            area.holds(Unit),
        )
        .group_by("part", Case.process)
    )


def _line(found: Mapping[tuple[int, str], Counts], unit: Unit) -> FigureRow:
    return FigureRow(_sum(counts for key, counts in found.items() if key[0] == unit.id), unit)


def _ordered(area: Area, units: Iterable[Unit]) -> list[Unit]:
    """The parts below in the order of their codes, then units of the area's own level."""
    level = (area.below or "").removeprefix("at_")
    return sorted(units, key=lambda unit: (unit.level != level, unit.code))


def _sum(counts: Iterable[Counts]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for measure, amount in one.items():
            total[measure] = total.get(measure, 0) + amount
    return total
