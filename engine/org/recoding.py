"""Units that get another code: the unit, its cases and its clocks stay what they are.

A unit is known by its id; its code is how tables, forms and people name it. The old code goes
on to lead to it (``unit_by_code``), and what lies under it takes the new beginning over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.models import Unit, UnitChange, new_id
from engine.org.tree import subtree_ids
from engine.records import audit
from feel.text import Text

KIND = "recoded"


def recode_unit(
    db: Session, actor_id: int | None, unit: Unit, code: str, *, now: datetime
) -> list[tuple[Unit, str]]:
    """Give a unit another code, and what lies under it and begins with the old one.

    Returns the units with the codes that they had. Raises InvalidInput (``code``) where a new code
    is taken.
    """
    old = unit.code
    below = db.scalars(select(Unit).where(Unit.id.in_(subtree_ids(unit.id)))).all()
    named = [one for one in below if one.id == unit.id or one.code.startswith(old)]
    fresh = {one.id: code + one.code.removeprefix(old) for one in named}
    if any(len(one) > 32 for one in fresh.values()):
        raise InvalidInput({"code": Text("编码过长。", "The code is too long.")})
    taken = select(Unit.code).where(Unit.code.in_(fresh.values()), Unit.id.not_in(fresh))
    other = db.scalar(taken.order_by(Unit.code).limit(1))
    if other is not None:
        raise InvalidInput(
            {"code": Text(f"编码 {other} 已被使用。", f"The code {other} is in use.")}
        )
    before = [(one, one.code) for one in named]
    for one in named:
        # Out of the way first: one may get the code that another still has.
        one.code = f"!{one.id}"
    db.flush()
    for one, known in before:
        one.code = fresh[one.id]
        db.add(_change(one, known, actor_id, now))
    db.flush()
    data = {"unit": unit.id, "before": old, "after": code, "units": len(named)}
    audit.record_admin(db, "unit.recoded", actor_id, data, at=now)
    return before


def recoded_from(db: Session, codes: Iterable[str]) -> dict[str, Unit]:
    """Return the units that had these codes once, by old code; the one that had it last."""
    wanted = sorted(set(codes))
    found: dict[str, Unit] = {}
    for start in range(0, len(wanted), 500):
        rows = db.execute(
            select(UnitChange.before, Unit)
            .join(Unit, Unit.id == UnitChange.unit_id)
            .where(UnitChange.kind == KIND, UnitChange.before.in_(wanted[start : start + 500]))
            .order_by(UnitChange.at, UnitChange.id)
        )
        found |= {code: unit for code, unit in rows if code is not None}
    return found


def _change(unit: Unit, before: str, actor_id: int | None, now: datetime) -> UnitChange:
    return UnitChange(
        id=new_id(),
        unit_id=unit.id,
        at=now,
        actor_id=actor_id,
        kind=KIND,
        before=before,
        after=unit.code,
    )
