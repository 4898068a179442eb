"""Every late hour of every unit and every late answer in the figures, against the chains alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation.staff import LEVELS
from bench.simulation.stay import ReplayedStay
from bench.simulation.used_time import CitizenClock
from engine.models import Unit
from engine.reports import figures
from engine.reports.area import Area
from engine.reports.period import Period, today_of

MINUTE = timedelta(minutes=1)
LATE, UNSIGNED = "late_minutes", "sign_late_minutes"
# Of cases, by the unit that registered them: closed with a limit, answered in time, open and late.
CLOSED, IN_TIME, OPEN_LATE = "closed_limited", "closed_in_time", "answer_late_there"
MEASURES = (LATE, UNSIGNED, CLOSED, IN_TIME, OPEN_LATE)


class LateCounts:
    """Minutes and cases by unit and measure, according to the chains."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.counts: Counter[tuple[int, str]] = Counter()

    def add(self, stays: Iterable[ReplayedStay]) -> None:
        """The stays of one case."""
        for stay in stays:
            self.counts[stay.unit, LATE] += stay.late(self.until) // MINUTE
            self.counts[stay.unit, UNSIGNED] += stay.unsigned_time(self.until) // MINUTE

    def add_answer(self, unit: int, promise: CitizenClock, closed: bool) -> None:
        """What was promised to the citizen of one case."""
        late = promise.late(self.until)
        if promise.due is not None:
            self.counts[unit, CLOSED] += closed
            self.counts[unit, IN_TIME] += closed and not late
            self.counts[unit, OPEN_LATE] += late and not closed

    def compare(self, db: Session, since: datetime) -> Iterator[str]:
        """Yield units whose figures say something else: those that were late, and the county."""
        period = Period(today_of(since), today_of(self.until))
        units = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.ended_at.is_(None)))}
        late = {unit_id for unit_id, _measure in self.counts}
        within: Counter[tuple[int, str]] = Counter()
        for (unit_id, measure), many in self.counts.items():
            one: Unit | None = units[unit_id]
            while one is not None:
                around = one.kind == "area" and (one.id in late or one.level == LEVELS[0])
                if one.id == unit_id or around:
                    within[one.id, measure] += many
                one = units.get(one.parent_id or 0)
        for unit_id in sorted({unit for unit, _measure in within}):
            total = figures.figures(db, Area(units[unit_id]), period, self.until).total
            for measure in MEASURES:
                if total[measure] != within[unit_id, measure]:
                    said, must = total[measure], within[unit_id, measure]
                    yield f"{units[unit_id].code} {measure}: {said} instead of {must}"
