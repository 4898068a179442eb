"""Messages of a round share transactions; a broken one, and another worker's, hold up none."""

from __future__ import annotations

from contextvars import copy_context
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from engine.casework.case_lock import lock_case
from engine.models import Case, Notice, Outbox
from engine.notices import outbox
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import World

MANY = 2 * ticks.MESSAGES + 5


def put(world: World, many: int) -> tuple[int, list[int]]:
    """A case, and more messages to whom its opening was told, none of them sent yet."""
    case_id = world.open()
    ticks.deliver(world.now)
    with transaction() as db:
        case = db.get_one(Case, case_id)
        first = db.scalars(select(Outbox).where(Outbox.case_id == case_id)).first()
        assert first is not None and first.role is not None
        for one in range(many):
            outbox.put(
                db,
                case,
                "task.late",
                cause=f"test:{one}",
                now=world.now,
                unit_id=first.unit_id,
                role=first.role,
                step="",
                step_en="",
            )
    with reading() as db:
        mine = select(Outbox.id).where(Outbox.cause.startswith("test:")).order_by(Outbox.id)
        return case_id, list(db.scalars(mine))


def told(ids: list[int]) -> list[int]:
    """Of these messages those that somebody can read, each as often as it arrived."""
    with reading() as db:
        mine = select(Notice.outbox_id).where(Notice.outbox_id.in_(ids))
        return list(db.scalars(mine.order_by(Notice.outbox_id)))


def test_each_arrives_once(world: World) -> None:
    _case_id, ids = put(world, MANY)

    assert ticks.deliver(world.now) == {"sent": MANY, "failed": 0, "busy": 0}
    assert ticks.deliver(world.now) == {"sent": 0, "failed": 0, "busy": 0}

    assert told(ids) == ids
    with reading() as db:
        attempts = select(Outbox.attempts, func.count()).where(Outbox.id.in_(ids))
        assert db.execute(attempts.group_by(Outbox.attempts)).all() == [(1, MANY)]


def test_a_broken_one_fails_by_itself(world: World) -> None:
    _case_id, ids = put(world, 6)
    with transaction() as db:
        db.get_one(Outbox, ids[2]).data = ["no such thing"]  # type: ignore[assignment]

    assert ticks.deliver(world.now) == {"sent": 5, "failed": 1, "busy": 0}

    assert told(ids) == ids[:2] + ids[3:]
    with reading() as db:
        broken = db.get_one(Outbox, ids[2])
        assert (broken.attempts, broken.sent_at) == (1, None)
        assert broken.send_at == world.now + timedelta(minutes=outbox.BACK_OFF[0])


# SQLite has one writer, who is waited for.
@pytest.mark.only("postgresql")
def test_it_leaves_what_another_worker_is_sending(world: World) -> None:
    _case_id, ids = put(world, 6)
    with transaction() as other:
        assert outbox.send_together(other, ids[:2], world.now) == set(ids[:2])
        assert ticks.deliver(world.now) == {"sent": 4, "failed": 0, "busy": 2}

    assert told(ids) == ids


@pytest.mark.only("postgresql")
def test_it_waits_for_nobody_who_works_on_a_case(world: World) -> None:
    """Nor do others then wait, whose cases it has told of already."""
    case_id, ids = put(world, 3)
    there, reports = copy_context(), []
    delivering = Thread(target=lambda: reports.append(there.run(ticks.deliver, world.now)))
    with transaction() as somebody:
        lock_case(somebody, case_id)
        delivering.start()
        delivering.join(30)
        held_up = delivering.is_alive()
    delivering.join()

    assert not held_up and reports == [{"sent": 3, "failed": 0, "busy": 0}]
    assert told(ids) == ids
