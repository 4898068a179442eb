"""Figures of an area by part and process, from the counters; only what is late now is looked at.

A rate is said with its two numbers. What a unit had to close is what was open when the period
began and what was opened in it, and what is late and open stands beside what was done in time,
so that nobody gains by hiding cases or by leaving them undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, true, union_all
from sqlalchemy.orm import Session

from engine.models import Case, Tally, TallyDelta, Task, Unit
from engine.reports import promises, stays
from engine.reports.area import Area, parts_of
from engine.reports.omissions import NOTHING_OMITTED, Omissions
from engine.reports.period import Period
from engine.reports.stays import PeriodMoments
from engine.storage.tallies import STOCKS

LATE, SOON = "late", "soon"
SHOWN_BY_DAY = ("opened", "closed", "escalated")
MINUTE = 60
# How what is counted by day leads from what there is now to what there was.
SINCE_BEGIN = {"open": 1, "opened": -1, "closed": 1}
SINCE_END: Mapping[str, Mapping[str, int]] = {
    "there": {"waiting": 1, "handling": 1, "came": -1, "done": 1, "gone": 1},
    "late_there": {"late_from": -1, "late_until": 1},
    "unsigned_there": {"sign_late_from": -1, "sign_late_until": 1},
    "answer_late_there": {"answer_late_from": -1, "answer_late_until": 1},
}
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
        if measure == "matters":
            # Several applicants, one matter: what was merged is no matter of its own.
            return self["opened"] - self["merged"]
        return self.counts.get(measure, 0)

    @property
    def to_close(self) -> int:
        """Cases that were open when the period began, or were opened in it."""
        return self["open_before"] + self["opened"]

    @property
    def handling(self) -> Rate:
        """办结率: closed of what had to be closed."""
        return Rate(self["closed"], self.to_close)

    @property
    def steps_done(self) -> Rate:
        """Tasks done, of those done and those that were still there when the period ended."""
        return Rate(self["done"], self["done"] + self["there"])

    @property
    def steps_in_time(self) -> Rate:
        """Tasks that ended in time, of those that ended with a limit or are late and open."""
        return Rate(self["done_in_time"], self["done_limited"] + self["late_there"])

    @property
    def signed_in_time(self) -> Rate:
        """Signings in time, of all signings and those that are overdue."""
        return Rate(self["sign_in_time"], self["sign_limited"] + self["unsigned_there"])

    def share(self, name: str) -> Rate:
        """Return one of ``SHARES``."""
        part, whole = SHARES[name]
        return Rate(self[part], self[whole])

    @property
    def answers_in_time(self) -> Rate:
        """Cases answered within the citizen's clock, of those closed that had one or that were
        open when it had passed.
        """
        return Rate(self["closed_in_time"], self["closed_limited"] + self["answer_late_there"])


# Of answers, of returns and of reopenings: what is shared by what.
SHARES = {
    "satisfaction": ("satisfied", "rated"),
    "solution": ("solved", "solve_asked"),
    "contact": ("contact_in_time", "contact_due"),
    "settlement": ("settled", "mediated"),
    "returns": ("returned", "came"),
    "reopenings": ("reopened", "ended"),
    "answered": ("closed_in_time", "closed_limited"),
}


@dataclass(frozen=True)
class Figures:
    """An area's figures: in all, by part, by process."""

    total: FigureRow
    parts: tuple[FigureRow, ...]
    processes: tuple[FigureRow, ...]


