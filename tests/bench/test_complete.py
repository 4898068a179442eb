"""What a completion of the measured case costs, and that the benchmark measures what it says."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bench import cases, complete
from bench.floor import STORES, StockEngine
from engine import settings
from engine.models import Case
from engine.storage.db import reading

KEYS = {"median_ms", "p95_ms", "statements", "commits", "floor_ms", "engine_ms", "ratio"}


@pytest.fixture
def mediator(database: str, tmp_path: Path) -> int:
    """The township of the benchmark, on a database of the test's own."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    return complete.prepare()


def spent(mediator: int, number: int) -> list[tuple[int, int]]:
    """Statements and commits of every completion of one case."""
    actor, case_id = complete.open_case(mediator, number)
    found = []
    with complete.counted() as counts:
        for step in cases.STEPS[1:]:
            task_id = complete.open_task(case_id)
            counts.clear()
            complete.complete(actor, task_id, cases.answers(step, number))
            found.append((counts.statements, counts.commits))
    with reading() as db:
        assert db.scalars(select(Case.outcome).where(Case.id == case_id)).one() == "closed"
    return found


def test_it_completes_in_one_commit_and_few_statements(mediator: int, backend: str) -> None:
    """A new statement is a decision, not an accident; the goal is at most twelve."""
    spent(mediator, 1)  # the first case of a process reads the calendar and the tables
    statements, commits = zip(*spent(mediator, 2), strict=True)

    assert max(statements) == {"postgresql": 4, "sqlite": 12}[backend]
    assert set(commits) == {1}


def test_it_walks_the_same_case_on_the_floor(database: str, backend: str) -> None:
    """The bare store, too, ends after six tasks."""
    floor = STORES[backend](database, StockEngine())
    task: str | None = floor.start(1)
    done = 0
    for step in cases.STEPS:
        assert task is not None
        task = floor.complete(1, task, cases.answers(step, 1))
        done += 1

    assert task is None and done == 6


def test_it_prints_what_was_promised() -> None:
    """Medians, statements and commits beside the floor of the same run."""
    (measured,) = complete.run("sqlite", 2).values()

    assert measured.keys() >= KEYS
    assert measured["completions"] == 10 and measured["commits"] == 1
    assert 0 < measured["engine_ms"] < measured["median_ms"]


def test_it_fills_in_about_2_7_kb_a_case() -> None:
    """As much as the case that the reference server and the floor were measured with."""
    size = sum(len(repr(cases.answers(step, 123)).encode()) for step in cases.STEPS)

    assert 2400 < size < 3400
    assert partial(cases.answers, "accept")(1) != cases.answers("accept", 2)
