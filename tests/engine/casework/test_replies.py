"""The citizen's answer: the clock stops where the diagram says, and goes on when it is reopened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from engine.casework import moves
from engine.models import Case, Due, Unit
from engine.storage.db import reading, transaction
from tests.engine.casework.world import (
    ACCEPT,
    DISPATCH,
    FEEDBACK,
    HANDLE,
    RATE,
    TRACK,
    World,
)
from tests.tally_totals import totals

# Twenty-five working days, as the table promises for such a ticket.
DUE = datetime(2026, 12, 25, 10, 0, tzinfo=UTC)
PLAN = {
    "handle_result": "已纳入计划",
    "planned_on": "2027-01-10",
    "plan_reason": "等材料到货。",
    "handle_measures": "已现场查看。",
    "started_on": "2026-11-20",
    "public_answer": "已列入计划。",
}


def at_feedback(world: World) -> int:
    """A ticket of which only the citizen has still to hear."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    world.complete("handler", case_id, HANDLE)
    world.complete("worker", case_id, TRACK)
    return case_id


def planned(world: World) -> int:
    """A ticket that has to wait: the citizen was told of the plan, and it is not done yet."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    world.complete("handler", case_id, PLAN)
    world.complete("town_leader", case_id, {"plan_note": "同意。", "plan_safe": "no"})
    return case_id


def case_of(case_id: int) -> Case:
    with reading() as db:
        return db.get_one(Case, case_id)


def citizen_rows(case_id: int) -> list[Due]:
    with reading() as db:
        mine = select(Due).where(Due.case_id == case_id, Due.task_id.is_(None))
        return [row for row in db.scalars(mine) if row.kind in ("citizen_due", "rung")]


def in_time() -> tuple[int, int]:
    """Closed cases with a clock, and those of them that were answered in time."""
    with reading() as db:
        found = totals(db, list(db.scalars(select(Unit.id))))
    return tuple(  # type: ignore[return-value]
        sum(amount for key, amount in found.items() if key[2] == measure)
        for measure in ("closed_limited", "closed_in_time")
    )


def test_it_stops_at_the_answer_and_not_at_the_end(world: World) -> None:
    """Fed back in time and rated a month later: answered in time, and nothing fires."""
    case_id = at_feedback(world)
    world.now += timedelta(days=7)
    world.complete("worker", case_id, FEEDBACK)

    assert case_of(case_id).answered_at == world.now
    assert citizen_rows(case_id) == []
    answered = world.now
    world.now += timedelta(days=40)
    world.work(world.now)
    world.complete("dispatcher", case_id, RATE)

    case = case_of(case_id)
    assert (case.answered_at, case.closed_at) == (answered, world.now)
    assert in_time() == (1, 1)
    assert world.kinds(case_id).count("case.answered") == 1
    told = [json.loads(one.data) for one in world.events(case_id, "clock.expired")]
    assert [one for one in told if one["clock"] == "citizen"] == []


def test_it_goes_on_when_the_diagram_says_that_the_answer_does_not_hold(world: World) -> None:
    """Not content: what was left is left, and the days with the citizen are not counted."""
    case_id = at_feedback(world)
    world.complete("worker", case_id, FEEDBACK)
    assert case_of(case_id).due_at == DUE
    # From Friday nine o'clock to Tuesday half past eleven: 6.5 + 7 + 3 office hours, two days.
    world.now += timedelta(days=4, hours=2, minutes=30)
    unhappy = {"satisfaction": "不满意", "stars": "1", "dissatisfied_reason": ["没有解决"]}
    unhappy["citizen_words"] = "灯又灭了。"
    world.complete("dispatcher", case_id, unhappy)

    case = case_of(case_id)
    assert case.answered_at is None
    assert case.due_at == datetime(2026, 12, 29, 10, 0, tzinfo=UTC)
    assert [row.kind for row in citizen_rows(case_id)].count("citizen_due") == 1
    (entry,) = case.answers or []
    assert entry["due"] == DUE.isoformat() and entry["to"] == case.due_at.isoformat()
    assert "case.unanswered" in world.kinds(case_id)


def test_it_leaves_the_step_that_corrects_its_own_limit(world: World) -> None:
    """An hour before the end it was answered; the correction has more than that hour."""
    case_id = at_feedback(world)
    world.now = DUE - timedelta(hours=1)
    world.work(world.now)
    world.complete("worker", case_id, FEEDBACK)
    world.complete("dispatcher", case_id, RATE)
    world.now += timedelta(minutes=30)
    with transaction() as db:
        actor = world.actor(db, "town_leader")
        moves.reopen(db, actor, case_id, "dispatch", "没修好", now=world.now)

    case = case_of(case_id)
    (entry,) = case.answers or []
    # Four office hours for dispatching, from Friday half past five.
    assert entry["least"] == datetime(2026, 12, 28, 4, 0, tzinfo=UTC).isoformat()
    assert entry["left"] == DUE.isoformat()
    assert case.due_at == datetime(2026, 12, 28, 4, 0, tzinfo=UTC)


def test_a_late_answer_stays_late_however_it_ends(world: World) -> None:
    """Answered late, reopened and corrected within the new time: still not in time."""
    case_id = at_feedback(world)
    world.now = DUE + timedelta(days=3)
    world.work(world.now)
    world.complete("worker", case_id, FEEDBACK)
    world.complete("dispatcher", case_id, RATE)
    assert in_time() == (1, 0)
    with transaction() as db:
        actor = world.actor(db, "town_leader")
        moves.reopen(db, actor, case_id, "feedback", "没说清", now=world.now)
    assert in_time() == (0, 0)
    world.now += timedelta(hours=1)
    world.complete("worker", case_id, FEEDBACK)
    world.complete("dispatcher", case_id, RATE)

    case = case_of(case_id)
    assert case.missed_at == DUE and case.due_at is not None
    assert case.answered_at is not None and case.answered_at < case.due_at
    assert in_time() == (1, 0)


def test_a_second_answer_leaves_the_clock_where_the_first_stopped_it(world: World) -> None:
    """Told of the plan in time, and of the end long after the clock would have run out: in time."""
    case_id = planned(world)
    answered = world.now
    assert case_of(case_id).answered_at == answered and citizen_rows(case_id) == []
    # Three days before the planned date handling opens again.
    world.work(datetime(2027, 1, 6, 16, 0, tzinfo=UTC))
    assert answered < DUE < world.now
    world.complete("handler", case_id, HANDLE)
    world.complete("worker", case_id, TRACK)
    world.complete("worker", case_id, FEEDBACK)

    assert world.open_nodes(case_id) == ["rate"]
    case = case_of(case_id)
    assert (case.answered_at, case.due_at, case.answers) == (answered, DUE, None)
    assert citizen_rows(case_id) == []
    assert world.kinds(case_id).count("case.answered") == 1
    world.complete("dispatcher", case_id, RATE)

    case = case_of(case_id)
    assert (case.answered_at, case.closed_at) == (answered, world.now)
    assert case.missed_at is None and in_time() == (1, 1)
