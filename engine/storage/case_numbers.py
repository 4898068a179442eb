"""Case numbers: letters, year and a count without gaps, as the offices of a county write them.

A series belongs to a county and a process (``number_series``). Where nobody has set one, its
letters are the county's own, or the first character of its name, before those of the process:
山网〔2026〕0132 in 山丹县.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from engine.models import CaseNumber, NumberSeries, Unit
from engine.storage.db import insert_into

# What a county writes that has set nothing else.
PATTERN, DIGITS = "{letters}〔{year}〕{number}", 4
# The process of the row that holds a county's own letters.
OWN = ""


@dataclass(frozen=True)
class SeriesNumbers:
    """Numbers of one series: the counter's row, how they are written, and the last of them."""

    letters: str
    year_counted: int
    pattern: str
    digits: int
    last: int

    def last_numbers(self, count: int, year: int) -> list[str]:
        """Return the last ``count`` numbers as they are written in that year."""
        counted = range(self.last - count + 1, self.last + 1)
        return [write(self.pattern, self.letters, year, one, self.digits) for one in counted]


def write(pattern: str, letters: str, year: int, number: int, digits: int) -> str:
    """Return a number as its pattern has it."""
    plain = f"{number:0{digits}d}"
    shaped = pattern.replace("{year}", str(year)).replace("{number}", plain)
    return shaped.replace("{letters}", letters)


def take(db: Session, county_id: int, prefix: str, year: int) -> str:
    """Return the next number of papers that are no cases, such as 督〔2026〕0003, without gaps."""
    first = insert_into(db, CaseNumber).values(
        county_id=county_id, prefix=prefix, year=year, last=1
    )
    last = db.scalar(
        first.on_conflict_do_update(
            index_elements=["county_id", "prefix", "year"], set_={"last": CaseNumber.last + 1}
        ).returning(CaseNumber.last)
    )
    assert last is not None
    return write(PATTERN, prefix, year, last, DIGITS)


def take_case(db: Session, county_id: int, process: str, letters: str, year: int) -> str:
    """Return the next number of a case of ``process``; gapless, because a rollback gives it back.

    ``letters`` are those of the process, which the county's own stand before.
    """
    return _take(db, county_id, process, letters, year, 1).last_numbers(1, year)[0]


def series_letters(own: str, process_letters: str) -> str:
    """Return the letters of a series that nobody has set; those of the county stand there once."""
    return process_letters if process_letters.startswith(own) else own + process_letters


def _take(
    db: Session, county_id: int, process: str, letters: str, year: int, count: int
) -> SeriesNumbers:
    given = {"county": county_id, "process": process, "letters": letters}
    statement = _taking(db.get_bind().dialect.name)
    row = db.execute(statement, {**given, "year": year, "count": count}).one()
    return SeriesNumbers(*row)


@lru_cache(maxsize=2)
def _taking(dialect: str) -> Any:
    """Return one statement that finds the series and takes its next numbers; built once a
    database.
    """
    series, own = aliased(NumberSeries), aliased(NumberSeries)
    county = bindparam("county", type_=BigInteger)
    process = bindparam("process", type_=String)
    counted = select(
        Unit.id,
        func.coalesce(series.letters, _unset(own)),
        case(
            (func.coalesce(series.yearly, own.yearly, literal(True)), _number("year")),
            else_=literal(0),
        ),
        _number("count"),
    )
    counted = counted.select_from(Unit).where(Unit.id == county)
    counted = counted.outerjoin(
        series, and_(series.county_id == Unit.id, series.process == process)
    ).outerjoin(own, and_(own.county_id == Unit.id, own.process == OWN))
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # The table and not the class: an ORM insert takes no query.
    table: Any = CaseNumber.__table__
    statement = insert(table).from_select(["county_id", "prefix", "year", "last"], counted)
    return statement.on_conflict_do_update(
        index_elements=["county_id", "prefix", "year"],
        set_={"last": table.c.last + statement.excluded.last},
    ).returning(
        table.c.prefix,
        table.c.year,
        func.coalesce(_set("pattern"), literal(PATTERN)),
        func.coalesce(_set("digits"), literal(DIGITS)),
        table.c.last,
    )


def _number(name: str) -> ColumnElement[int]:
    return cast(bindparam(name, type_=Integer), Integer)


def _unset(own: Any) -> ColumnElement[str]:
    """``series_letters`` in SQL, of the county's letters or the first character of its name."""
    letters = cast(bindparam("letters", type_=String), String)
    first = func.coalesce(own.letters, func.substr(Unit.name, 1, 1))
    begins = func.substr(letters, 1, func.length(first)) == first
    return case((begins, letters), else_=first.concat(letters))


def _set(column: str) -> Any:
    """Return what the series says of its shape, else the county's own row."""
    found = (
        select(getattr(NumberSeries, column))
        .where(
            NumberSeries.county_id == bindparam("county", type_=BigInteger),
            NumberSeries.process.in_((bindparam("process", type_=String), OWN)),
        )
        .order_by(NumberSeries.process.desc())
        .limit(1)
    )
    return found.scalar_subquery()


class NumberBlock:
    """Numbers taken many at a time within one transaction; what is left over is given back.

    The counter's row stays locked until the commit, so that nobody has taken a later number.
    """

    def __init__(self, db: Session, county_id: int, process: str, letters: str, size: int) -> None:
        self.db, self.county_id, self.process = db, county_id, process
        self.letters, self.size = letters, size
        self.stock: dict[int, list[str]] = {}
        # The counter's row that each year's numbers come from.
        self.counts: dict[int, SeriesNumbers] = {}

    def next(self, year: int) -> str:
        """Return the next number of a year."""
        left = self.stock.setdefault(year, [])
        if not left:
            taken = _take(self.db, self.county_id, self.process, self.letters, year, self.size)
            self.counts[year] = taken
            left += reversed(taken.last_numbers(self.size, year))
        return left.pop()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What is taken inside of a savepoint that fails was not taken, nor was a new block."""
        before = {year: list(numbers) for year, numbers in self.stock.items()}
        try:
            yield
        except BaseException:
            self.stock = before
            raise

    def give_back(self) -> None:
        """Return the numbers that were not used, so that there is no gap."""
        for year, left in sorted(self.stock.items()):
            if left:
                counter = self.counts[year]
                self.db.execute(
                    update(CaseNumber)
                    .where(
                        CaseNumber.county_id == self.county_id,
                        CaseNumber.prefix == counter.letters,
                        CaseNumber.year == counter.year_counted,
                    )
                    .values(last=CaseNumber.last - len(left))
                )
        self.stock.clear()
