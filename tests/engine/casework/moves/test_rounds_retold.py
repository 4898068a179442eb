"""Ladders that are in their rounds as something moves the task, against the slow calculation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import background_recalculations, cases, moves
from engine.models import Post, Unit, User
from engine.storage.db import reading, transaction
from engine.timing import emergencies
from engine.worker import ticks
from tests.engine.casework.moves import retold
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.world import ACCEPT, DISPATCH, World

HOUR = timedelta(hours=1)


@pytest.fixture
def urgent(world: World) -> Desk:
    """An urgent ticket that waits in a village."""
    desk = Desk.__new__(Desk)
    desk.world = world
    desk.case_id = world.open(danger="yes", danger_note="请当心")
    return desk


def live(desk: Desk, days: int) -> None:
    """Let the worker come by twice a day, and at the end."""
    for _half in range(2 * days):
        desk.world.now += 12 * HOUR
        ticks.sweep(desk.world.now)
        ticks.recalculate(desk.world.now)
        ticks.sweep(desk.world.now)


def unit(code: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()


def transfer(desk: Desk) -> None:
    """From one bureau to another, and three days later back."""
    desk.world.complete("grid_leader", desk.case_id, ACCEPT)
    desk.world.complete("dispatcher", desk.case_id, DISPATCH)
    live(desk, 4)
    # The diagram has told a supervisor meanwhile, who has a task of the case, too.
    task_id = desk.world.task(desk.case_id, "handle").id
    desk.on(task_id, "handler", moves.transfer, unit("620725-SWJ"), "属水务职责")
    live(desk, 3)
    desk.on(task_id, "water_handler", moves.transfer, unit("620725-ZJJ"), "属住建职责")


def vacate(desk: Desk) -> None:
    """Nobody sits there for three days."""
    with transaction() as db:
        here = select(Post).join(Unit).where(Unit.code == "V1", Post.role == "grid_leader")
        post = db.scalars(here.where(Post.until_at.is_(None))).one()
        org.vacate_post(db, None, post, now=desk.world.now)
    live(desk, 3)
    with transaction() as db:
        post = db.scalars(here.where(Post.until_at.is_(None))).one()
        user = db.get_one(User, desk.world.logins["grid_leader"])
        org.fill_post(db, None, post, user, now=desk.world.now)


def reclassify(desk: Desk) -> None:
    """Less urgent, and urgent again."""
    for priority in ("一般", "紧急"):
        with transaction() as db:
            actor = desk.world.actor(db, "county_leader")
            given = {"priority": priority}
            moves.reclassify(db, actor, desk.case_id, given, "有变", now=desk.world.now)
        live(desk, 3)


def emergency(desk: Desk) -> None:
    """Half of every limit for three days."""
    for on in (True, False):
        with transaction() as db:
            leader = desk.world.actor(db, "county_leader")
            where, now = unit("620725"), desk.world.now
            if on:
                emergencies.switch_on(
                    db, leader, where, factor=50, overrides=(), reason="防汛", now=now
                )
            else:
                emergencies.switch_off(db, leader, where, reason="解除", now=now)
        desk.world.now += background_recalculations.SETTLE
        live(desk, 3)


def send_back(desk: Desk) -> None:
    """Four days with whoever reported it."""
    desk.move("grid_leader", cases.return_task, "report", "看不清。")
    live(desk, 4)
    answers = desk.world.report(danger="yes", danger_note="请当心")
    desk.world.complete("worker", desk.case_id, answers)


MOVES = (transfer, vacate, reclassify, emergency, send_back)


@pytest.mark.parametrize("signed", [False, True], ids=["waiting", "signed"])
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_rounds_go_on_as_the_slow_calculation_says(
    urgent: Desk, move: Callable[[Desk], None], signed: bool
) -> None:
    live(urgent, 5)
    if signed:
        urgent.sign("grid_leader")
        live(urgent, 2)
    move(urgent)
    for _day in range(4):
        live(urgent, 1)
        with reading() as db:
            retold.assert_as_told(db, urgent.world.now)
