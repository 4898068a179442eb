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


def assert_as_told(db: Session, now: datetime) -> None:
    """Check every case: the rungs that fired, those to come, and the deadlines of open tasks."""
    facts = Facts.read(db)
    for case in db.scalars(select(Case)):
        assert_case_as_told(db, facts, case, now)


def assert_case_as_told(db: Session, facts: Facts, case: Case, now: datetime) -> None:
    """Check one case."""
    story = CaseReplay(db, facts, case)
    told = Counter(story.tell(audit.history(db, case), now))
    waiting = list(db.scalars(select(Due).where(Due.case_id == case.id)))
    assert_same(rung(db, case) + late(waiting, now), told, case)
    ahead = Counter(ring(one) for one in waiting if is_ahead(one, now))
    assert_same(ahead, Counter(story.ahead), case)
    for task in db.scalars(select(Task).where(Task.case_id == case.id)):
        assert_deadlines(task, story)


def assert_same(found: Counter[ReplayedRung], told: Counter[ReplayedRung], case: Case) -> None:
    """The same rungs and rounds at the same moments, each as often."""
    more, missing = dict(found - told), dict(told - found)
    assert not more and not missing, f"{case.number} has {more} and not {missing}"


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
