"""What a use case costs in statements: a new one is a decision, not an accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework import cases
from engine.storage.db import db as database_object
from engine.storage.db import transaction
from engine.worker import firing
from tests.engine.casework.world import ACCEPT, DISPATCH, FEEDBACK, HANDLE, TRACK, World

Use = Callable[[Session, Actor], Any]


def cost(world: World, login: str, use: Use) -> list[str]:
    """The statements that a use case sends, from its first to the last before the commit."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        seen.append(sql)

    try:
        with transaction() as db:
            actor = world.actor(db, login)
            event.listen(database_object.engine, "before_cursor_execute", note)
            use(db, actor)
    finally:
        event.remove(database_object.engine, "before_cursor_execute", note)
    return seen


def test_it_hands_over_to_another_unit_in_few_statements(world: World, backend: str) -> None:
    """Lock and read, end the clocks, find the unit; PostgreSQL takes the writes at once.

    Two end the citizen's clock, which stops here: what came due keeps its place, the rest goes.
    """
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    world.complete("handler", case_id, HANDLE)
    world.complete("worker", case_id, {**TRACK})
    task = world.task(case_id)
    assert task.node_id == "feedback"

    seen = cost(
        world,
        "worker",
        lambda db, actor: cases.complete_task(db, actor, task.id, FEEDBACK, now=world.now),
    )

    assert len(seen) == {"postgresql": 7, "sqlite": 17}[backend], "\n".join(seen)


def test_it_signs_in_a_few_statements(world: World, backend: str) -> None:
    """The sign clock goes, the handling clock comes, the chain grows."""
    case_id = world.open()
    task = world.task(case_id)

    seen = cost(
        world, "grid_leader", lambda db, actor: cases.sign(db, actor, task.id, now=world.now)
    )

    assert len(seen) == {"postgresql": 3, "sqlite": 7}[backend], "\n".join(seen)


def test_it_rings_a_rung_in_a_few_statements(world: World, backend: str) -> None:
    """Lock, read, climb; its row goes and everything else comes with the commit."""
    case_id = world.open()
    rung = next(row for row in world.due(case_id) if row.mark == "sign:0")

    seen = cost(world, "worker", lambda db, _actor: firing.fire(db, rung.id, rung.fire_at))

    assert len(seen) == {"postgresql": 4, "sqlite": 10}[backend], "\n".join(seen)


def test_it_opens_a_case_in_a_bounded_number_of_statements(world: World) -> None:
    """Opening also takes a number, resolves the place and shows the case to two units."""
    world.open()

    seen = cost(
        world,
        "worker",
        lambda db, actor: cases.open_case(db, actor, "ticket", world.report(), now=world.now),
    )

    assert len(seen) <= 24, "\n".join(seen)
