"""What is counted when: by measure, unit, local day and amount, a step to either side of due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from engine.models import TallyDelta
from engine.storage import pending_rows, tallies

# The first and the last minute of 20 November in Shanghai.
DAWN = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
STEP = timedelta(microseconds=1)
DAY = "2026-11-20"


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Settings of the test's own: Shanghai time."""


@pytest.fixture
def db() -> Any:
    """What keeps rows aside, and no database."""
    return SimpleNamespace(autoflush=False, info={})


def counted(db: Any) -> list[tuple[str, str, int, int]]:
    """Measure, day, amount and unit of every delta, in the order in which they were made."""
    kept = db.info.get(pending_rows._KEY, {})
    # As plain values: nothing has made the classes tables here.
    found = [vars(row) for (model, _), rows in kept.items() if model is TallyDelta for row in rows]
    assert all((row["county_id"], row["process"]) == (7, "ticket") for row in found)
    return [(row["measure"], row["day"], row["amount"], row["unit_id"]) for row in found]


def case(**more: Any) -> Any:
    usual: dict[str, Any] = {
        "closed_at": NOON,
        "answered_at": None,
        "due_at": None,
        "opened_at": NOON,
    }
    usual["missed_at"] = None
    usual |= {"version_id": 3, "guarded": False, "id": 11}
    return SimpleNamespace(county_id=7, process="ticket", unit_id=1, **{**usual, **more})


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (DAWN - timedelta(minutes=1), "2026-11-19"),
        (DAWN, DAY),
        (NIGHT, DAY),
        (NIGHT + timedelta(minutes=1), "2026-11-21"),
    ],
)
def test_a_flow_belongs_to_the_local_day(db: Any, at: datetime, day: str) -> None:
    tallies.count(db, case(), 5, "escalated", 3, at=at)
    assert counted(db) == [("escalated", day, 3, 5)]


@pytest.mark.parametrize("measure", ["waiting", "handling", "open"])
def test_a_stock_belongs_to_no_day(db: Any, measure: str) -> None:
    tallies.count(db, case(), 5, measure, -1, at=NOON)
    assert counted(db) == [(measure, "", -1, 5)]


def test_a_case_is_opened_once_and_open(db: Any) -> None:
    tallies.count_opened(db, case(opened_at=DAWN))
    tallies.count_opened(db, case(opened_at=DAWN), -1)
    assert counted(db) == [
        ("opened", DAY, 1, 1),
        ("open", "", 1, 1),
        ("opened", DAY, -1, 1),
        ("open", "", -1, 1),
    ]


@pytest.mark.parametrize("amount", [1, -1])
@pytest.mark.parametrize(
    ("answered", "due", "late_from"),
    [
        # Answered, then closed: the answer is what counts, to the moment.
        (NOON - STEP, NOON - STEP, None),
        (NOON, NOON - STEP, DAY),
        (NOON - timedelta(days=3), NOON - timedelta(days=3), None),
        # Late from the day on which it should have been answered until it is closed.
        (NOON - timedelta(days=3) + STEP, NOON - timedelta(days=3), "2026-11-17"),
        # Without an answer of its own it is the end.
        (None, NOON, None),
        (None, NOON - STEP, DAY),
    ],
)
def test_a_case_is_closed_in_time_by_its_answer(
    db: Any, amount: int, answered: Any, due: Any, late_from: str | None
) -> None:
    past = case(answered_at=answered, due_at=due, opened_at=NOON - timedelta(days=9))
    tallies.count_closed(db, past, amount)
    wanted = [("open", "", -amount, 1), ("closed", DAY, amount, 1)]
    wanted += [("closed_limited", DAY, amount, 1)]
    if late_from is None:
        wanted += [("closed_in_time", DAY, amount, 1)]
    else:
        wanted += [("answer_late_from", late_from, amount, 1)]
        wanted += [("answer_late_until", DAY, amount, 1)]
    assert counted(db) == wanted


@pytest.mark.parametrize("answered", [None, NOON])
def test_without_a_limit_nothing_is_in_time_nor_late(db: Any, answered: Any) -> None:
    tallies.count_closed(db, case(answered_at=answered))
    assert counted(db) == [("open", "", -1, 1), ("closed", DAY, 1, 1)]


def test_a_case_whose_first_answer_was_late_is_never_in_time(db: Any) -> None:
    """It is late from the day on which the first answer should have come."""
    first = NOON - timedelta(days=2)
    past = case(missed_at=first, due_at=NOON + STEP, opened_at=NOON - timedelta(days=9))
    tallies.count_closed(db, past)
    assert counted(db)[2:] == [
        ("closed_limited", DAY, 1, 1),
        ("answer_late_from", "2026-11-18", 1, 1),
        ("answer_late_until", DAY, 1, 1),
    ]


@pytest.mark.parametrize(
    ("limit", "done", "due", "measures"),
    [
        (3, NOON, NOON, ["done", "done_limited", "done_in_time"]),
        (3, NOON, NOON - STEP, ["done", "done_limited", "late_from", "late_until"]),
        (3, NOON, NOON + STEP, ["done", "done_limited", "done_in_time"]),
        (3, NOON, None, ["done", "done_limited", "done_in_time"]),
        (None, NOON, NOON, ["done"]),
        (3, None, NOON, []),
    ],
)
def test_a_task_is_done_in_time_at_its_last_moment(
    db: Any, limit: int | None, done: Any, due: Any, measures: list[str]
) -> None:
    task: Any = SimpleNamespace(
        unit_id=5,
        node_id="handle",
        opened_at=DAWN,
        came_at=DAWN,
        sign_due_at=None,
        taken_at=DAWN,
        due_at=due,
        limit_amount=limit,
        done_at=done,
        outcome="completed",
    )
    tallies.count_left(db, case(), task, -1)
    assert counted(db) == [(measure, DAY, -1, 5) for measure in measures]
