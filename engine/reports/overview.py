"""What a leader looks at first: what is late now, this month against the last, units compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.reports import escalations, figures, omissions
from engine.reports import period as periods
from engine.reports.area import Area
from engine.reports.escalations import BoardBranch, BoardQuery, LateTask
from engine.reports.figures import FigureRow
from engine.reports.period import Period

FOREMOST = 3
# Below so many cases a share says little.
FEW = 10
RED = "red"


@dataclass(frozen=True)
class UnitComparison:
    """A part of the area: what is late and soon due there now, and its figures of the month."""

    branch: BoardBranch
    row: FigureRow


@dataclass(frozen=True)
class Overview:
    """An area today; ``month`` is this month so far, ``before`` the whole month before it."""

    area: Area
    month: Period
    this: FigureRow
    before: FigureRow
    units: Sequence[UnitComparison]
    foremost: Sequence[LateTask]

    @property
    def late(self) -> int:
        """Tasks that are late now."""
        return sum(one.branch.late for one in self.units)

    @property
    def soon(self) -> int:
        """Tasks whose limit warns already."""
        return sum(one.branch.soon for one in self.units)


def overview(db: Session, actor: Actor, area: Area, now: datetime) -> Overview:
    """Return an area as it is now; what goes round the actor is counted nowhere."""
    month = periods.named_period("month", now)
    last = month.first - timedelta(days=1)
    without = omissions.of_actor(db, actor, area)
    this = figures.figures(db, area, month, now, without=without)
    earlier = figures.figures(db, area, Period(last.replace(day=1), last), now, without=without)
    branches = escalations.tree(db, actor, area, now)
    rows = {row.unit.id: row for row in this.parts if row.unit is not None}
    known = {branch.unit.id: branch for branch in branches}
    units = {row.unit.id: row.unit for row in this.parts if row.unit is not None}
    units |= {branch.unit.id: branch.unit for branch in branches}
    compared = [
        UnitComparison(known.get(key) or BoardBranch(unit, 0, 0), rows.get(key) or FigureRow({}))
        for key, unit in units.items()
    ]
    compared.sort(key=lambda one: (-one.branch.late, -one.branch.soon, one.branch.unit.code))
    worst = escalations.board(db, actor, area, BoardQuery(lamp=RED), now, size=FOREMOST)
    return Overview(area, month, this.total, earlier.total, tuple(compared), worst.rows)
