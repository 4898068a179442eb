"""Whoever suspended a task leaves: the pause ends by itself all the same, and its clock goes on."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from engine import org
from engine.casework import moves
from engine.models import Outbox, Pause, User
from engine.operations import doctor
from engine.storage.db import reading, transaction
from tests.engine.casework.test_recalculation import handled
from tests.engine.casework.world import World


def test_a_pause_ends_though_nobody_has_the_task_any_more(world: World) -> None:
    case_id = handled(world)
    with transaction() as db:
        actor = world.actor(db, "handler")
        moves.suspend(db, actor, world.task(case_id).id, "party", "等当事人。", now=world.now)
    world.now += timedelta(hours=2)
    with transaction() as db:
        org.end_user(db, None, db.get_one(User, world.logins["handler"]), now=world.now)
    with reading() as db:
        world.now = db.scalars(select(Pause.limit_at)).one()
    fired = world.work(world.now)
    assert fired["sweep"].get("failed", 0) == 0

    task = world.task(case_id)
    assert (task.paused_at, task.assignee_id) == (None, None)
    assert task.due_at is not None and task.deadline_at == task.due_at > world.now
    with reading(snapshot=True) as db:
        told = db.scalars(select(Outbox).where(Outbox.key == "task.resumed")).one()
        assert (told.user_id, told.unit_id, told.role) == (None, task.unit_id, task.role)
        assert doctor.examine(db, world.now).findings == []
    # Nothing of the time for signing, which is long over, rings again.
    assert not [row for row in world.due(case_id) if row.fire_at <= world.now]
