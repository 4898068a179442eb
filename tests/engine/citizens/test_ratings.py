"""The citizen's own rating: one step of the diagram, one rate, and never past policy."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from engine.access import actors
from engine.casework import cases, ratings
from engine.citizens import following
from engine.citizens.ratings import CitizenJudgement, offer, rate
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, TaskAlreadyDone
from engine.models import Case, CitizenCase, CitizenRating, Task
from engine.storage.db import reading, transaction
from tests.engine.casework.world import DISPATCH, FEEDBACK, HANDLE, RATE, TRACK
from tests.engine.citizens.conftest import WHISTLE, PublicDesk

HAPPY = CitizenJudgement(is_solved=True, stars=5)
UNHAPPY = CitizenJudgement(is_solved=False, stars=1, words="还是不亮。", reasons=("没有解决",))


class Rated:
    """A citizen's ticket at its call-back, and who rates it."""

    def __init__(self, desk: PublicDesk) -> None:
        self.desk, self.world = desk, desk.world
        self.case_id = desk.case(desk.send(choice="小区和物业", place="G1")).id
        self.world.complete("grid_leader", self.case_id, ACCEPTED)
        self.handled()

    def handled(self) -> None:
        for login, answers in (
            ("dispatcher", DISPATCH),
            ("handler", HANDLE),
            ("worker", TRACK),
            ("worker", FEEDBACK),
        ):
            self.world.complete(login, self.case_id, answers)

    def rate(self, said: CitizenJudgement) -> None:
        with transaction() as db:
            rate(db, self.case_id, said, now=self.world.now)

    def case(self) -> Case:
        with reading() as db:
            return db.get_one(Case, self.case_id)

    def ratings(self) -> list[tuple[Any, ...]]:
        with reading() as db:
            rows = db.scalars(select(CitizenRating).order_by(CitizenRating.id))
            return [(one.source, one.opinion, one.stars, one.is_solved) for one in rows]

    def offered(self) -> bool:
        with reading() as db:
            return offer(db, self.case_id, self.world.now) is not None


ACCEPTED = {
    "checked_by": "到场查看",
    "check_note": "情况属实。",
    "acceptance": "上报分流",
    "hand_up_reason": "村里没有设备。",
}


@pytest.fixture
def rated(desk: PublicDesk) -> Rated:
    return Rated(desk)


def test_it_completes_the_step_of_the_diagram(rated: Rated) -> None:
    assert rated.offered()
    rated.rate(HAPPY)
    case = rated.case()
    assert (case.outcome, rated.ratings()) == (
        "end_closed",
        [("site", "satisfied", 5, True)],
    )
    with reading() as db:
        task = db.scalars(select(Task).where(Task.case_id == case.id, Task.node_id == "rate")).one()
        shown = following.view(db, rated.case_id)
    # Nobody of the staff did it.
    assert (task.done_by, task.assignee_id, task.outcome) == (None, None, "completed")
    (event,) = [one for one in rated.world.events(case.id, "task.completed") if "by" in one.data]
    assert event.actor_id is None and event.task_id == task.id
    assert shown.answer == "已告知。"


def test_a_call_back_and_the_site_make_one_rate(rated: Rated) -> None:
    rated.world.complete("dispatcher", rated.case_id, RATE)
    assert rated.ratings() == [("call_back", "satisfied", 5, None)]


def test_not_solved_goes_the_way_of_the_diagram(rated: Rated) -> None:
    rated.rate(UNHAPPY)
    case = rated.case()
    assert (case.closed_at, case.answered_at) == (None, None)
    assert "rate" not in rated.world.open_nodes(case.id)
    assert rated.ratings() == [("site", "dissatisfied", 1, False)]
    assert not rated.offered()


