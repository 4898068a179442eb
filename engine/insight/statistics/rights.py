"""Who reads, fills, and signs the returns of a unit."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from engine.access.actors import AREA_KINDS, Actor, Seat
from engine.errors import NotAllowed, NotFound
from engine.models import Unit
from engine.roles import with_verb

READERS = with_verb("figures")
FILLERS = with_verb("fill_return")
SIGNERS = with_verb("sign_return")


def readable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Unit``: whose returns the actor may read."""
    own = {seat.unit_id for seat in actor.seats if seat.role in FILLERS | SIGNERS | READERS}
    areas = [seat.area for seat in actor.seats if seat.role in READERS and seat.area is not None]
    inside = [getattr(Unit, column) == unit_id for column, unit_id in sorted(set(areas))]
    return or_(Unit.id.in_(sorted(own)), *inside) if own or inside else false()


def unit(db: Session, actor: Actor, unit_id: int) -> Unit:
    """Return a unit whose returns the actor may read. Raises NotFound."""
    found = db.scalar(select(Unit).where(Unit.id == unit_id, readable(actor)))
    if found is None:
        raise NotFound(unit_id)
    return found


def may_fill(actor: Actor, unit: Unit) -> bool:
    """Return whether the actor fills and corrects the returns of a unit."""
    return _any(actor, unit, FILLERS | SIGNERS)


def may_sign(actor: Actor, unit: Unit) -> bool:
    """Return whether the actor signs for a unit: its leader, or the leader of the area that an
    office, centre or committee belongs to.
    """
    return _any(actor, unit, SIGNERS)


def require(allowed: bool, what: str, unit: Unit) -> None:
    """Raise NotAllowed where something is not allowed."""
    if not allowed:
        raise NotAllowed(what, unit.id)


def _any(actor: Actor, unit: Unit, roles: Iterable[str]) -> bool:
    return any(seat.role in roles and _speaks(seat, unit) for seat in actor.seats)


def _speaks(seat: Seat, unit: Unit) -> bool:
    if seat.unit_id == unit.id:
        return True
    belongs = unit.kind != "area" and unit.parent_id == seat.unit_id
    return belongs and seat.unit_kind in AREA_KINDS and seat.role in SIGNERS
