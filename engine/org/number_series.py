"""What a county numbers its cases by: its letters, and for each process letters and pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.models import NumberSeries, Unit
from engine.records import audit
from engine.storage.case_numbers import DIGITS, OWN, PATTERN, series_letters, write
from feel.text import Text

LETTERS = re.compile(r"\w{1,8}")
PLACES = re.compile(r"\{([^{}]*)\}")
# What the column of a case's number holds.
LONGEST = 40


@dataclass(frozen=True)
class SeriesRow:
    """The series of one process in a county; ``own`` says that the county has set it."""

    process: str
    letters: str
    pattern: str
    digits: int
    yearly: bool
    own: bool

    def example(self, year: int) -> str:
        """Return the first number of a year."""
        return write(self.pattern, self.letters, year, 1, self.digits)


def series_of(db: Session, county: Unit, known: Mapping[str, str]) -> dict[str, SeriesRow]:
    """Return the series of a county by process, that of the county itself under ``""``.

    ``known`` are the letters that the processes bring along.
    """
    query = select(NumberSeries).where(NumberSeries.county_id == county.id)
    rows = {row.process: row for row in db.scalars(query)}
    own = rows.get(OWN)
    letters = own.letters if own else county.name[:1]
    shape = (own.pattern, own.digits, own.yearly) if own else (PATTERN, DIGITS, True)
    found = {OWN: SeriesRow(OWN, letters, *shape, own=own is not None)}
    for process in sorted({*known, *rows} - {OWN}):
        row = rows.get(process)
        found[process] = (
            SeriesRow(process, row.letters, row.pattern, row.digits, row.yearly, own=True)
            if row
            else SeriesRow(process, series_letters(letters, known[process]), *shape, own=False)
        )
    return found


def set_series(
    db: Session,
    actor_id: int | None,
    county: Unit,
    letters: str,
    *,
    known: Mapping[str, str],
    now: datetime,
    process: str = OWN,
    pattern: str = PATTERN,
    digits: int = DIGITS,
    yearly: bool = True,
) -> None:
    """Set a county's letters, or the series of one process; numbers that were given stay.

    Raises InvalidInput for what could not be distinguished from another series or another number.
    """
    row = SeriesRow(process, letters.strip(), pattern.strip(), digits, yearly, own=True)
    errors = _errors(db, county, row, known)
    if errors:
        raise InvalidInput(errors)
    kept = db.get(NumberSeries, (county.id, process))
    before = {"letters": kept.letters, "pattern": kept.pattern} if kept else None
    if kept is None:
        kept = NumberSeries(county_id=county.id, process=process)
        db.add(kept)
    kept.letters, kept.pattern = row.letters, row.pattern
    kept.digits, kept.yearly = row.digits, row.yearly
    db.flush()
    after = {"letters": row.letters, "pattern": row.pattern}
    data = {"county": county.id, "process": process, "before": before, "after": after}
    audit.record_admin(db, "numbers.set", actor_id, data, at=now)


def unset_counties(db: Session) -> list[Unit]:
    """Return the counties that nobody has asked for their letters yet."""
    asked = select(NumberSeries.county_id)
    counties = select(Unit).where(
        Unit.level == "county",
        Unit.kind == "area",
        Unit.ended_at.is_(None),
        Unit.id.not_in(asked),
    )
    return list(db.scalars(counties.order_by(Unit.code)))


def _errors(db: Session, county: Unit, row: SeriesRow, known: Mapping[str, str]) -> dict[str, Text]:
    if row.process != OWN and row.process not in known:
        return {"process": Text("无此流程。", "There is no such process.")}
    if not LETTERS.fullmatch(row.letters):
        return {"letters": Text("字头为 1 至 8 个字。", "A prefix has 1 to 8 characters.")}
    if not 1 <= row.digits <= 9:
        return {"digits": Text("位数为 1 至 9。", "Digits are 1 to 9.")}
    return _pattern_errors(row) or _shared(db, county, row, known)


def _pattern_errors(row: SeriesRow) -> dict[str, Text]:
    places = PLACES.findall(row.pattern)
    needed = {"letters", "number"} | ({"year"} if row.yearly else set())
    if not needed <= set(places) <= {"letters", "year", "number"} or len(places) > 3:
        text = Text(
            "样式须含 {letters} 和 {number}，按年编号的还须含 {year}，各一次。",
            "The pattern needs {letters}, {number} and, with yearly numbering, {year}, once each.",
        )
    elif len(row.example(2026)) > LONGEST - 4:
        text = Text("编号太长。", "Such numbers are too long.")
    else:
        return {}
    return {"pattern": text}


def _shared(db: Session, county: Unit, row: SeriesRow, known: Mapping[str, str]) -> dict[str, Text]:
    """Two processes that count with the same letters would each have gaps."""
    series = series_of(db, county, known)
    if row.process == OWN:
        letters = [
            one.letters if one.own else series_letters(row.letters, known[process])
            for process, one in series.items()
            if process != OWN
        ]
    else:
        series[row.process] = row
        letters = [one.letters for one in series.values()]
    if len(letters) == len(set(letters)):
        return {}
    return {"letters": Text("字头与另一流程相同。", "Another process uses this prefix.")}
