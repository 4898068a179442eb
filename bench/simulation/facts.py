"""What the clocks of a county go by, read once: units, calendars, emergencies, tables, versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation.table import LadderTable
from engine.definitions import versions
from engine.models import Emergency, Unit, Version
from engine.timing import calendars
from engine.timing.calendars import OFFICE, Almanac
from engine.worktime import Calendar, Limit


@dataclass(frozen=True)
class Facts:
    """Read by the reference alone, which looks things up and computes nothing in advance."""

    parents: Mapping[int, int | None]
    almanac: Almanac
    emergencies: Sequence[Emergency]
    tables: Sequence[tuple[datetime, LadderTable]]

    @classmethod
    def read(cls, db: Session, office: Calendar | None = None) -> Facts:
        """Return everything that holds, and since when; ``office`` instead of the database's
        calendar.
        """
        tables = select(Version).where(Version.process == versions.ESCALATION)
        return cls(
            dict(db.execute(select(Unit.id, Unit.parent_id)).tuples().all()),
            calendars.load(db) if office is None else Almanac({OFFICE: office}),
            list(db.scalars(select(Emergency).order_by(Emergency.id))),
            [
                (row.effective_at, LadderTable(*versions.files_of(db, row.id).values()))
                for row in db.scalars(tables.order_by(Version.effective_at, Version.number))
            ],
        )

    def calendar(self, unit_id: int) -> Calendar:
        """Return the calendar of the nearest unit upwards that was given one, else the office's."""
        uses = (self.almanac.uses.get(one) for one in self._upwards(unit_id))
        key = next((key for key in uses if key in self.almanac.calendars), OFFICE)
        return self.almanac.calendars[key or OFFICE]

    def emergency(self, unit_id: int, at: datetime) -> Emergency | None:
        """Return the profile that was on over a unit: the nearest upwards counts."""
        on = {row.unit_id: row for row in self.emergencies if _on(row, at)}
        return next((on[one] for one in self._upwards(unit_id) if one in on), None)

    def differ(self, at: datetime) -> bool:
        """Return whether it makes a difference to a clock which unit has the task."""
        return bool(self.almanac.uses) or any(_on(row, at) for row in self.emergencies)

    def table(self, at: datetime) -> LadderTable:
        """Return the escalation table in force."""
        return next(table for since, table in reversed(self.tables) if since <= at)

    def _upwards(self, unit_id: int) -> Iterator[int]:
        unit: int | None = unit_id
        while unit is not None:
            yield unit
            unit = self.parents[unit]


def shortened(row: Emergency, process: str, step: str, usual: Limit | None) -> Limit | None:
    """Return a limit under an emergency profile: what it says of the step, else so much of the
    usual.
    """
    for said in row.limits:
        fits = said.get("process") in (None, process) and said.get("step") in (None, step)
        if fits:
            return Limit(said["amount"], said["unit"])
    return None if usual is None else by_factor(row, usual)


def by_factor(row: Emergency, usual: Limit) -> Limit:
    """So many percent of a limit, in whole units and rounded up."""
    whole, rest = divmod(usual.amount * row.factor, 100)
    return Limit(whole + (rest > 0), usual.unit)


def _on(row: Emergency, at: datetime) -> bool:
    return row.from_at <= at and (row.until_at is None or at < row.until_at)
