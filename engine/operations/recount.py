"""Counters counted again from chains and rows, and what differs put right.

What is put right is added as deltas to what is there: work that goes on meanwhile counts on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.casework import past_answers
from engine.models import TallyDelta, Unit
from engine.operations.doctor.ledger import CounterDifference, CounterSums
from engine.operations.doctor.records import records
from engine.storage.db import reading, transaction


@dataclass(frozen=True)
class Recount:
    """How many cases were counted again, how many counters were wrong, how many marks were made."""

    cases: int
    counters: int
    marks: int


def recount() -> Recount:
    """Count everything again in transactions of its own."""
    made = _past_answers()
    sums, cases = CounterSums(), 0
    with reading(snapshot=True) as db:
        for record in records(db):
            sums.enter(record)
            cases += 1
        wrong = list(sums.differences(db))
    with transaction() as db:
        correct(db, wrong)
    return Recount(cases, len(wrong), made)


def correct(db: Session, wrong: Iterable[CounterDifference]) -> None:
    """Add to counters what they lack."""
    county = func.coalesce(Unit.at_county, Unit.id)
    counties = dict(db.execute(select(Unit.id, county)).tuples().all())
    db.add_all(
        TallyDelta(
            county_id=counties[one.unit_id],
            unit_id=one.unit_id,
            process=one.process,
            measure=one.measure,
            day=one.day,
            amount=one.said - one.counted,
        )
        for one in wrong
    )


def _past_answers() -> int:
    with reading() as db:
        asking = past_answers.versions_asking(db)
    made = 0
    for version_id, nodes in asking.items():
        last = 0
        while True:
            with transaction() as db:
                last, some = past_answers.mark(db, version_id, nodes, last)
            made += some
            if not last:
                break
    return made
