"""The ancestors that units and their rows carry, against the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Unit, UnitMove
from engine.models.base import STAMPED_LEVELS
from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import STAMPS, CaseRecord
from feel.text import Text

CHECK = "stamps"
Stamp = tuple[int | None, ...]


@dataclass(frozen=True)
class AncestorTree:
    """Every unit's ancestors, and the units whose rows the worker still brings along."""

    units: dict[int, Any]
    moving: frozenset[int]

    @classmethod
    def load(cls, db: Session) -> AncestorTree:
        """Read the whole tree: it grows with the place, not with its cases."""
        columns = [Unit.id, Unit.name, Unit.level, Unit.kind, Unit.parent_id, Unit.ended_at]
        rows = db.execute(select(*columns, *(getattr(Unit, name) for name in STAMPS))).all()
        units = {row.id: row for row in rows}
        pending = set(db.scalars(select(UnitMove.unit_id).where(UnitMove.done_at.is_(None))))
        below = (one for one in units if pending & _lineage(units, one))
        return cls(units, frozenset(below) if pending else frozenset())


def tree(units: AncestorTree) -> Iterator[Discrepancy]:
    """Yield units whose own stamps are not those of their parent, with themselves at their
    level.
    """
    for unit in units.units.values():
        if stamp_of(unit) != _expected(units.units, unit):
            text = Text(
                f"单位“{unit.name}”的上级标记与单位树不符",
                f"the ancestors noted at the unit “{unit.name}” are not those of the tree",
            )
            yield Discrepancy(CHECK, "unit", text, row_id=unit.id)


def rows(record: CaseRecord, units: AncestorTree) -> Iterator[Discrepancy]:
    """Open tasks and rows of access that carry other ancestors than their unit."""
    here = [*record.open.values(), *(row for row in record.access if row.until_at is None)]
    for row in here:
        unit = units.units[row.unit_id]
        if stamp_of(row) != stamp_of(unit) and row.unit_id not in units.moving:
            text = Text(
                f"“{unit.name}”的一行带有旧的上级标记",
                f"a row of “{unit.name}” carries other ancestors than its unit",
            )
            yield Discrepancy(CHECK, "row", text, record.case.id, row.unit_id)


def stamp_of(row: Any) -> Stamp:
    """Return the ancestors on a row, top down."""
    return tuple(getattr(row, name) for name in STAMPS)


def _expected(units: dict[int, Any], unit: Any) -> Stamp:
    parent = units.get(unit.parent_id)
    above: Stamp = stamp_of(parent) if parent is not None else (None,) * len(STAMPS)
    if unit.kind != "area":
        return above
    own = dict(zip(STAMPED_LEVELS, above, strict=True))
    if unit.level in own:
        own[unit.level] = unit.id
    return tuple(own.values())


def _lineage(units: dict[int, Any], unit_id: int) -> set[int]:
    found: set[int] = set()
    at: int | None = unit_id
    while at is not None and at not in found:
        found.add(at)
        at = units[at].parent_id if at in units else None
    return found
