"""Every clock against the slow calculation, which is told nothing but the chains."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation.facts import Facts
from bench.simulation.replay import CaseReplay
from bench.simulation.rung import ReplayedRung
from engine.models import Case, Due, Task
from engine.records import audit

# What the mark of a round holds, a rung beyond the rows of the table.
AGAIN = ":again"


def assert_as_told(db: Session, now: datetime) -> None:
    """Check every case: the rungs that fired, those to come, and the deadlines of open tasks."""
    facts = Facts.read(db)
    for case in db.scalars(select(Case)):
        story = CaseReplay(db, facts, case)
        told = Counter(story.tell(audit.history(db, case), now))
        waiting = list(db.scalars(select(Due).where(Due.case_id == case.id)))
        assert_same(rung(db, case) + late(waiting, now), told, case)
        ahead = Counter(ring(one) for one in waiting if is_ahead(one, now))
        assert_same(ahead, Counter(story.ahead), case)
        for task in db.scalars(select(Task).where(Task.case_id == case.id)):
            assert_deadlines(task, story)


def assert_same(found: Counter[ReplayedRung], told: Counter[ReplayedRung], case: Case) -> None:
    """The same rungs, each as often; every ladder that must go on in rounds does.

    When a round fires hangs on the one before, and those that pass while no worker is there are
    left out; tests of the ladders hold their hours (``test_ladders``).
    """
    rungs_found, rounds_found = _apart(found)
    rungs_told, rounds_told = _apart(told)
    more, missing = dict(rungs_found - rungs_told), dict(rungs_told - rungs_found)
    assert not more and not missing, f"{case.number} has {more} and not {missing}"
    missing_rounds = rounds_told - rounds_found
    assert not missing_rounds, f"{case.number}: no rounds of {missing_rounds}"


def _apart(rungs: Counter[ReplayedRung]) -> tuple[Counter[ReplayedRung], set[tuple[int, str]]]:
    """The rungs of the table's rows, and the ladders that go on in rounds."""
    rounds = {_ladder_of(one) for one in rungs if AGAIN in one.mark}
    return Counter({one: n for one, n in rungs.items() if AGAIN not in one.mark}), rounds


def _ladder_of(one: ReplayedRung) -> tuple[int, str]:
    """The task and the clock that a rung belongs to."""
    return one.task, one.mark.partition(":")[0]


def assert_deadlines(task: Task, story: CaseReplay) -> None:
    """An open task's deadlines, to the minute."""
    told = story.tasks.get(task.id)
    if told is None or task.done_at is not None:
        return
    assert (task.sign_due_at, task.started_at) == (told.sign_due, told.started_at)
    if task.paused_at is None:
        assert task.due_at == told.due


def rung(db: Session, case: Case) -> Counter[ReplayedRung]:
    """What fired, by the chain."""
    found = (
        (event, json.loads(event.data))
        for event in audit.history(db, case)
        if event.kind == "escalated"
    )
    return Counter(
        ReplayedRung.of(event.task_id, data["rung"], data["due"], data) for event, data in found
    )


def late(waiting: list[Due], now: datetime) -> Counter[ReplayedRung]:
    """What has come due and the worker has not got to."""
    return Counter(ring(one) for one in waiting if one.kind == "rung" and one.fire_at <= now)


def is_ahead(row: Due, now: datetime) -> bool:
    """Whether a rung is to come."""
    return row.kind == "rung" and row.fire_at > now


def ring(row: Due) -> ReplayedRung:
    """A due row's rung."""
    mark = row.mark.partition("~")[0]
    return ReplayedRung.of(row.task_id, mark, row.fire_at.isoformat(), row.data)
