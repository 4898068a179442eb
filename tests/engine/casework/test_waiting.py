"""Whoever waited for a case goes on with it as it is then, not as it was when the wait began."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_lock import begin_task, lock_case
from engine.models import Case, Task, Unit
from engine.storage.db import transaction
from tests.engine.casework.world import FRIDAY_9AM, World
from tests.queueing import queue

NOBODY = Actor(0, "", (), FRIDAY_9AM)
Look = Callable[[Session, int, int], tuple[Case, Task | None]]


def by_task(db: Session, _case_id: int, task_id: int) -> tuple[Case, Task | None]:
    """As a person's move locks."""
    work = begin_task(db, task_id, NOBODY, "complete", now=FRIDAY_9AM)
    return work.case, work.task


def by_case(db: Session, case_id: int, _task_id: int) -> tuple[Case, Task | None]:
    """As the worker locks."""
    case = lock_case(db, case_id)
    assert case is not None
    return case, None


@pytest.mark.parametrize("look", [by_task, by_case])
def test_it_sees_the_units_that_a_case_got_while_it_waited(world: World, look: Look) -> None:
    """A department that triage named and a queue that changed belong to the row that was read."""
    case_id = world.open()
    task_id = world.task(case_id).id
    held, seen = threading.Event(), {}
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def wait_for_it() -> None:
        with app.app_context():
            held.wait(10)
            with transaction() as db:
                case, task = look(db, case_id, task_id)
                seen.update(_names(case, task))

    waiting = threading.Thread(target=wait_for_it)
    waiting.start()
    with queue() as until_it_waits, transaction() as db:
        case, task = db.get_one(Case, case_id, with_for_update=True), db.get_one(Task, task_id)
        place, department = _unit(db, "V2"), _unit(db, "620725-SWJ")
        case.place_id, case.department_id, task.unit_id = place.id, department.id, department.id
        db.flush()
        held.set()
        until_it_waits()
    waiting.join(20)

    assert seen["place"] == place.name
    assert seen["department"] == department.name
    assert seen.get("queue", department.name) == department.name


def _names(case: Case, task: Task | None) -> dict[str, Any]:
    names = {
        "place": case.place and case.place.name,
        "department": case.department and case.department.name,
    }
    return {**names, "queue": task.unit and task.unit.name} if task is not None else names


def _unit(db: Session, code: str) -> Unit:
    return db.scalars(select(Unit).where(Unit.code == code)).one()
