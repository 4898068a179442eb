"""How many people live in a unit's area, as somebody entered it: rates on maps divide by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.models import Population, Unit
from engine.records import audit
from feel.text import Text

LONGEST_SOURCE, MOST_PEOPLE = 200, 100_000_000
LEVELS = ("county", "township", "village")
LINE = re.compile(r"^(\S+)(?:[\s,，].*?)?[\s,，](\d[\d,]*)\s*$")
NO_SOURCE = Text("请写明来源。", "Please give the source.")
NO_DAY = Text("请填写数据日期，不晚于今天。", "Please give a day, not after today.")


@dataclass(frozen=True)
class PopulationRow:
    """A unit and what is known of its people."""

    unit: Unit
    population: Population | None


def rows(db: Session, county: Unit) -> list[PopulationRow]:
    """Return the county, its townships and villages with their populations, by code."""
    found = (
        select(Unit, Population)
        .outerjoin(Population, Population.unit_id == Unit.id)
        .where(
            Unit.at_county == county.id,
            Unit.kind == "area",
            Unit.level.in_(LEVELS),
            Unit.ended_at.is_(None),
        )
        .order_by(Unit.code)
    )
    return [PopulationRow(unit, kept) for unit, kept in db.execute(found).tuples()]


def keep(
    db: Session,
    actor_id: int,
    county: Unit,
    lines: str,
    source: str,
    day: date | None,
    *,
    now: datetime,
    today: date,
) -> int:
    """Keep what was typed, a unit a line: code, perhaps a name, number; return how many changed.

    Units that no line names keep what they have. Raises InvalidInput.
    """
    known = {row.unit.code: row for row in rows(db, county)}
    typed = _numbers(lines, known)
    day = _checked(source, day, today)
    changed = {
        code: people
        for code, people in typed.items()
        if (one := known[code].population) is None or one.people != people
    }
    for code, people in changed.items():
        db.merge(
            Population(
                unit_id=known[code].unit.id,
                people=people,
                source=source.strip()[:LONGEST_SOURCE],
                day=day,
                entered_by=actor_id,
                entered_at=now,
            )
        )
    if changed:
        said = {"county": county.code, "people": changed, "source": source.strip()[:200]}
        audit.record_admin(
            db, "population.changed", actor_id, {**said, "day": day.isoformat()}, at=now
        )
    return len(changed)


def _checked(source: str, day: date | None, today: date) -> date:
    """Return the day. Raises InvalidInput where it or the source is missing."""
    wrong: dict[str, Text] = {}
    if not source.strip():
        wrong["source"] = NO_SOURCE
    if day is None or day > today:
        wrong["day"] = NO_DAY
    if wrong:
        raise InvalidInput(wrong)
    assert day is not None
    return day


def _numbers(lines: str, known: Mapping[str, PopulationRow]) -> dict[str, int]:
    """Return people by code. Raises InvalidInput with the first line that says nothing known."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        parts = LINE.match(line.strip())
        if parts is None:
            # A unit without a number yet says nothing.
            if line.split()[0] in known:
                continue
            raise InvalidInput({"lines": _unreadable(number)})
        code, people = parts[1], int(parts[2].replace(",", ""))
        if code not in known or not 0 < people <= MOST_PEOPLE:
            raise InvalidInput({"lines": _unreadable(number)})
        found[code] = people
    return found


def _unreadable(number: int) -> Text:
    return Text(
        f"第 {number} 行不是“单位代码 人数”，或者不是本县的单位。",
        f"Line {number} is no “unit code, number”, or no unit of the county.",
    )