def figures(
    db: Session,
    area: Area,
    period: Period,
    now: datetime,
    process: str = "",
    *,
    without: Omissions = NOTHING_OMITTED,
) -> Figures:
    """Return the figures of an area in a period, of one process or all; what there is, is as of
    ``now``.

    Five statements. ``without`` is what they leave out.
    """
    found: dict[tuple[int, str], dict[str, int]] = {}
    for part, key, measure, amount in _counters(db, area, period, process, without):
        _add(found, part, key, {measure: int(amount)})
    left = Case.id.not_in(without.case_ids) if without.case_ids else true()
    for part, key, late, soon in db.execute(_lamps(area, now, process).where(left)):
        _add(found, part, key, {LATE: int(late), SOON: int(soon)})
    open_late = stays.open_late(db, area, PeriodMoments.of(period, now), process).where(left)
    for part, key, late, late_for, unsigned, waited in db.execute(open_late):
        there = {"late_there": late, "unsigned_there": unsigned}
        hours = {"late_minutes": late_for // MINUTE, "sign_late_minutes": waited // MINUTE}
        _add(found, part, key, {name: int(many) for name, many in {**there, **hours}.items()})
    for part, key, many in db.execute(promises.open_late(area, period, now, process).where(left)):
        _add(found, part, key, {"answer_late_there": int(many)})
    if without.case_ids:
        # A line of noughts would tell that there was something.
        found = {key: counts for key, counts in found.items() if any(counts.values())}
    units = parts_of(db, area, {part for part, _process in found})
    return Figures(
        FigureRow(_sum(found.values())),
        tuple(_line(found, unit) for unit in _ordered(area, units.values())),
        tuple(
            FigureRow(_sum(value for key, value in found.items() if key[1] == one), process=one)
            for one in sorted({process for _part, process in found})
        ),
    )


def _add(
    found: dict[tuple[int, str], dict[str, int]], part: int, process: str, counts: Counts
) -> None:
    sums = found.setdefault((part, process), {})
    for measure, amount in counts.items():
        sums[measure] = sums.get(measure, 0) + amount


def trend(
    db: Session,
    area: Area,
    period: Period,
    process: str = "",
    *,
    without: Omissions = NOTHING_OMITTED,
) -> dict[str, dict[str, int]]:
    """Opened, closed and escalated a day, by day and measure; one statement."""
    first, last = period.first.isoformat(), period.last.isoformat()
    counters = counters_where(
        lambda table: and_(table.day.between(first, last), table.measure.in_(SHOWN_BY_DAY))
    )
    rows = db.execute(
        select(counters.c.day, counters.c.measure, func.sum(counters.c.amount))
        .join(Unit, Unit.id == counters.c.unit_id)
        .where(area.holds(Unit), _of(counters.c.process, process))
        .group_by(counters.c.day, counters.c.measure)
    )
    days: dict[str, dict[str, int]] = {day.isoformat(): {} for day in period.days}
    for day, measure, amount in rows:
        days[day][measure] = int(amount)
    for one in without.counts:
        if one.measure in SHOWN_BY_DAY and one.day in days and process in ("", one.process):
            days[one.day][one.measure] = days[one.day].get(one.measure, 0) - one.amount
    return days


def _counters(
    db: Session, area: Area, period: Period, process: str, without: Omissions
) -> Iterable[Any]:
    """Yield sums by part, process and measure; stocks as they are, and as they were at either
    end.
    """
    first, last = period.first.isoformat(), period.last.isoformat()
    counters = counters_where(lambda table: or_(table.day == "", table.day >= first))
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
        .where(area.holds(Unit), _of(counters.c.process, process))
        .group_by("part", counters.c.process, counters.c.measure)
    )
    for part, key, measure, within_period, to_now in (
        *rows,
        *_taken_off(without, period, process),
    ):
        yield part, key, measure, to_now if measure in STOCKS else within_period
        # Open when the period began: open now, without what was opened since, with what was closed.
        if measure in SINCE_BEGIN:
            yield part, key, "open_before", SINCE_BEGIN[measure] * to_now
        # There when it ended: there now, or in what was counted later as late before.
        for name, signs in SINCE_END.items():
            if measure in signs:
                later = to_now if measure in STOCKS else to_now - within_period
                yield part, key, name, signs[measure] * later


def _taken_off(without: Omissions, period: Period, process: str) -> Iterable[Any]:
    """Yield what is left out as rows of counters that take it off."""
    first, last = period.first.isoformat(), period.last.isoformat()
    for one in without.counts:
        if process in ("", one.process) and (not one.day or one.day >= first):
            within = one.amount if one.day <= last else 0
            yield one.part, one.process, one.measure, -within, -one.amount


def _of(column: Any, process: str) -> Any:
    return column == process if process else true()


def counters_where(condition: Callable[[type[Tally] | type[TallyDelta]], Any]) -> Any:
    """Return folded counters and those not yet folded, as one table."""
    return union_all(
        *(
            select(table.unit_id, table.process, table.measure, table.day, table.amount).where(
                condition(table)
            )
            for table in (Tally, TallyDelta)
        )
    ).subquery()


def _lamps(area: Area, now: datetime, process: str) -> Select[Any]:
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
            _of(Case.process, process),
        )
        .group_by("part", Case.process)
    )


def _line(found: Mapping[tuple[int, str], Counts], unit: Unit) -> FigureRow:
    return FigureRow(_sum(counts for key, counts in found.items() if key[0] == unit.id), unit)


def _ordered(area: Area, units: Iterable[Unit]) -> list[Unit]:
    """Return the parts below in the order of their codes, then units of the area's own level."""
    level = (area.below or "").removeprefix("at_")
    return sorted(units, key=lambda unit: (unit.level != level, unit.code))


def _sum(counts: Iterable[Counts]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for measure, amount in one.items():
            total[measure] = total.get(measure, 0) + amount
    return total
