"""What completing one task costs, beside its floor from the same run: `fengqiao bench complete`.

Measured is the whole transaction of `cases.complete_task`: lock, authorisation, form, engine,
encryption, audit chain, task and clock rows, notices, counters, commit. Login and session are
apart: the actor is loaded before.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from bench.cases import PROCESS, STEPS, answers, files
from bench.databases import database, targets
from bench.engine import engine_ms
from bench.floor import STORES, BareStore, StockEngine
from engine import org
from engine.access import actors
from engine.access.actors import Actor
from engine.casework import cases
from engine.definitions import versions
from engine.models import Task
from engine.storage.db import db as database_object
from engine.storage.db import reading, transaction
from engine.timing import calendars

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)  # Friday, 09:00 in Shanghai
TABLE = Path(__file__).resolve().parent.parent / "processes/escalation.dmn"
UNITS = (
    ("62", "甘肃省", "province", "area"),
    ("6207", "张掖市", "city", "area"),
    ("620725", "山丹县", "county", "area"),
    ("620725100", "清泉镇", "township", "area"),
    ("620725100-TW", "清泉镇调委会", "township", "committee"),
)
CASES, WARM_UP = 100, 10


@dataclass
class CompletionTimes:
    """Seconds of every completion, ours and the floor's, and what ours sent to the database."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)


def run(backend: str | None = None, number: int = CASES) -> dict[str, Any]:
    """Measure on each backend wanted; milliseconds a completion, statements at most."""
    engine = round(engine_ms(number), 3)
    return {name: _measured(name, number, engine) for name in targets(backend)}


def _measured(backend: str, number: int, engine: float) -> dict[str, Any]:
    with database(backend) as url:
        mediator = prepare()
        taken = _take(mediator, STORES[backend](url, StockEngine()), number)
    median, floor = _ms(taken.ours), _ms(taken.floor)
    return {
        "completions": len(taken.ours),
        "median_ms": round(median, 3),
        "p95_ms": round(_ms(taken.ours, 0.95), 3),
        "statements": max(taken.statements),
        "commits": max(taken.commits),
        "floor_ms": round(floor, 3),
        "floor_p95_ms": round(_ms(taken.floor, 0.95), 3),
        "engine_ms": engine,
        "ratio": round(median / floor, 2),
    }


def prepare() -> int:
    """Return one township with a mediator, the measured process, the escalation table; return the
    user.
    """
    with transaction() as db:
        return settle(db, ("mediator",), "x", NOW)[0]


def settle(db: Session, logins: Sequence[str], password_hash: str, now: datetime) -> list[int]:
    """Return the measured process in one township with mediators of these logins; return the
    users.
    """
    calendars.seed(db, now)
    unit = None
    for code, name, level, kind in UNITS:
        unit = org.create_unit(
            db, None, code=code, name=name, level=level, kind=kind, parent=unit, now=now
        )
    assert unit is not None
    users = []
    for login in logins:
        user = org.create_user(
            db, None, login=login, name="员", password_hash=password_hash, now=now
        )
        org.create_post(db, None, unit=unit, role="mediator", user=user, now=now)
        users.append(user.id)
    versions.publish(db, PROCESS, files(), now=now)
    table = {"processes/escalation.dmn": TABLE.read_bytes()}
    versions.publish(db, versions.ESCALATION, table, now=now)
    return users


def open_case(mediator: int, number: int) -> tuple[Actor, int]:
    """Open the case that is measured; its first task is completed by that."""
    with transaction() as db:
        actor = actors.actor_of(db, mediator, NOW)
        case = cases.open_case(db, actor, PROCESS, answers(STEPS[0], number), now=NOW)
        return actor, case.id


def _take(mediator: int, floor: BareStore, number: int) -> CompletionTimes:
    taken = CompletionTimes()
    with counted() as counts:
        for case in range(number + WARM_UP):
            if case == WARM_UP:
                taken = CompletionTimes()
            _one_case(mediator, floor, case, taken, counts)
    return taken


def _one_case(
    mediator: int, floor: BareStore, number: int, taken: CompletionTimes, counts: Counts
) -> None:
    """Ours and the floor's steps by turns, so that both meet the same weather."""
    actor, case_id = open_case(mediator, number)
    bare: str | None = floor.start(number + 1)
    assert bare is not None
    bare = floor.complete(number + 1, bare, answers(STEPS[0], number))
    for step in STEPS[1:]:
        filled = answers(step, number)
        task_id = open_task(case_id)
        counts.clear()
        taken.ours.append(_seconds(partial(complete, actor, task_id, filled)))
        taken.statements.append(counts.statements)
        taken.commits.append(counts.commits)
        assert bare is not None
        began = time.perf_counter()
        bare = floor.complete(number + 1, bare, filled)
        taken.floor.append(time.perf_counter() - began)


def open_task(case_id: int) -> int:
    """Return the id of the case's open task."""
    with reading() as db:
        mine = select(Task.id).where(Task.case_id == case_id, Task.done_at.is_(None))
        return db.scalars(mine).one()


def complete(actor: Actor, task_id: int, filled: dict[str, Any]) -> None:
    """Run what is measured: one completion with its transaction."""
    with transaction() as db:
        cases.complete_task(db, actor, task_id, filled, now=NOW)


@dataclass
class Counts:
    """What the database was asked since the last ``clear``."""

    statements: int = 0
    commits: int = 0

    def clear(self) -> None:
        """Begin to count again."""
        self.statements = self.commits = 0


@contextmanager
def counted(engine: Engine | None = None) -> Iterator[Counts]:
    """Count statements and commits of an engine, else of ``storage.db``, while the block runs."""
    counts, engine = Counts(), engine or database_object.engine

    def statement(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        counts.statements += not sql.startswith("BEGIN")

    def commit(_connection: Any) -> None:
        counts.commits += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield counts
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _ms(taken: list[float], share: float = 0.5) -> float:
    if share == 0.5:
        return statistics.median(taken) * 1000
    return sorted(taken)[int(share * (len(taken) - 1))] * 1000
