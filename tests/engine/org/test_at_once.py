"""Two administrators, or an administrator and a clerk, at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import org
from engine.errors import Conflict, DomainError
from engine.models import AdminEvent, Case, Deputy, Task, Unit, User, new_id
from engine.org import SETTLE
from engine.org.units import UnitInUse
from engine.storage.db import reading, transaction
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County, make_county
from tests.queueing import queue

Act = Callable[[Session], object]


@pytest.fixture
def village(database: str) -> County:
    """The small county, committed, so that others see it."""
    with transaction() as db:
        county = make_county(db, NOW)
        county.case("V2", "V2")
    return county


def at_once(*acts: Act) -> list[str]:
    """Run each act in a thread and transaction of its own; what became of them, in order."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    together = threading.Barrier(len(acts))
    outcomes = [""] * len(acts)

    def run(number: int, act: Act) -> None:
        with app.app_context():
            together.wait(10)
            try:
                with transaction() as db:
                    act(db)
                outcomes[number] = "done"
            except DomainError as error:
                outcomes[number] = type(error).__name__

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def named(db: Session, code: str) -> Unit:
    return db.scalars(select(Unit).where(Unit.code == code)).one()


def test_it_chains_the_events_of_administrators_at_once(village: County) -> None:
    def adding(number: int) -> Act:
        def act(db: Session) -> object:
            parent = named(db, "T1")
            return org.create_unit(
                db,
                None,
                code=f"N{number}",
                name="新村",
                level="village",
                parent=parent,
                now=NOW,
            )

        return act

    def hiring(number: int) -> Act:
        return lambda db: org.create_user(
            db, None, login=f"new{number}", name="某", password_hash="x", now=NOW
        )

    acts = [adding(1), *(hiring(number) for number in range(6)), adding(2)]
    assert at_once(*acts) == ["done"] * len(acts)

    with reading() as db:
        count = db.scalar(select(func.count()).select_from(AdminEvent))
        assert db.scalars(select(AdminEvent.seq).order_by(AdminEvent.seq)).all() == list(
            range(1, (count or 0) + 1)
        )


def test_it_closes_no_ring_out_of_two_moves(database: str) -> None:
    with transaction() as db:
        county = make_county(db, NOW)
        for code in ("A", "B"):
            org.create_unit(
                db,
                None,
                code=code,
                name=code,
                level="county",
                kind="department",
                parent=county["620725"],
                now=NOW,
            )

    def moving(code: str, target: str) -> Act:
        return lambda db: org.move_unit(db, None, named(db, code), named(db, target), now=NOW)

    outcomes = at_once(moving("A", "B"), moving("B", "A"))

    assert sorted(outcomes) == ["InvalidInput", "done"]
    with reading() as db:
        assert len(org.ancestors(db, named(db, "A"))) <= 4
        assert len(org.ancestors(db, named(db, "B"))) <= 4


def test_it_fills_a_vacant_post_once(village: County) -> None:
    with transaction() as db:
        post = org.create_post(db, None, unit=named(db, "T1"), role="leader", now=NOW)
        users = [
            org.create_user(db, None, login=login, name="某", password_hash="x", now=NOW)
            for login in ("one", "two")
        ]

    def filling(number: int) -> Act:
        return lambda db: org.fill_post(db, None, db.merge(post), db.merge(users[number]), now=NOW)

    assert sorted(at_once(filling(0), filling(1))) == ["PostEnded", "done"]
    with reading() as db:
        assert len(org.holders(db, village["T1"].id, "leader", NOW)) == 1


