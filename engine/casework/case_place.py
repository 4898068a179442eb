"""The place of a case: a unit of its county, and the words by which people know it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput
from engine.models import Case, Unit
from feel.text import Text

NOT_HERE = Text("请选择本县内的地点。", "Choose a place in this county.")


def move(db: Session, case: Case, code: str) -> None:
    """Put the case at the unit of that code. Raises InvalidInput for none, or one of elsewhere."""
    place = org.unit_by_code(db, code)
    if place is None or place.at_county != case.county_id:
        raise InvalidInput({"place": NOT_HERE})
    case.place, case.place_name = place, place_name(db, place)


def place_name(db: Session, place: Unit) -> str:
    """Return the place as people say it, from below the county down: 清泉镇南湖社区第二网格."""
    above = [unit for unit in org.ancestors(db, place) if unit.level in ("township", "village")]
    return "".join(unit.name for unit in [*reversed(above), place])[:200]
