"""After a unit has moved or ended: the worker brings open rows along, a few cases at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union, update
from sqlalchemy.orm import Session

from engine.models import Case, CaseAccess, Task, Unit, UnitMove
from engine.models.base import STAMPED_LEVELS
from engine.org.handover import hand_over
from engine.org.tree import subtree_ids, successor

# A transaction that read the old ancestors just before the move commits well within this time.
SETTLE = timedelta(minutes=1)

Row = type[Task] | type[CaseAccess]


def restamp(db: Session, move: UnitMove, now: datetime, batch: int = 100) -> int:
    """Stamp up to ``batch`` cases of a moved subtree again; return how many.

    0 means that nothing stale is left; the move is done once it has also had time to settle.
    Every case is locked before its rows are touched, in the order of ids. Until then lists ask
    the units themselves (``engine.access.policy``), so that nothing is hidden and nothing leaks.
    A unit that ended passes on what reached it in the very moment of its ending.
    """
    unit = db.get_one(Unit, move.unit_id)
    if unit.ended_at is not None:
        handed = hand_over(db, unit, successor(db, unit), None, now)
        _settle(move, handed, now)
        return handed
    ids = _stale(db, move, batch)
    if not ids and move.cursor:
        # Once more from the start: rows may have come in behind the cursor.
        move.cursor = 0
        ids = _stale(db, move, batch)
    _settle(move, len(ids), now)
    if not ids:
        return 0
    held = select(Case.id).where(Case.id.in_(ids)).order_by(Case.id)
    db.execute(held.with_for_update(key_share=True))
    for table in (Task, CaseAccess):
        _stamp(db, table, ids, move)
    move.cursor = ids[-1]
    return len(ids)


def pending_moves(db: Session) -> list[UnitMove]:
    """Return the moves that the worker has not finished, oldest first."""
    return list(
        db.scalars(select(UnitMove).where(UnitMove.done_at.is_(None)).order_by(UnitMove.id))
    )


def _settle(move: UnitMove, left: int, now: datetime) -> None:
    if not left and now - move.at >= SETTLE:
        move.done_at = now


def _stale(db: Session, move: UnitMove, batch: int) -> list[int]:
    """Return the next cases with a row whose ancestors are not those of its unit."""
    within = subtree_ids(move.unit_id)
    stale = (_stale_cases(table, within, move.cursor) for table in (Task, CaseAccess))
    both = union(*stale).subquery()
    return list(db.scalars(select(both.c.case_id).order_by(both.c.case_id).limit(batch)))


def _stale_cases(table: Row, within: Select[tuple[int]], cursor: int) -> Select[tuple[int]]:
    return (
        select(table.case_id)
        .join(Unit, Unit.id == table.unit_id)
        .where(table.case_id > cursor, *_open_rows(table, within), _differs(table))
    )


def _open_rows(table: Row, within: Select[tuple[int]]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [table.unit_id.in_(within)]
    # What is done is history and stays where it was done; who may see it is asked of the units.
    return [*conditions, Task.done_at.is_(None)] if table is Task else conditions


def _differs(table: Row) -> ColumnElement[bool]:
    columns = [f"at_{level}" for level in STAMPED_LEVELS]
    return or_(*(getattr(table, one).is_distinct_from(getattr(Unit, one)) for one in columns))


def _stamp(db: Session, table: Row, ids: list[int], move: UnitMove) -> None:
    values: dict[str, Any] = {
        f"at_{level}": select(getattr(Unit, f"at_{level}"))
        .where(Unit.id == table.unit_id)
        .scalar_subquery()
        for level in STAMPED_LEVELS
    }
    db.execute(
        update(table)
        .where(table.case_id.in_(ids), *_open_rows(table, subtree_ids(move.unit_id)))
        .values(values)
        .execution_options(synchronize_session=False)
    )
