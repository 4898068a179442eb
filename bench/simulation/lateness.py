"""Every late hour of every unit in the figures, against the chains alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation.staff import LEVELS
from bench.simulation.stay import ReplayedStay
from engine.models import Unit
from engine.reports import figures
from engine.reports.area import Area
from engine.reports.period import Period, today_of

MINUTE = timedelta(minutes=1)
MEASURES = ("late_minutes", "sign_late_minutes")


class LateHours:
    """Minutes by unit and measure, according to the chains."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.messages: Counter[tuple[int, str]] = Counter()

    def add(self, stays: Iterable[ReplayedStay]) -> None:
        """The stays of one case."""
        for stay in stays:
            self.messages[stay.unit, MEASURES[0]] += stay.late(self.until) // MINUTE
            self.messages[stay.unit, MEASURES[1]] += stay.unsigned_time(self.until) // MINUTE

    def compare(self, db: Session, since: datetime) -> Iterator[str]:
        """Yield units whose figures say something else: those that were late, and the county."""
        period = Period(today_of(since), today_of(self.until))
        units = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.ended_at.is_(None)))}
        late = {unit_id for unit_id, _measure in self.messages}
        within: Counter[tuple[int, str]] = Counter()
        for (unit_id, measure), minutes in self.messages.items():
            one: Unit | None = units[unit_id]
            while one is not None:
                around = one.kind == "area" and (one.id in late or one.level == LEVELS[0])
                if one.id == unit_id or around:
                    within[one.id, measure] += minutes
                one = units.get(one.parent_id or 0)
        for unit_id in sorted({unit for unit, _measure in within}):
            total = figures.figures(db, Area(units[unit_id]), period, self.until).total
            for measure in MEASURES:
                if total[measure] != within[unit_id, measure]:
                    said, must = total[measure], within[unit_id, measure]
                    yield f"{units[unit_id].code} {measure}: {said} instead of {must}"
