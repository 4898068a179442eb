"""A table of changes: which code became which, one to one, several to one, one to several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import DomainError, InvalidInput
from engine.models import Unit
from engine.org.importing.table import RejectedRow
from engine.org.merging import merge_unit, split_off
from engine.org.recoding import recode_unit
from engine.org.units import CODE, LONGEST_NAME, rename_unit
from engine.spreadsheets import UnreadableTable, open_spreadsheet
from feel.text import Text

COLUMNS = ("old_code", "new_code")
NAMES = {"原编码": "old_code", "原代码": "old_code", "新编码": "new_code", "新代码": "new_code"}
NAMES |= {"新名称": "new_name"}


@dataclass(frozen=True)
class CodeChange:
    """One line: the code that was, the code that is, and the new name if it has one."""

    line: int
    old: str
    new: str
    name: str = ""


@dataclass
class ChangePlan:
    """What is still to be done once the table's own rows are in."""

    recoded: int = 0
    renamed: int = 0
    # A unit that joins the one with the new code; one that gives that one a part of itself.
    merges: list[tuple[CodeChange, Unit]] = field(default_factory=list)
    splits: list[tuple[CodeChange, Unit]] = field(default_factory=list)

    # Units that keep their code and may be under another parent.
    kept_codes: frozenset[str] = frozenset()

    def expects(self, code: str, parent_id: int | None, new_parent: str) -> bool:
        """Return whether a unit that was under one parent may be under the other from now on."""
        return code in self.kept_codes or any(
            unit.id == parent_id and one.new == new_parent
            for one, unit in (*self.merges, *self.splits)
        )


def read_changes(data: bytes) -> tuple[list[CodeChange], list[RejectedRow]]:
    """Read a table of changes. Raises InvalidInput (field ``file``) when it is not one."""
    good: list[CodeChange] = []
    bad: list[RejectedRow] = []
    try:
        sheet = open_spreadsheet(data, COLUMNS, spelling=lambda name: NAMES.get(name, name))
        labels = sheet.labels((*COLUMNS, "new_name"))
        for row in sheet.rows():
            cells = {name: row.by_heading.get(label, "").strip() for name, label in labels.items()}
            one = CodeChange(row.line, cells["old_code"], cells["new_code"])
            one = CodeChange(one.line, one.old, one.new, cells.get("new_name", "")[:LONGEST_NAME])
            wrong = row.fault
            if wrong is None and not (CODE.fullmatch(one.old) and CODE.fullmatch(one.new)):
                wrong = Text("编码为空或无效。", "The code is empty or not valid.")
            if wrong is None:
                good.append(one)
            else:
                bad.append(RejectedRow(one.line, one.old[:32], one.name, wrong))
    except UnreadableTable as error:
        refused = InvalidInput({"file": error.text})
        refused.text = error.text
        raise refused from error
    return good, bad


def apply_codes(
    db: Session,
    changes: Sequence[CodeChange],
    actor_id: int | None,
    now: datetime,
    bad: list[RejectedRow],
) -> ChangePlan:
    """Set the new codes; what joins or splits waits until the table's rows are in.

    The longest codes go first: what is said of a village outweighs what follows from the new
    code of its county. A unit gets the first code that is free; whoever comes later to a code
    joins the unit that has it, and a unit that has gone on gives parts to the others.
    """
    plan = ChangePlan(kept_codes=frozenset(one.old for one in changes if one.old == one.new))
    units = {one.old: _unit(db, one.old) for one in changes}
    leaving = units.keys() - plan.kept_codes
    there = {one.new for one in changes if one.new not in leaving and _unit(db, one.new)}
    taken: set[str] = {*plan.kept_codes, *there}
    gone: set[str] = set(plan.kept_codes)
    for one in sorted(changes, key=lambda each: (-len(each.old), each.line)):
        unit = units[one.old]
        if unit is None:
            bad.append(_rejected(one, Text("没有此编码的单位。", "There is no such unit.")))
        elif one.old == one.new:
            continue
        elif one.old in gone:
            plan.splits.append((one, unit))
        elif one.new in taken:
            plan.merges.append((one, unit))
            gone.add(one.old)
        else:
            _recode(db, one, unit, actor_id, now, plan, bad)
            taken.add(one.new)
            gone.add(one.old)
    return plan


def finish(
    db: Session, plan: ChangePlan, actor_id: int | None, now: datetime, bad: list[RejectedRow]
) -> tuple[int, int]:
    """Merge and split; return how many units were merged, and how many open cases moved."""
    merged = cases = 0
    for one, unit in plan.splits:
        part = _unit(db, one.new)
        if part is None:
            words = Text("新单位不在表中。", "The new unit is not in the table.")
            bad.append(_rejected(one, words))
        else:
            cases += split_off(db, actor_id, unit, part, now=now)
    for one, unit in plan.merges:
        heir = _unit(db, one.new)
        try:
            if heir is None:
                raise InvalidInput({"new": Text("没有接收单位。", "There is no such heir.")})
            cases += merge_unit(db, actor_id, unit, heir, now=now)
            merged += 1
        except InvalidInput as error:
            bad.append(_rejected(one, next(iter(error.errors.values()))))
        except DomainError as error:
            bad.append(_rejected(one, error.text))
    return merged, cases


def _recode(
    db: Session,
    one: CodeChange,
    unit: Unit,
    actor_id: int | None,
    now: datetime,
    plan: ChangePlan,
    bad: list[RejectedRow],
) -> None:
    try:
        plan.recoded += len(recode_unit(db, actor_id, unit, one.new, now=now))
        if one.name and one.name != unit.name:
            rename_unit(db, actor_id, unit, one.name, now=now)
            plan.renamed += 1
    except InvalidInput as error:
        bad.append(_rejected(one, next(iter(error.errors.values()))))


def _unit(db: Session, code: str) -> Unit | None:
    return db.scalar(select(Unit).where(Unit.code == code, Unit.ended_at.is_(None)))


def _rejected(one: CodeChange, reason: Text) -> RejectedRow:
    return RejectedRow(one.line, one.old, one.name, reason)