def test_it_leaves_no_task_behind_while_the_unit_ends(village: County) -> None:
    """Work arrives in the unit while it ends: whichever is first, nothing stays there."""

    def arriving(db: Session) -> None:
        county = County(db, NOW)
        county.units = {unit.code: unit for unit in db.scalars(select(Unit))}
        county.case("V2", "V2")

    def ending(db: Session) -> None:
        org.end_unit(db, None, named(db, "V2"), now=NOW)

    def ending_with_heir(db: Session) -> None:
        org.end_unit(db, None, named(db, "V2"), heir=named(db, "V1"), now=NOW)

    # There is open work already: without an heir never.
    assert at_once(ending, arriving) == [UnitInUse.__name__, "done"]
    outcomes = at_once(ending_with_heir, *[arriving] * 3)

    assert outcomes[1:] == ["done"] * 3
    with transaction() as db:
        ended = named(db, "V2").ended_at is not None
        assert (outcomes[0], ended) in (("done", True), ("UnitInUse", False))
        for move in org.pending_moves(db):
            while move.done_at is None:
                org.restamp(db, move, NOW + SETTLE)
    with reading() as db:
        open_tasks = select(Task.unit_id).where(Task.done_at.is_(None))
        where = set(db.scalars(open_tasks))
        assert where == {named(db, "V1").id if ended else named(db, "V2").id}
        assert len(db.scalars(open_tasks).all()) == 5


def test_it_ends_a_user_while_a_case_of_theirs_moves(database: str) -> None:
    """The step names the user, the ending waits for the case: neither waits for ever."""
    with transaction() as db:
        county = make_county(db, NOW)
        case = county.case("V2", "V2", signed_by="one")
        user, case_id = county.user("one"), case.id
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    outcome: list[str] = []

    def end() -> None:
        with app.app_context(), transaction() as db:
            org.end_user(db, None, db.merge(user), now=NOW)
        outcome.append("ended")

    ending = threading.Thread(target=end)
    with queue() as until_it_waits, transaction() as db:
        db.get_one(Case, case_id, with_for_update=True)
        ending.start()
        until_it_waits()
        for task in db.scalars(select(Task).where(Task.case_id == case_id)):
            task.done_at, task.outcome, task.done_by = NOW, "completed", user.id
    ending.join(30)

    assert outcome == ["ended"]


def test_it_keeps_an_administrator_when_two_take_each_other_out(database: str) -> None:
    with transaction() as db:
        make_county(db, NOW)
        posts = []
        for login in ("one", "two"):
            user = org.create_user(db, None, login=login, name="某", password_hash="x", now=NOW)
            unit = named(db, "620725")
            posts.append(org.create_post(db, None, unit=unit, role="admin", user=user, now=NOW))

    def leaving(number: int) -> Act:
        def act(db: Session) -> None:
            post = db.merge(posts[number])
            db.refresh(post)
            org.vacate_post(db, None, post, now=NOW)

        return act

    outcomes = at_once(leaving(0), leaving(1))

    assert sorted(outcomes) == ["LastAdministrator", "done"]


def test_it_lets_one_of_two_stand_in_for_the_same_days(village: County) -> None:
    """Also where nobody asked the use case: the table's own guard waits for the other."""
    with transaction() as db:
        people = [
            org.create_user(db, None, login=login, name=login, password_hash="x", now=NOW).id
            for login in ("holder", "first", "second")
        ]
        holder = db.get_one(User, people[0])
        post = org.create_post(
            db, None, unit=named(db, "T1"), role="leader", user=holder, now=NOW
        ).id

    def standing_in(user_id: int) -> Act:
        def act(db: Session) -> object:
            row = {"from_at": NOW, "until_at": NOW + timedelta(days=3)}
            db.add(Deputy(id=new_id(), post_id=post, user_id=user_id, **row))
            db.flush()
            time.sleep(0.3)
            return None

        return act

    def guarded(act: Act) -> Act:
        def run(db: Session) -> object:
            try:
                return act(db)
            except DBAPIError as error:
                raise Conflict(post) from error

        return run

    outcomes = at_once(*(guarded(standing_in(user_id)) for user_id in people[1:]))
    assert sorted(outcomes) == ["Conflict", "done"]
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Deputy)) == 1
