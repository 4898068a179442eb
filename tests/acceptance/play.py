"""Play a small process through the use cases: every step is a transaction of its own.

Nothing of a case lives in memory between two steps: state, tasks and clocks are read back
from the database each time, and time is whatever the test says it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import bpmn
from engine.casework import cases
from engine.definitions import versions
from engine.models import Case, CaseState, Due, IncidentRow, Task
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import World

LEADER = "grid_leader"


class Play:
    """One case of the process ``p``, and its village's grid leader at work on it."""

    def __init__(self, world: World, files: Mapping[str, bytes], **answers: Any) -> None:
        self.world = world
        with transaction() as db:
            versions.publish(db, "p", files, now=world.now)
        self.id = world.open(process="p", **answers)

    @property
    def open(self) -> list[str]:
        """Nodes of the open task rows, which must be those that the engine has open."""
        rows = self.tasks()
        with reading() as db:
            case = db.get_one(Case, self.id)
            definition = versions.load(db, case.version_id).definition
            found = bpmn.open_tasks(definition, db.get_one(CaseState, self.id).state)
        assert sorted(row.engine_id for row in rows) == sorted(task.engine_id for task in found)
        return sorted(row.node_id for row in rows)

    def tasks(self, node: str | None = None) -> list[Task]:
        """The open task rows, oldest first."""
        query = select(Task).where(Task.case_id == self.id, Task.done_at.is_(None))
        if node is not None:
            query = query.where(Task.node_id == node)
        with reading() as db:
            return list(db.scalars(query.order_by(Task.id)))

    def do(self, node: str, index: int = 0, by: str = LEADER, **answers: Any) -> Play:
        """Sign for the open task of a node, then complete it."""
        task = self.tasks(node)[index]
        with transaction() as db:
            cases.sign(db, self.world.actor(db, by), task.id, now=self.world.now)
        with transaction() as db:
            actor = self.world.actor(db, by)
            cases.complete_task(db, actor, task.id, answers, now=self.world.now)
        return self

    def send(self, message: str, by: str = LEADER, **answers: Any) -> Play:
        """Press the button that the diagram offers for a message."""
        with transaction() as db:
            actor = self.world.actor(db, by)
            cases.send_message(db, actor, self.id, message, answers, now=self.world.now)
        return self

    def wait(self, **amount: int) -> dict[str, int]:
        """Move the clock on and let the worker sweep; gives the sweep's report."""
        self.world.now += timedelta(**amount)
        return ticks.sweep(self.world.now)

    @property
    def timers(self) -> dict[str, datetime]:
        """The engine's timers in the due table, by node."""
        return {row.data["node"]: row.fire_at for row in self.due("timer")}

    def due(self, kind: str) -> list[Due]:
        """The case's future moments of a kind, soonest first."""
        return [row for row in self.world.due(self.id) if row.kind == kind]

    @property
    def kinds(self) -> list[str]:
        """Kinds of the case's audit events."""
        return self.world.kinds(self.id)

    def outcomes(self, node: str) -> list[str | None]:
        """How the tasks of a node ended, oldest first; None is open."""
        query = select(Task.outcome).where(Task.case_id == self.id, Task.node_id == node)
        with reading() as db:
            return list(db.scalars(query.order_by(Task.id)))

    @property
    def end(self) -> str | None:
        """The end event that closed the case; None while it is open."""
        with reading() as db:
            case = db.get_one(Case, self.id)
        if case.closed_at is None:
            return None
        assert self.world.due(self.id) == [] and self.open == []
        assert self.kinds.count("case.closed") == 1
        return case.outcome or "?"

    @property
    def variables(self) -> dict[str, Any]:
        """What the stored state holds."""
        with reading() as db:
            found: dict[str, Any] = json.loads(db.get_one(CaseState, self.id).state)["variables"]
            return found

    @property
    def case(self) -> Case:
        """The case's row."""
        with reading() as db:
            return db.get_one(Case, self.id)

    def incidents(self) -> list[IncidentRow]:
        """The case's incidents that nobody has solved."""
        query = select(IncidentRow).where(
            IncidentRow.case_id == self.id, IncidentRow.solved_at.is_(None)
        )
        with reading() as db:
            return list(db.scalars(query.order_by(IncidentRow.id)))
