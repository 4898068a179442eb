"""Counters counted again from chains and rows, and what differs put right.

What is put right is added as deltas to what is there: work that goes on meanwhile counts on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.casework import past_answers, past_ways
from engine.models import Case, Setting, TallyDelta, Unit
from engine.operations.doctor.ledger import CounterDifference, CounterSums
from engine.operations.doctor.records import records
from engine.operations.doctor.step_ledger import StepDifference, StepSums
from engine.storage import step_counts
from engine.storage.db import reading, transaction

# Remembers that answers and steps of before they were counted are counted.
COUNTED = "figures.counted"


@dataclass(frozen=True)
class Recount:
    """How many cases were counted again, how many counters were wrong, how many marks were made."""

    cases: int
    counters: int
    marks: int


def after_upgrade(now: datetime) -> None:
    """Count what an earlier release did not count, once; a new database has nothing to count."""
    with reading() as db:
        if db.get(Setting, COUNTED) is not None:
            return
        begun = db.scalar(select(Case.id).limit(1)) is not None
    if begun:
        recount()
    with transaction() as db:
        db.add(Setting(key=COUNTED, value=True, changed_at=now))


def recount() -> Recount:
    """Count everything again in transactions of its own."""
    made = _past_answers() + _past_ways()
    sums, steps, cases = CounterSums(), StepSums(), 0
    with reading(snapshot=True) as db:
        for record in records(db):
            sums.enter(record)
            deque(steps.enter(record), maxlen=0)
            cases += 1
        wrong, wrong_steps = list(sums.differences(db)), list(steps.differences(db))
    with transaction() as db:
        correct(db, wrong)
        correct_steps(db, wrong_steps)
    return Recount(cases, len(wrong) + len({one.key for one in wrong_steps}), made)


def correct(db: Session, wrong: Iterable[CounterDifference]) -> None:
    """Add to counters what they lack."""
    counties = _counties(db)
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


def correct_steps(db: Session, wrong: Iterable[StepDifference]) -> None:
    """Add to figures of steps what they lack."""
    counties = _counties(db)
    sums: dict[tuple[Any, ...], dict[str, int]] = {}
    for one in wrong:
        nothing = {"county_id": counties[one.key.unit_id], **dict.fromkeys(step_counts.SUMS, 0)}
        sums.setdefault(one.key, nothing)[one.name] += one.said - one.counted
    if sums:
        step_counts.put_together(db, sums)


def _counties(db: Session) -> dict[int, int]:
    county = func.coalesce(Unit.at_county, Unit.id)
    return dict(db.execute(select(Unit.id, county)).tuples().all())


def _past_ways() -> int:
    """Remember the ways of cases that were closed before ways were counted."""
    made, last = 0, 0
    while True:
        with transaction() as db:
            last, some = past_ways.remember(db, last)
        made += some
        if not last:
            return made
