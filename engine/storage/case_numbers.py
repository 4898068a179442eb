"""Case numbers: prefix, year and a count without gaps, as offices write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.models import CaseNumber
from engine.storage.db import insert_into


def take(db: Session, county_id: int, prefix: str, year: int) -> str:
    """The next number, such as 山网〔2026〕0132; gapless, because a rollback gives it back."""
    return take_many(db, county_id, prefix, year, 1)[0]


def take_many(db: Session, county_id: int, prefix: str, year: int, count: int) -> list[str]:
    """The next ``count`` numbers in one statement."""
    first = insert_into(db, CaseNumber).values(
        county_id=county_id, prefix=prefix, year=year, last=count
    )
    last = db.scalar(
        first.on_conflict_do_update(
            index_elements=["county_id", "prefix", "year"], set_={"last": CaseNumber.last + count}
        ).returning(CaseNumber.last)
    )
    assert last is not None
    return [f"{prefix}〔{year}〕{one:04d}" for one in range(last - count + 1, last + 1)]


class NumberBlock:
    """Numbers taken many at a time within one transaction; what is left over is given back.

    The counter's row stays locked until the commit, so that nobody has taken a later number.
    """

    def __init__(self, db: Session, county_id: int, prefix: str, size: int) -> None:
        self.db, self.county_id, self.prefix, self.size = db, county_id, prefix, size
        self.left: dict[int, list[str]] = {}

    def next(self, year: int) -> str:
        """The next number of a year."""
        left = self.left.setdefault(year, [])
        if not left:
            left += reversed(take_many(self.db, self.county_id, self.prefix, year, self.size))
        return left.pop()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What is taken inside of a savepoint that fails was not taken, nor was a new block."""
        before = {year: list(numbers) for year, numbers in self.left.items()}
        try:
            yield
        except BaseException:
            self.left = before
            raise

    def give_back(self) -> None:
        """Return the numbers that were not used, so that there is no gap."""
        for year, left in sorted(self.left.items()):
            self.db.execute(
                update(CaseNumber)
                .where(
                    CaseNumber.county_id == self.county_id,
                    CaseNumber.prefix == self.prefix,
                    CaseNumber.year == year,
                )
                .values(last=CaseNumber.last - len(left))
            )
        self.left.clear()
