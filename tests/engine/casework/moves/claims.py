"""What must hold after any moves: the chain whole, counters equal to rows, clocks in order."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.casework import merger_rows
from engine.definitions import versions
from engine.models import Case, CaseState, Due, Task, Unit
from engine.records import anchors
from engine.storage.db import reading
from tests.tally_totals import totals


def assert_whole(*, now: datetime | None = None) -> None:
    """Check every case of the database; ``now`` is when the worker last swept, if it did."""
    with reading() as db:
        assert anchors.verify(db) == []
        _assert_tallies(db)
        for case in db.scalars(select(Case)):
            _assert_tokens(db, case)
            _assert_clocks(db, case, now)


def _assert_tallies(db: Session) -> None:
    """Counters of waiting, handling and closed work equal the rows."""
    rows: Counter[tuple[int, str, str]] = Counter()
    for task, process in db.execute(
        select(Task, Case.process).join(Case, Case.id == Task.case_id).where(Task.done_at.is_(None))
    ):
        measure = "waiting" if task.assignee_id is None else "handling"
        rows[task.unit_id, process, measure] += 1
    for case in db.scalars(select(Case).where(Case.closed_at.is_not(None))):
        rows[case.unit_id, case.process, "closed"] += 1
    units = list(db.scalars(select(Unit.id)))
    counted = {
        key: amount
        for key, amount in totals(db, units).items()
        if key[2] in ("waiting", "handling", "closed") and amount
    }
    assert counted == dict(rows)


def _assert_tokens(db: Session, case: Case) -> None:
    """One open row for each token, none without."""
    state = db.get_one(CaseState, case.id)
    definition = versions.load(db, case.version_id).definition
    merger = merger_rows.of_case(db, case) if case.main_id else None
    kept = db.scalars(select(Task.engine_id).where(Task.id.in_(merger.aside if merger else ())))
    aside = set(kept)
    found = [] if case.closed_at else bpmn.open_tasks(definition, state.state)
    tokens = [token for token in found if token.engine_id not in aside]
    rows = db.scalars(select(Task.engine_id).where(Task.case_id == case.id, Task.done_at.is_(None)))
    assert sorted(rows) == sorted(token.engine_id for token in tokens)


def _assert_clocks(db: Session, case: Case, now: datetime | None) -> None:
    """A closed case waits for nothing; an open task's clock is armed as its row says."""
    due = list(db.scalars(select(Due).where(Due.case_id == case.id)))
    if case.closed_at is not None:
        assert due == []
        return
    open_tasks = db.scalars(select(Task).where(Task.case_id == case.id, Task.done_at.is_(None)))
    tasks = {task.id: task for task in open_tasks}
    assert {row.task_id for row in due if row.task_id} <= set(tasks)
    for task in tasks.values():
        kinds = {row.kind: row.fire_at for row in due if row.task_id == task.id}
        _assert_clock(task, kinds)
        if now is not None:
            _assert_none_lost(task, set(kinds), now)


def _assert_clock(task: Task, kinds: dict[str, datetime]) -> None:
    if task.due_at is not None and task.started_at is not None:
        # What a unit had used up before is late from the first minute.
        assert task.due_at >= task.started_at or "handle" in (task.carried or {})
    if task.paused_at is not None:
        assert "resume" in kinds and "due" not in kinds
        assert task.deadline_at is None
        return
    assert "resume" not in kinds
    if task.assignee_id is not None and task.due_at is not None:
        assert task.deadline_at == task.due_at
    for kind, at in (("due", task.due_at), ("sign_due", task.sign_due_at)):
        if kind in kinds:
            assert kinds[kind] == at


def _assert_none_lost(task: Task, kinds: set[str], now: datetime) -> None:
    """What has not come yet is still to come."""
    if task.paused_at is None and task.due_at is not None and task.due_at > now:
        assert "due" in kinds
    unsigned = task.started_at is None and task.assignee_id is None
    if unsigned and task.sign_due_at is not None and task.sign_due_at > now:
        assert "sign_due" in kinds
