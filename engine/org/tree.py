"""Reading the tree of units: up, down, across time."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import CTE, BigInteger, Select, String, bindparam, literal, or_, select, union
from sqlalchemy.orm import Session, aliased

from engine.errors import NotFound
from engine.models import Unit, UnitChange
from engine.models.base import STAMPED_LEVELS
from engine.terms.levels import LEVELS

# A chain of heirs or of parents longer than this is not a government but a fault in the data.
LONGEST_CHAIN = 50


def unit_by_code(db: Session, code: str) -> Unit | None:
    """Return the unit that answers to this code: where it has ended, whoever took over."""
    unit = db.scalar(select(Unit).where(Unit.code == code)) or _once_coded(db, code)
    return None if unit is None else successor(db, unit)


def _once_coded(db: Session, code: str) -> Unit | None:
    """Return the unit that had this code until it got another one."""
    change = select(Unit).join(UnitChange, UnitChange.unit_id == Unit.id)
    had = change.where(UnitChange.kind == "recoded", UnitChange.before == code)
    return db.scalar(had.order_by(UnitChange.at.desc(), UnitChange.id.desc()).limit(1))


def unit_named(db: Session, county_id: int, key: str) -> Unit | None:
    """Return the unit that a triage table or a form means by ``key`` in this county; one statement.

    A full code, or the tail of one (``ZJJ`` for ``620725-ZJJ``), or the name of a department,
    with or without the county's: a table that ships must not name one county's codes.
    """
    unit = db.scalar(_unit_named_statement(), {"county_id": county_id, "key": key})
    return None if unit is None else successor(db, unit)


def unit_at(db: Session, place: Unit, level: str) -> Unit:
    """Return the unit that handles ``place`` at ``level``: its ancestor there, or itself.

    Where that level is missing the nearest one above stands in (a grid right under a township
    has no village); where it has ended, its successor. One statement at most, as a rule.
    """
    for name in reversed(LEVELS[1 : LEVELS.index(level) + 1]):
        unit_id = getattr(place, f"at_{name}")
        if unit_id is not None:
            return successor(db, place if unit_id == place.id else _get(db, unit_id))
    # Above the city nothing is stamped: units there exist for codes only.
    above = ancestors(db, place)
    return above[-1] if above else place


def successor(db: Session, unit: Unit) -> Unit:
    """Return the unit itself, or whoever took over when it ended: its heir, else the unit above."""
    for _ in range(LONGEST_CHAIN):
        next_id = unit.heir_id or unit.parent_id
        if unit.ended_at is None or next_id is None:
            return unit
        unit = _get(db, next_id)
    return unit


def ancestors(db: Session, unit: Unit) -> list[Unit]:
    """Return the units above this one, nearest first, without itself; one statement."""
    if unit.parent_id is None:
        return []
    return list(db.scalars(_chain(), {"start": unit.parent_id}))


def subtree_ids(unit_id: int) -> Select[tuple[int]]:
    """Select the ids of a unit and of everything under it, ended units too."""
    tree = _subtree(unit_id)
    return select(tree.c.id)


def name_at(db: Session, unit_id: int, moment: datetime) -> str:
    """Return what the unit was called at ``moment``; codes and names change, old cases keep
    theirs.
    """
    next_renaming = (
        select(UnitChange.before)
        .where(UnitChange.unit_id == unit_id, UnitChange.kind == "renamed", UnitChange.at > moment)
        .order_by(UnitChange.at, UnitChange.id)
        .limit(1)
        .scalar_subquery()
    )
    row = db.execute(select(next_renaming, Unit.name).where(Unit.id == unit_id)).one_or_none()
    if row is None:
        raise NotFound(unit_id)
    return row[0] if row[0] is not None else row[1]


def stamp_under(unit: Unit, parent: Unit | None) -> None:
    """Write a unit's ancestors from its parent's; an area counts itself at its own level."""
    for level in STAMPED_LEVELS:
        setattr(unit, f"at_{level}", getattr(parent, f"at_{level}") if parent else None)
    if unit.kind == "area" and unit.level in STAMPED_LEVELS:
        setattr(unit, f"at_{unit.level}", unit.id)


@cache
def _unit_named_statement() -> Select[tuple[Unit]]:
    """Return the statement of ``unit_named``; built once, for building it takes longer than running
    it.
    """
    key = bindparam("key", type_=String)
    county_id = bindparam("county_id", type_=BigInteger)
    county, named = aliased(Unit), aliased(Unit)
    names = or_(named.name == key, named.name == county.name + key, county.name + named.name == key)
    # Three look-ups by index in one statement; as one condition they would be a scan.
    ways = union(
        select(Unit.id).where(Unit.code == key),
        select(Unit.id)
        .join(county, Unit.code == county.code + "-" + key)
        .where(county.id == county_id),
        select(named.id)
        .join(county, county.id == county_id)
        .where(named.at_county == county_id, named.kind != "area", names),
    ).subquery()
    return (
        select(Unit)
        .join(ways, ways.c.id == Unit.id)
        # A living unit before one that only left its name behind.
        .order_by(Unit.code != key, Unit.ended_at.is_not(None), Unit.code)
        .limit(1)
    )


@cache
def _chain() -> Select[tuple[Unit]]:
    """From the unit ``start`` upward, itself first."""
    chain = (
        select(Unit.id, Unit.parent_id, literal(1).label("depth"))
        .where(Unit.id == bindparam("start"))
        .cte("chain", recursive=True)
    )
    above = aliased(Unit)
    chain = chain.union_all(
        select(above.id, above.parent_id, chain.c.depth + 1).where(
            above.id == chain.c.parent_id, chain.c.depth < LONGEST_CHAIN
        )
    )
    return select(Unit).join(chain, chain.c.id == Unit.id).order_by(chain.c.depth)


def _subtree(unit_id: int) -> CTE:
    tree = select(Unit.id).where(Unit.id == unit_id).cte(recursive=True)
    below = aliased(Unit)
    # UNION, not UNION ALL: even a damaged tree with a ring in it comes to an end.
    return tree.union(select(below.id).where(below.parent_id == tree.c.id))


def _get(db: Session, unit_id: int) -> Unit:
    unit = db.get(Unit, unit_id)
    if unit is None:
        raise NotFound(unit_id)
    return unit
