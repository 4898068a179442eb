"""The floor: what a durable completion could cost at least on the stock engine.

One state row a case, the diagram parsed once, one transaction of five statements (lock the
state, write it, close the task, open the next, add an event). No permissions, no forms, no
clocks, no encryption: not a product, but what a product is measured against.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

import psycopg
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import make_url

from bench.cases import DIAGRAM, PROCESS
from engine.storage.db import SQLITE_PRAGMAS

# The stock engine evaluates Python; the measured diagram is written in FEEL.
_AS_PYTHON = (
    ("accepted = false", "accepted == False"),
    ('outcome = "failed"', 'outcome == "failed"'),
    ("overdue = true", "overdue = True"),
    ("P5D", '"P5D"'),
)
TABLES = (
    "CREATE TABLE floor_case (id INTEGER PRIMARY KEY, status TEXT, state TEXT)",
    "CREATE TABLE floor_task (id TEXT PRIMARY KEY, case_id INTEGER REFERENCES floor_case(id),"
    " name TEXT, owner INTEGER, done TIMESTAMP)",
    "CREATE INDEX floor_inbox ON floor_task(owner) WHERE done IS NULL",
    "CREATE TABLE floor_event (id {serial}, case_id INTEGER,"
    " at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, task TEXT, who INTEGER, data TEXT)",
)


class BareStore(Protocol):
    """A bare store of cases."""

    def start(self, number: int) -> str:
        """Open a case; return its first task."""
        ...

    def complete(self, number: int, task: str, answers: Mapping[str, Any]) -> str | None:
        """Complete a task in one durable transaction; return the next one."""
        ...


class StockEngine:
    """The stock engine on the measured diagram, its specification shared by all cases."""

    def __init__(self) -> None:
        diagram = DIAGRAM.read_text(encoding="utf-8")
        for feel, python in _AS_PYTHON:
            diagram = diagram.replace(feel, python)
        parser = SpiffBpmnParser()
        parser.add_bpmn_str(diagram.encode())
        self.spec = parser.get_spec(PROCESS)
        self.subprocesses = parser.get_subprocess_specs(PROCESS)
        registry = BpmnWorkflowSerializer.configure({**SPIFF_CONFIG, BpmnWorkflow: self._lean()})
        self.serializer = BpmnWorkflowSerializer(registry)

    def begin(self) -> BpmnWorkflow:
        """Return a new case, at its first task."""
        workflow = BpmnWorkflow(self.spec, self.subprocesses)
        _run(workflow)
        return workflow

    def load(self, state: str) -> BpmnWorkflow:
        """Load a case."""
        return self.serializer.from_dict(json.loads(state))

    def dump(self, workflow: BpmnWorkflow) -> str:
        """Write a case down, without its diagram."""
        document = self.serializer.to_dict(workflow)
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False)

    def step(self, state: str, task: str, answers: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Complete a task: the new state, and the tasks open after it."""
        workflow = self.load(state)
        found = workflow.get_task_from_id(UUID(task))
        found.data.update(answers)
        found.run()
        _run(workflow)
        return self.dump(workflow), open_tasks(workflow)

    def _lean(self) -> type[BpmnWorkflowConverter]:
        spec, called = self.spec, self.subprocesses

        class WithoutSpec(BpmnWorkflowConverter):
            def to_dict(self, workflow: Any) -> Any:
                found = WorkflowConverter.to_dict(self, workflow)
                found["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
                found["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
                return found

            def from_dict(self, found: Any) -> Any:
                workflow = self.target_class(spec, called, deserializing=True)
                workflow.tasks = self.mapping_from_dict(found["tasks"], UUID, workflow=workflow)
                workflow.task_tree = workflow.tasks.get(UUID(found["root"]))
                self.set_default_attributes(workflow, found)
                self.subprocesses_from_dict(found["subprocesses"], workflow)
                workflow.bpmn_events = self.registry.restore(found.pop("bpmn_events", []))
                return workflow

        return WithoutSpec


def _run(workflow: BpmnWorkflow) -> None:
    while True:
        workflow.refresh_timers()
        ready = workflow.get_tasks(state=TaskState.READY, manual=False)
        if not ready:
            return
        for task in ready:
            task.run()


def open_tasks(workflow: BpmnWorkflow) -> list[Any]:
    """Return the tasks of people that are open."""
    return list(workflow.get_tasks(state=TaskState.READY, manual=True))


class OnPostgres:
    """The floor with psycopg, the four writes in one round trip."""

    def __init__(self, url: str, stock: StockEngine, create: bool = True) -> None:
        plain = make_url(url).set(drivername="postgresql")
        self.connection = psycopg.connect(plain.render_as_string(hide_password=False))
        self.stock = stock
        for table in TABLES if create else ():
            self.connection.execute(table.format(serial="BIGSERIAL PRIMARY KEY"))
        self.connection.commit()

    def waiting(self) -> list[tuple[int, str]]:
        """Case and task of everything that is open."""
        open_ones = "SELECT case_id, id FROM floor_task WHERE done IS NULL ORDER BY case_id"
        found = self.connection.execute(open_ones).fetchall()
        self.connection.commit()
        return [(case, task) for case, task in found]

    def start(self, number: int) -> str:
        """Open a case; return its first task."""
        workflow = self.stock.begin()
        (task,) = open_tasks(workflow)
        run = self.connection.execute
        run("INSERT INTO floor_case VALUES (%s, 'open', %s)", (number, self.stock.dump(workflow)))
        run("INSERT INTO floor_task VALUES (%s, %s, %s, 1)",
            (str(task.id), number, task.task_spec.bpmn_id))  # fmt: skip
        self.connection.commit()
        return str(task.id)

    def complete(self, number: int, task: str, answers: Mapping[str, Any]) -> str | None:
        """Complete a task in one durable transaction; return the next one."""
        connection = self.connection
        lock = "SELECT state FROM floor_case WHERE id = %s FOR UPDATE"
        row = connection.execute(lock, (number,)).fetchone()
        assert row is not None
        state, opened = self.stock.step(row[0], task, answers)
        status = "open" if opened else "done"
        with connection.pipeline():
            run = connection.execute
            run("UPDATE floor_case SET state = %s, status = %s WHERE id = %s",
                (state, status, number))  # fmt: skip
            run("UPDATE floor_task SET done = now() WHERE id = %s", (task,))
            for one in opened:
                run("INSERT INTO floor_task VALUES (%s, %s, %s, 1)",
                    (str(one.id), number, one.task_spec.bpmn_id))  # fmt: skip
            run("INSERT INTO floor_event (case_id, task, who, data) VALUES (%s, %s, 1, %s)",
                (number, task, json.dumps(answers)))  # fmt: skip
            connection.commit()
        return str(opened[0].id) if opened else None


class OnSqlite:
    """The floor with the driver of Python, under the pragmas that the product uses."""

    def __init__(self, url: str, stock: StockEngine) -> None:
        self.connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        self.stock = stock
        for statement in SQLITE_PRAGMAS:
            self.connection.execute(statement)
        for table in TABLES:
            self.connection.execute(table.format(serial="INTEGER PRIMARY KEY"))

    def start(self, number: int) -> str:
        """Open a case; return its first task."""
        workflow = self.stock.begin()
        (task,) = open_tasks(workflow)
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        run("INSERT INTO floor_case VALUES (?, 'open', ?)", (number, self.stock.dump(workflow)))
        run("INSERT INTO floor_task VALUES (?, ?, ?, 1, NULL)",
            (str(task.id), number, task.task_spec.bpmn_id))  # fmt: skip
        self.connection.commit()
        return str(task.id)

    def complete(self, number: int, task: str, answers: Mapping[str, Any]) -> str | None:
        """Complete a task in one durable transaction; return the next one."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        (before,) = run("SELECT state FROM floor_case WHERE id = ?", (number,)).fetchone()
        state, opened = self.stock.step(before, task, answers)
        status = "open" if opened else "done"
        run("UPDATE floor_case SET state = ?, status = ? WHERE id = ?", (state, status, number))
        run("UPDATE floor_task SET done = CURRENT_TIMESTAMP WHERE id = ?", (task,))
        for one in opened:
            run("INSERT INTO floor_task VALUES (?, ?, ?, 1, NULL)",
                (str(one.id), number, one.task_spec.bpmn_id))  # fmt: skip
        run("INSERT INTO floor_event (case_id, task, who, data) VALUES (?, ?, 1, ?)",
            (number, task, json.dumps(answers)))  # fmt: skip
        self.connection.commit()
        return str(opened[0].id) if opened else None


STORES: dict[str, Callable[[str, StockEngine], BareStore]] = {
    "sqlite": OnSqlite,
    "postgresql": OnPostgres,
}
