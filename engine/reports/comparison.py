"""The figures of a period beside those of the period before and of the same days a year before.

What happened in a period, from counters alone: what stands at its end is not compared, since it
would have to be counted back from today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.models import Unit
from engine.reports import figures
from engine.reports.area import Area
from engine.reports.figures import FigureRow
from engine.reports.omissions import NOTHING_OMITTED, Omissions
from engine.reports.period import Period

FEW = 10


@dataclass(frozen=True)
class Comparison:
    """What happened in a period, in the one before, and in the same days a year before."""

    now: FigureRow
    before: FigureRow
    year_before: FigureRow


def period_before(period: Period) -> Period:
    """Return as many days before; of a whole month the month before."""
    last = period.first - timedelta(days=1)
    whole = period.first.day == 1 and (period.last + timedelta(days=1)).day == 1
    if whole and period.first.replace(day=1) == period.last.replace(day=1):
        return Period(last.replace(day=1), last)
    return Period(period.first - (period.last - period.first) - timedelta(days=1), last)


def year_before(period: Period) -> Period:
    """Return the same days a year before; 29 February is the 28th there."""
    return Period(_year_before(period.first), _year_before(period.last))


def compare(
    db: Session,
    area: Area,
    period: Period,
    process: str = "",
    *,
    without: Omissions = NOTHING_OMITTED,
) -> Comparison:
    """Return the comparison of an area; one statement."""
    periods = (period, period_before(period), year_before(period))
    rows = _sums(db, area, periods, process)
    for one in without.counts:
        for counts, span in zip(rows, periods, strict=True):
            inside = span.first.isoformat() <= one.day <= span.last.isoformat()
            if one.day and inside and process in ("", one.process):
                counts[one.measure] = counts.get(one.measure, 0) - one.amount
    return Comparison(*(FigureRow(counts) for counts in rows))


def _sums(db: Session, area: Area, periods: Sequence[Period], process: str) -> list[dict[str, int]]:
    spans = [(one.first.isoformat(), one.last.isoformat()) for one in periods]
    counters = figures.counters_where(
        lambda table: or_(*(table.day.between(first, last) for first, last in spans))
    )
    sums = [
        func.coalesce(func.sum(counters.c.amount).filter(counters.c.day.between(first, last)), 0)
        for first, last in spans
    ]
    asked = (
        select(counters.c.measure, *sums)
        .join(Unit, Unit.id == counters.c.unit_id)
        .where(area.holds(Unit))
        .group_by(counters.c.measure)
    )
    if process:
        asked = asked.where(counters.c.process == process)
    found: list[dict[str, int]] = [{} for _one in periods]
    for measure, *amounts in db.execute(asked):
        for counts, amount in zip(found, amounts, strict=True):
            counts[measure] = int(amount)
    return found


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
