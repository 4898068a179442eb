"""Bringing a table of divisions into the tree: what is new in bulk, what changed with history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput
from engine.models import Unit, UnitChange, new_id
from engine.org.importing.changes import apply_codes, finish, read_changes
from engine.org.importing.missing import missing_units, settle
from engine.org.importing.result import UnitImportResult
from engine.org.importing.row_checks import RowJudge
from engine.org.importing.table import RejectedRow, UnitTableRow, parse
from engine.org.recoding import recoded_from
from engine.org.tree import stamp_under
from engine.records import audit
from engine.storage.db import transaction
from feel.text import Text

# Codes in one look-up; databases limit the parameters of a statement.
CHUNK = 500


@dataclass(frozen=True)
class UnitImportOptions:
    """How an import goes about it.

    ``changes`` is a table of code changes (old_code, new_code) that goes before the rows.
    ``end_missing`` ends units that the table lacks and to which nothing belongs. With ``dry_run``
    everything is tried and nothing written.
    """

    changes: bytes | None = None
    end_missing: bool = False
    dry_run: bool = False


DEFAULTS = UnitImportOptions()


class _TableRollback(Exception):
    """What was done on trial is rolled back."""


def import_file(
    path: Path,
    *,
    now: datetime,
    actor_id: int | None = None,
    options: UnitImportOptions = DEFAULTS,
) -> UnitImportResult:
    """``import_units`` of a file, in a transaction of its own."""
    result = UnitImportResult()
    try:
        with transaction() as db:
            result = import_units(
                db, path.read_bytes(), now=now, actor_id=actor_id, options=options
            )
            result.dry_run = options.dry_run
            if options.dry_run:
                db.flush()
                raise _TableRollback
    except _TableRollback:
        pass
    return result


def import_units(
    db: Session,
    data: bytes | None,
    *,
    now: datetime,
    actor_id: int | None = None,
    options: UnitImportOptions = DEFAULTS,
) -> UnitImportResult:
    """Add and update units from a table; rows that cannot be are rejected, the rest goes in.

    Without ``data`` only the code changes are made. Runs in the caller's transaction. Raises
    InvalidInput (field ``file``) when it is no such table.
    """
    rows, bad = parse(data) if data is not None else ([], [])
    result = UnitImportResult(read=len(rows) + len(bad), rejections=bad)
    listed, wrong = read_changes(options.changes) if options.changes is not None else ([], [])
    result.rejections += wrong
    plan = apply_codes(db, listed, actor_id, now, result.rejections)
    known = _units_by_code(db, {row.code for row in rows} | {row.parent_code for row in rows})
    once = recoded_from(db, {row.code for row in rows} - known.keys())
    divisions = [row for row in rows if not row.is_centre]
    accepted = _accepted(divisions, known, result, RowJudge(known, once, plan))
    old = [row for row in accepted if row.code in known]
    _add(db, [row for row in accepted if row.code not in known], known, actor_id, now, result)
    for row in old:
        _update(db, row, known, actor_id, now, result)
    for row in rows:
        if row.is_centre:
            _place(row, known.get(row.code), result)
    result.merged, result.handed = finish(db, plan, actor_id, now, result.rejections)
    result.recoded, result.renamed = plan.recoded, result.renamed + plan.renamed
    lost = missing_units(db, accepted, known.values())
    result.missing = settle(db, lost, end=options.end_missing, actor_id=actor_id, now=now)
    result.rejections.sort(key=lambda row: row.line)
    if result.anything:
        names = ("added", "changed", "renamed", "moved", "recoded", "merged", "handed")
        counts = {name: getattr(result, name) for name in names if getattr(result, name)}
        audit.record_admin(db, "units.imported", actor_id, counts, at=now)
    return result


def _units_by_code(db: Session, codes: set[str]) -> dict[str, Unit]:
    ordered = sorted(codes - {""})
    found: dict[str, Unit] = {}
    for start in range(0, len(ordered), CHUNK):
        part = select(Unit).where(Unit.code.in_(ordered[start : start + CHUNK]))
        found |= {unit.code: unit for unit in db.scalars(part)}
    return found


def _accepted(
    rows: Sequence[UnitTableRow], known: dict[str, Unit], result: UnitImportResult, judge: RowJudge
) -> list[UnitTableRow]:
    """Return the rows that may go in, parents before children; the others are rejected with
    words.
    """
    in_file = {row.code: row for row in rows}
    rings = _rings(in_file)
    fine: dict[str, UnitTableRow] = {}
    for row in sorted(rows, key=_depth(in_file, rings)):
        reason = RING if row.code in rings else judge.objection(row, fine)
        if reason is None:
            fine[row.code] = row
        else:
            result.rejections.append(RejectedRow(row.line, row.code, row.name, reason))
    return list(fine.values())


RING = Text("上级关系成环。", "The unit is, over others, its own superior.")


def _rings(in_file: dict[str, UnitTableRow]) -> set[str]:
    """Return codes of rows that are, over parents in the table, their own ancestors."""
    settled: set[str] = set()
    rings: set[str] = set()
    for start in in_file:
        path: list[str] = []
        code = start
        while code in in_file and code not in settled and code not in path:
            path.append(code)
            code = in_file[code].parent_code
        if code in path:
            rings.update(path[path.index(code) :])
        settled.update(path)
    return rings


def _depth(in_file: dict[str, UnitTableRow], rings: set[str]) -> Any:
    """Sort key: how many parents in the table stand above a row."""
    depths: dict[str, int] = dict.fromkeys(rings, 0)

    def depth(row: UnitTableRow) -> int:
        path: list[str] = []
        code = row.code
        while code in in_file and code not in depths:
            path.append(code)
            code = in_file[code].parent_code
        base = depths.get(code, -1)
        for number, one in enumerate(reversed(path), start=1):
            depths[one] = base + number
        return depths[row.code]

    return depth


def _add(
    db: Session,
    rows: Sequence[UnitTableRow],
    known: dict[str, Unit],
    actor_id: int | None,
    now: datetime,
    result: UnitImportResult,
) -> None:
    """Insert new units, each already with its ancestors, and their history, in bulk."""
    fresh: list[Unit] = []
    for row in rows:
        parent = known.get(row.parent_code)
        unit = Unit(
            id=new_id(),
            code=row.code,
            name=row.name,
            level=row.level,
            kind=row.kind,
            parent_id=parent.id if parent else None,
            place_type=row.place_type,
            latitude=row.latitude,
            longitude=row.longitude,
            created_at=now,
        )
        stamp_under(unit, parent)
        known[row.code] = unit
        fresh.append(unit)
    if fresh:
        db.execute(insert(Unit), [_columns(unit) for unit in fresh])
        db.execute(insert(UnitChange), [_created(unit, actor_id, now) for unit in fresh])
    result.added += len(fresh)


def _columns(unit: Unit) -> dict[str, Any]:
    return {column.key: getattr(unit, column.key) for column in Unit.__table__.columns}


def _created(unit: Unit, actor_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "unit_id": unit.id,
        "at": now,
        "actor_id": actor_id,
        "kind": "created",
        "after": unit.name,
    }


def _update(
    db: Session,
    row: UnitTableRow,
    known: dict[str, Unit],
    actor_id: int | None,
    now: datetime,
    result: UnitImportResult,
) -> None:
    """Rename, move or complete an existing unit; a table without a value keeps what is there."""
    unit, parent = known[row.code], known.get(row.parent_code)
    changed = False
    try:
        if parent is not None and unit.parent_id != parent.id:
            moved_to = parent if parent in db else db.get_one(Unit, parent.id)
            org.move_unit(db, actor_id, unit, moved_to, now=now)
            result.moved += 1
            changed = True
        if unit.name != row.name:
            org.rename_unit(db, actor_id, unit, row.name, now=now)
            result.renamed += 1
            changed = True
    except InvalidInput as error:
        reason = next(iter(error.errors.values()))
        result.rejections.append(RejectedRow(row.line, row.code, row.name, reason))
        return
    _count(result, _complete(row, unit) or changed)


def _place(row: UnitTableRow, unit: Unit | None, result: UnitImportResult) -> None:
    if unit is None:
        reason = Text("没有此编码的单位。", "There is no unit with this code.")
        result.rejections.append(RejectedRow(row.line, row.code, row.name, reason))
    else:
        _count(result, _complete(row, unit))


def _complete(row: UnitTableRow, unit: Unit) -> bool:
    """Take over kind of place and centre point; whether anything was new."""
    changed = False
    for column in ("place_type", "latitude", "longitude"):
        value = getattr(row, column)
        if value is not None and value != getattr(unit, column):
            setattr(unit, column, value)
            changed = True
    return changed


def _count(result: UnitImportResult, changed: bool) -> None:
    if changed:
        result.changed += 1
    else:
        result.unchanged += 1
