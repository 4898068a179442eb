"""Rows of many cases fired in one transaction: as if each had been fired alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.casework.case_lock import lock_case
from engine.models import Case, Due, Event, IncidentRow
from engine.records import anchors, audit
from engine.storage.db import reading, transaction
from engine.worker import firing, ticks
from engine.worker.firing import FiringCandidate
from tests.engine.casework.test_statements import cost
from tests.engine.casework.world import FRIDAY_9AM, World

LATE = FRIDAY_9AM + timedelta(days=10)
# What names a case or says how it was reached.
OWN = ("number", "demand")


def told(world: World, case_id: int) -> list[tuple[str, dict[str, Any]]]:
    """What a case's chain says of its clocks."""
    with reading() as db:
        chain = audit.history(db, db.get_one(Case, case_id))
    found = [(event.kind, json.loads(event.data)) for event in chain]
    return [
        (kind, {key: value for key, value in data.items() if key not in OWN})
        for kind, data in found
        if kind in ("clock.expired", "escalated")
    ]


def rung(world: World, case_id: int, mark: str = "sign:0") -> Due:
    """One rung that a case has ahead."""
    return next(row for row in world.due(case_id) if row.mark == mark)


def test_it_tells_of_each_case_what_it_would_have_told_had_it_been_alone(world: World) -> None:
    """One case row by row, others together: the same moments, rules, people and order."""
    alone, *others = [world.open() for _ in range(4)]
    while come := [row for row in world.due(alone) if row.fire_at <= LATE]:
        first = min(come, key=lambda row: (row.fire_at, row.id))
        with transaction() as db:
            firing.fire(db, first.id, LATE)
    report = ticks.sweep(LATE)

    assert report["failed"] == report["busy"] == 0
    assert len(told(world, alone)) > 6
    for case_id in others:
        assert told(world, case_id) == told(world, alone)
    with reading() as db:
        assert anchors.verify(db) == []


def test_it_fires_the_neighbours_of_a_broken_case_all_the_same(world: World) -> None:
    """One row of a group cannot be fired: it alone is put off, in the same sweep."""
    cases = [world.open() for _ in range(6)]
    broken, now = cases[2], rung(world, cases[0]).fire_at
    with transaction() as db:
        row = db.get_one(Due, rung(world, broken).id)
        row.data = {**row.data, "act": "nothing such"}
    report = ticks.sweep(now)

    assert report["failed"] == 1
    marks = {case_id: [row.mark for row in world.due(case_id)] for case_id in cases}
    assert [case_id for case_id in cases if "sign:0" in marks[case_id]] == [broken]
    assert {len(told(world, case_id)) for case_id in cases if case_id != broken} == {2}
    assert rung(world, broken).failures == 1


def test_it_leaves_a_case_with_an_incident_to_be_fired_alone(world: World) -> None:
    """What was tried in vain and goes well now is settled, as it is for one that was alone."""
    cases = [world.open() for _ in range(4)]
    due = rung(world, cases[1])
    with transaction() as db:
        db.add(
            IncidentRow(
                county_id=due.county_id,
                case_id=due.case_id,
                element="accept",
                verb="fire.rung",
                reason_zh="失败",
                reason_en="failed",
                data={"due_id": due.id, "task_id": None, "by": None, "values": {}},
                at=world.now,
            )
        )
    with transaction() as db:
        ids = [rung(world, case_id).id for case_id in cases]
        fired, left = firing.fire_together(db, ids, due.fire_at)
    assert left == {due.id} and fired == {*ids} - left

    assert ticks.sweep(due.fire_at)["failed"] == 0
    assert "incident.solved" in world.kinds(cases[1])
    with reading() as db:
        assert db.scalars(select(IncidentRow.id).where(IncidentRow.solved_at.is_(None))).all() == []


@pytest.mark.only("postgresql")  # SQLite has one writer, who is waited for.
def test_it_passes_by_a_case_that_somebody_works_on(world: World) -> None:
    """Whoever holds a case makes nobody else's wait; it is fired when they are done."""
    cases = [world.open() for _ in range(4)]
    now = rung(world, cases[0]).fire_at
    with transaction() as holder:
        lock_case(holder, cases[3])
        report = ticks.sweep(now)
    assert report["busy"] > 0 and report["failed"] == 0
    assert {len(told(world, case_id)) for case_id in cases[:3]} == {2}
    assert told(world, cases[3]) == []

    ticks.sweep(now)
    assert told(world, cases[3]) == told(world, cases[0])


def test_it_leaves_nothing_of_a_group_that_was_not_committed(world: World) -> None:
    """All or nothing: the rows are there still, the chains as long as they were."""
    cases = [world.open() for _ in range(3)]
    ids = [rung(world, case_id).id for case_id in cases]

    def count() -> tuple[int, int]:
        with reading() as db:
            return len(list(db.scalars(select(Due.id)))), len(list(db.scalars(select(Event.id))))

    before = count()
    with pytest.raises(RuntimeError), transaction() as db:
        fired, _left = firing.fire_together(db, ids, LATE)
        assert fired == {*ids}
        raise RuntimeError("died")
    assert count() == before


def test_a_group_costs_no_more_statements_than_one_of_half_its_size(
    world: World, backend: str
) -> None:
    """Lock, read, climb, once for all; what is written goes in a statement a table."""
    cases = [world.open() for _ in range(12)]
    ids = [rung(world, case_id).id for case_id in cases]

    def firing_of(some: list[int]) -> Callable[..., object]:
        return lambda db, _actor: firing.fire_together(db, some, LATE)

    four = cost(world, "worker", firing_of(ids[:4]))
    eight = cost(world, "worker", firing_of(ids[4:]))
    limit = {"postgresql": 10, "sqlite": 12}[backend]
    assert len(eight) == len(four) <= limit, "\n".join(eight)


def test_it_groups_the_first_row_of_each_case_and_shuffles_the_groups() -> None:
    """No group holds a case twice, nor what must be alone; which comes first is chance."""
    found = [FiringCandidate(row, row % 120, alone=row % 120 == 7) for row in range(400)]
    seen = [ticks._groups(found) for _ in range(40)]

    for groups in seen:
        assert sorted(one for group in groups for one in group) == list(range(120))
        assert [7] in groups
        assert max(map(len, groups)) <= ticks.TOGETHER
    # The same groups for every worker, in another order.
    assert len({frozenset(map(tuple, groups)) for groups in seen}) == 1
    assert len({tuple(map(tuple, groups)) for groups in seen}) > 1