def test_words_are_asked_for_where_the_form_wants_them(rated: Rated) -> None:
    for said, fields in (
        (replace(UNHAPPY, words="", reasons=()), {"words", "reasons"}),
        (CitizenJudgement(is_solved=None), {"solved"}),
        (CitizenJudgement(is_solved=True), {"stars"}),
        (replace(HAPPY, stars=6), {"stars"}),
        (replace(HAPPY, words="长" * 1001), {"words"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            rated.rate(said)
        assert set(refused.value.errors) == fields
    assert rated.ratings() == []


def test_a_second_rating_is_refused(rated: Rated) -> None:
    rated.rate(HAPPY)
    assert not rated.offered()
    for said in (HAPPY, UNHAPPY):
        with pytest.raises(Conflict):
            rated.rate(said)
    assert len(rated.ratings()) == 1


def test_of_two_at_once_one_counts(rated: Rated) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def once(said: CitizenJudgement) -> None:
        with app.app_context():
            start.wait()
            try:
                rated.rate(said)
                outcomes.append("done")
            except (Conflict, TaskAlreadyDone):
                outcomes.append("refused")

    threads = [threading.Thread(target=once, args=(said,)) for said in (HAPPY, UNHAPPY)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(outcomes) == ["done", "refused"]
    assert len(rated.ratings()) == 1


def test_a_call_back_that_says_otherwise_is_put_right(rated: Rated) -> None:
    """Closed as satisfied; the citizen says it is not: rework, as the diagram has it."""
    rated.world.complete("dispatcher", rated.case_id, RATE)
    assert rated.case().closed_at is not None
    rated.world.now += timedelta(days=2)
    assert rated.offered()
    rated.rate(UNHAPPY)
    case = rated.case()
    assert case.closed_at is None and "rate" not in rated.world.open_nodes(case.id)
    assert rated.world.kinds(case.id).count("case.reopened") == 1
    assert [one[:2] for one in rated.ratings()] == [
        ("call_back", "satisfied"),
        ("site", "dissatisfied"),
    ]
    # Handled again, it can be rated again.
    assert "dispatch" in rated.world.open_nodes(case.id) or "handle" in rated.world.open_nodes(
        case.id
    )


def test_after_the_end_it_is_kept_as_the_cases_rating(rated: Rated) -> None:
    rated.world.complete("dispatcher", rated.case_id, {"satisfaction": "未作评价"})
    assert rated.ratings() == []
    rated.rate(replace(HAPPY, stars=3, words="还可以"))
    assert rated.ratings() == [("site", "mostly", 3, True)]
    assert rated.case().closed_at is not None
    assert "case.rated" in rated.world.kinds(rated.case_id)


def test_after_the_window_nothing_can_be_rated(rated: Rated) -> None:
    rated.world.complete("dispatcher", rated.case_id, {"satisfaction": "未作评价"})
    rated.world.now += timedelta(days=20)
    assert not rated.offered()
    for said in (HAPPY, UNHAPPY):
        with pytest.raises(Conflict):
            rated.rate(said)
    assert rated.ratings() == [] and rated.case().closed_at is not None


def test_before_the_answer_nothing_can_be_rated(desk: PublicDesk) -> None:
    desk.send()
    with reading() as db:
        row_id = db.scalars(select(CitizenCase.case_id)).one()
    with pytest.raises(Conflict), transaction() as db:
        rate(db, row_id, HAPPY, now=desk.world.now)


def test_a_confidential_case_is_rated_without_a_name(desk: PublicDesk) -> None:
    """The reporter comes with the pass phrase; what is kept says nothing of who it is."""
    case = desk.case(desk.send(WHISTLE, phone="13877700777", name="金丝雀"))
    with reading() as db:
        row_id = db.scalars(select(CitizenCase.case_id)).one()
    with pytest.raises(Conflict), transaction() as db:
        rate(db, row_id, HAPPY, now=desk.world.now)
    assert case.guarded


def test_a_citizen_can_do_their_own_step_and_nothing_else(rated: Rated) -> None:
    other = rated.desk.case(rated.desk.send(once="e" * 32))
    with reading() as db:
        mine = db.scalars(
            select(Task.id).where(Task.case_id == rated.case_id, Task.done_at.is_(None))
        ).one()
        theirs = db.scalars(
            select(Task.id).where(Task.case_id == other.id, Task.done_at.is_(None))
        ).one()
    citizen = actors.citizen_of(rated.case_id, ("rate",), rated.world.now)
    nobody = actors.citizen_of(rated.case_id, (), rated.world.now)
    with pytest.raises(NotFound), transaction() as db:
        cases.complete_task(db, citizen, theirs, ACCEPTED, now=rated.world.now)
    with pytest.raises(NotAllowed), transaction() as db:
        cases.complete_task(db, nobody, mine, RATE, now=rated.world.now)
    with pytest.raises(NotAllowed), transaction() as db:
        cases.sign(db, citizen, mine, now=rated.world.now)
    with pytest.raises(NotFound), transaction() as db:
        rate(db, 1, HAPPY, now=rated.world.now)
    rated.rate(HAPPY)
    with pytest.raises(TaskAlreadyDone), transaction() as db:
        cases.complete_task(db, citizen, mine, RATE, now=rated.world.now)


def test_stars_mean_what_the_table_says(rated: Rated) -> None:
    def table(**changed: str) -> None:
        typed = {f"stars{n}": key for n, key in ratings.PRESETS.items()} | changed
        with transaction() as db:
            ratings.set_star_opinions(
                db, rated.world.logins["county_leader"], typed, now=rated.world.now
            )

    for wrong in ({"stars5": "mostly"}, {"stars1": "none"}):
        with pytest.raises(InvalidInput):
            table(**wrong)
    table(stars4="mostly")
    rated.rate(replace(HAPPY, stars=4))
    assert rated.ratings() == [("site", "mostly", 4, True)]
