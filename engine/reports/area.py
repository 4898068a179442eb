"""The part of the tree that somebody answers for, and how it divides into parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.access.actors import AREA_KINDS, Actor, Seat
from engine.errors import NotFound
from engine.models import Unit
from engine.models.base import STAMPED_LEVELS, AncestorColumns
from engine.roles import OVERSEERS


@dataclass(frozen=True)
class Area:
    """A unit with all that lies under it; a department is itself alone."""

    unit: Unit

    @property
    def column(self) -> str | None:
        """The stamp that every unit of the area shares; None for a department."""
        level = self.unit.level
        if self.unit.kind not in AREA_KINDS or level not in STAMPED_LEVELS:
            return None
        return f"at_{level}" if getattr(self.unit, f"at_{level}") == self.unit.id else None

    @property
    def below(self) -> str | None:
        """The stamp by which the area divides into parts; None where it does not."""
        levels = settings.current().levels
        if self.column is None or self.unit.level not in levels:
            return None
        lower = levels[levels.index(self.unit.level) + 1 :]
        return f"at_{lower[0]}" if lower else None

    def holds(self, table: type[AncestorColumns]) -> ColumnElement[bool]:
        """Return the condition on units, or on rows with a unit's stamps, that lie in the area."""
        if self.column is not None:
            return bool_of(getattr(table, self.column) == self.unit.id)
        return bool_of((Unit.id if table is Unit else table.unit_id) == self.unit.id)  # type: ignore[attr-defined]

    def part(self) -> ColumnElement[Any]:
        """Of a joined ``Unit`` the part of the area that it lies in: a unit below, or itself."""
        if self.below is None:
            return Unit.id.expression
        stamp = getattr(Unit, self.below)
        return case((stamp.is_not(None), stamp), else_=Unit.id)

    def contains(self, unit: Unit) -> bool:
        """Return whether a unit lies in the area."""
        if unit.id == self.unit.id:
            return True
        return self.column is not None and getattr(unit, self.column) == self.unit.id


def bool_of(condition: Any) -> ColumnElement[bool]:
    """Names the type of a comparison that was built from a column's name."""
    found: ColumnElement[bool] = condition
    return found


def of_actor(db: Session, actor: Actor) -> list[Area]:
    """Return the areas that the actor oversees, the widest first; one statement."""
    ids = dict.fromkeys(_root(seat) for seat in actor.seats if seat.role in OVERSEERS)
    found = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_(ids)))}
    areas = [Area(found[unit_id]) for unit_id in ids if unit_id in found]
    order = [*STAMPED_LEVELS]
    return sorted(
        areas, key=lambda area: (order.index(area.unit.level), area.column is None, area.unit.id)
    )


def chosen(db: Session, actor: Actor, unit_id: int | None) -> tuple[Area, list[Area]]:
    """Return the area asked for, else the widest of the actor's, and all of the actor's areas.

    Raises NotFound for a unit outside of them, and for who oversees nothing.
    """
    mine = of_actor(db, actor)
    if not mine:
        raise NotFound(unit_id)
    if unit_id is None:
        return mine[0], mine
    unit = db.get(Unit, unit_id)
    if unit is None or not any(area.contains(unit) for area in mine):
        raise NotFound(unit_id)
    return Area(unit), mine


def parts_of(db: Session, area: Area, ids: set[int]) -> dict[int, Unit]:
    """Return the units that the parts of an area are, by id: those named, and all just below."""
    wanted: list[ColumnElement[bool]] = [Unit.id.in_(sorted(ids))]
    if area.below is not None:
        level = area.below.removeprefix("at_")
        here = (Unit.level == level, Unit.kind == "area", Unit.ended_at.is_(None))
        wanted.append(and_(area.holds(Unit), *here))
    return {
        unit.id: unit for unit in db.scalars(select(Unit).where(or_(*wanted)).order_by(Unit.code))
    }


def _root(seat: Seat) -> int:
    return seat.area[1] if seat.area is not None else seat.unit_id
