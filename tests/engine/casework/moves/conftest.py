"""A small county with people and the shipped processes, and a ticket on a department's desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.casework import cases
from engine.models import Task
from engine.storage.db import transaction
from tests.engine.casework.world import ACCEPT, DISPATCH, World


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""


class Desk:
    """A ticket that waits at the housing bureau's ``handle``, and shorthand to move it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.case_id = world.open()
        world.complete("grid_leader", self.case_id, ACCEPT)
        world.complete("dispatcher", self.case_id, DISPATCH)

    @property
    def task(self) -> Task:
        """The open task."""
        return self.world.task(self.case_id)

    def move(self, login: str, use: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Make a move on the open task in a transaction of its own."""
        return self.on(self.task.id, login, use, *args, **named)

    def on(
        self, subject: int, login: str, use: Callable[..., Any], *args: Any, **named: Any
    ) -> Any:
        """Make a move on a task or case by its id."""
        with transaction() as db:
            actor = self.world.actor(db, login)
            return use(db, actor, subject, *args, now=self.world.now, **named)

    def sign(self, login: str = "handler") -> None:
        """Sign for the open task."""
        self.move(login, cases.sign)

    def due_of(self, *kinds: str) -> dict[str, Any]:
        """Future moments of the open task by kind, a rung by its mark."""
        task_id = self.task.id
        return {
            row.mark or row.kind: row.fire_at
            for row in self.world.due(self.case_id)
            if row.task_id == task_id and (not kinds or row.kind in kinds)
        }


@pytest.fixture
def desk(world: World) -> Desk:
    """A ticket at the housing bureau."""
    return Desk(world)
