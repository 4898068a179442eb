"""Whether a row of a table of divisions may go in."""

from __future__ import annotations

from dataclasses import dataclass

from engine.models import Unit
from engine.models.base import STAMPED_LEVELS
from engine.org.importing.changes import ChangePlan
from engine.org.importing.table import UnitTableRow
from engine.org.units import place_objection
from engine.terms.levels import LEVELS
from feel.text import Text

# Levels that a table may begin at; what lies lower must name its parent.
TOP_LEVELS = ("province", "city", "county")


@dataclass(frozen=True)
class RowJudge:
    """Whether a row may go in, by what is known and what has been announced."""

    units: dict[str, Unit]
    # Units that had a code of the table once and have another now.
    once: dict[str, Unit]
    plan: ChangePlan

    def objection(self, row: UnitTableRow, fine: dict[str, UnitTableRow]) -> Text | None:
        """Return why a row may not; its parent, if in the table, has been judged before it."""
        unit = self.units.get(row.code)
        if unit is None and row.code in self.once:
            code = self.once[row.code].code
            return Text(f"该编码已变更为 {code}。", f"This code has become {code}.")
        if unit is not None and unit.ended_at is not None:
            return Text("该单位已停用，请先恢复。", "This unit has ended; revive it first.")
        if unit is not None and (unit.level, unit.kind) != (row.level, row.kind):
            return Text("不能更改已有单位的层级或类别。", "Level and kind of a unit cannot change.")
        if not row.parent_code:
            if row.level in TOP_LEVELS and row.kind == "area":
                return None
            return Text("没有上级编码。", "There is no parent code.")
        above = fine.get(row.parent_code) or self.units.get(row.parent_code)
        if above is None or (isinstance(above, Unit) and above.ended_at is not None):
            code = row.parent_code[:32]
            return Text(
                f"上级 {code} 不存在或未被接受。", f"Parent {code} is missing or was rejected."
            )
        objection = place_objection(row.level, row.kind, above.level, above.kind)
        return next(iter(objection.values()), None) or self.unlikely(row, unit)

    def unlikely(self, row: UnitTableRow, unit: Unit | None) -> Text | None:
        """Return a move that the codes speak against, and that no table of changes announces.

        A division's code begins with that of the one above it; a village that is to be under
        another township, or a township on another county, is a slip of the pen as a rule.
        """
        if unit is None or unit.parent_id is None:
            return None
        parent = self.units.get(row.parent_code)
        if parent is not None and unit.parent_id == parent.id:
            return None
        if self.plan.expects(row.code, unit.parent_id, row.parent_code):
            return None
        better = len(row.code) > len(row.parent_code) and row.code.startswith(row.parent_code)
        strays = parent is not None and parent.at_county != unit.at_county
        skips = better and _levels_between(row.level, unit, parent)
        if row.code.isdigit() and len(row.code) >= 6 and (strays or not better or skips):
            return Text(
                "上级与编码不符，未调整；确需调整的，请在变更表中写明。",
                "The parent does not fit the code, so nothing was moved; if it is right, say so "
                "in a table of changes.",
            )
        if strays and unit.at_county is not None:
            return Text("不能移到另一个县。", "A unit does not move to another county.")
        return None


def _levels_between(level: str, unit: Unit, parent: Unit | None) -> bool:
    """Return whether the new parent stands higher than the one that the unit has: a level is
    skipped.
    """
    if parent is None:
        return False
    above = LEVELS[: LEVELS.index(level)]
    now_at = [one for one in above if one in STAMPED_LEVELS and getattr(unit, f"at_{one}")]
    return bool(now_at) and LEVELS.index(parent.level) < LEVELS.index(now_at[-1])
