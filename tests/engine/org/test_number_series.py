"""Series of case numbers: a county's own letters, its own pattern, no gap and no number twice."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput
from engine.models import CaseNumber, NumberSeries, Unit
from engine.storage.case_numbers import NumberBlock, take_case
from tests.engine.org.conftest import NOW
from tests.engine.org.county import make_county

LETTERS = {"ticket": "网", "dispute": "调", "hotline": "线"}


@pytest.fixture
def county(db: Session) -> Unit:
    """山丹县."""
    make_county(db, NOW)
    return db.scalars(select(Unit).where(Unit.code == "620725")).one()


def number(db: Session, county: Unit, process: str = "ticket", year: int = 2026) -> str:
    return take_case(db, county.id, process, LETTERS[process], year)


def define(db: Session, county: Unit, letters: str, **changes: object) -> None:
    org.set_series(db, None, county, letters, known=LETTERS, now=NOW, **changes)  # type: ignore[arg-type]


def test_it_begins_with_the_name_of_the_county_until_somebody_says_otherwise(
    db: Session, county: Unit
) -> None:
    assert number(db, county) == "山网〔2026〕0001"
    assert number(db, county) == "山网〔2026〕0002"
    assert number(db, county, "dispute") == "山调〔2026〕0001"
    assert number(db, county, year=2027) == "山网〔2027〕0001"
    # Published while the letters of a county stood in the diagram.
    assert take_case(db, county.id, "ticket", "山网", 2026) == "山网〔2026〕0003"


def test_it_takes_the_letters_of_the_county(db: Session, county: Unit) -> None:
    define(db, county, "荣")
    assert number(db, county) == "荣网〔2026〕0001"
    assert number(db, county, "hotline") == "荣线〔2026〕0001"


def test_it_takes_pattern_digits_and_a_count_that_never_begins_anew(
    db: Session, county: Unit
) -> None:
    pattern = "{letters}字第{number}号"
    define(db, county, "丹网", process="ticket", pattern=pattern, digits=6, yearly=False)
    assert number(db, county) == "丹网字第000001号"
    assert number(db, county, year=2027) == "丹网字第000002号"
    assert number(db, county, "dispute") == "山调〔2026〕0001"
    assert [
        row.year for row in db.scalars(select(CaseNumber).where(CaseNumber.prefix == "丹网"))
    ] == [0]


def test_it_goes_on_where_letters_that_were_changed_come_back(db: Session, county: Unit) -> None:
    define(db, county, "丹")
    assert number(db, county) == "丹网〔2026〕0001"
    define(db, county, "荣")
    assert number(db, county) == "荣网〔2026〕0001"
    define(db, county, "丹")
    assert number(db, county) == "丹网〔2026〕0002"


@pytest.mark.parametrize("yearly", [True, False])
def test_it_gives_back_what_a_block_did_not_use(db: Session, county: Unit, yearly: bool) -> None:
    pattern = "{letters}{year}-{number}"
    define(db, county, "丹网", process="ticket", pattern=pattern, yearly=yearly)
    block = NumberBlock(db, county.id, "ticket", "网", 200)
    assert [block.next(2025), block.next(2026), block.next(2025)] == (
        ["丹网2025-0001", "丹网2026-0001", "丹网2025-0002"]
        if yearly
        else ["丹网2025-0001", "丹网2026-0201", "丹网2025-0002"]
    )
    block.give_back()
    assert number(db, county, year=2025) == ("丹网2025-0003" if yearly else "丹网2025-0004")


@pytest.mark.parametrize(
    ("letters", "changes", "field"),
    [
        ("", {}, "letters"),
        ("甲" * 9, {}, "letters"),
        ("山/", {}, "letters"),
        ("山", {"pattern": "{letters}{year}"}, "pattern"),
        ("山", {"pattern": "{number}{year}"}, "pattern"),
        ("山", {"pattern": "{letters}{number}"}, "pattern"),
        ("山", {"pattern": "{letters}〔{year}〕{number}" + "号" * 40}, "pattern"),
        ("山", {"pattern": "{letters}{year}{number}{month}"}, "pattern"),
        ("山", {"digits": 0}, "digits"),
        ("山调", {"process": "ticket"}, "letters"),
        ("山网", {"process": "nothing"}, "process"),
    ],
)
def test_it_refuses_a_series_that_could_not_be_told_apart(
    db: Session, county: Unit, letters: str, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        define(db, county, letters, **changes)
    assert set(error.value.errors) == {field}


@pytest.mark.parametrize(
    "wrong",
    [
        {"letters": ""},
        {"digits": 0},
        {"pattern": "{letters}{year}"},
        {"pattern": "{year}{number}"},
        {"pattern": "{letters}{number}"},
    ],
)
def test_the_database_refuses_it_too(db: Session, county: Unit, wrong: dict[str, object]) -> None:
    row = {"letters": "山", "pattern": "{letters}{year}{number}", "digits": 4, "yearly": True}
    with pytest.raises(IntegrityError), db.begin_nested():
        db.add(NumberSeries(county_id=county.id, process="", **(row | wrong)))
