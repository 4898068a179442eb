"""Requests for powers in any order: nobody comes to one alone, or by somebody who depends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import select

from engine import org
from engine.access import duties
from engine.desk import appointments, grant_requests
from engine.errors import DomainError
from engine.models import AccountAct, GrantRequest, Post, Unit, User, new_id
from engine.roles import CONFIRMED, ROLES
from engine.storage.db import reading, transaction
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World

ADMINS = ("boss", "second", "third")
PEOPLE = (*ADMINS, "anna", "bert")
admins, people = st.sampled_from(ADMINS), st.sampled_from(PEOPLE)
roles = st.sampled_from(("supervisor", "admin", "auditor", "policy_editor", "operator", "handler"))
some = st.integers(0, 20)


class Grants(Walk):
    """Three administrators and two others; time passes, people are tied to each other."""

    def __init__(self) -> None:
        super().__init__()
        # (who asked, who confirmed, for whom, which role) as it really went.
        self.given: list[tuple[str, str, str, str]] = []

    @rule(by=admins, user=people, role=roles)
    def appoint(self, by: str, user: str, role: str) -> None:
        with _Answered("appoint"), transaction() as db:
            unit, actor = self._unit(db), self.world.actor(db, by)
            whom = db.get_one(User, self.world.logins[user])
            made = appointments.appoint(db, actor, unit, role, whom, now=self.world.now)
            assert isinstance(made, GrantRequest) == (role in CONFIRMED)

    @rule(by=people, at=some, accepted=st.booleans())
    def decide(self, by: str, at: int, accepted: bool) -> None:
        request = self._request(at)
        if request is None:
            return
        with _Answered("decide"), transaction() as db:
            actor, now = self.world.actor(db, by), self.world.now
            pair = [request.by_id], [actor.user_id]
            tied = duties.tied(db, *pair, now)
            appointments.decide(db, actor, request.id, accepted, now=now)
            assert by in ADMINS or "admin" in actor.roles
            assert actor.user_id not in (request.by_id, request.user_id) and not tied
            assert request.decided_at is None
            if accepted:
                names = {user: login for login, user in self.world.logins.items()}
                self.given.append((names[request.by_id], by, names[request.user_id], request.role))

    @rule(by=admins, second=people, user=people, role=roles, tied=st.booleans())
    def go_the_usual_way(self, by: str, second: str, user: str, role: str, tied: bool) -> None:
        """Asked and decided at once; before it, perhaps, one of the two depends on the other."""
        if tied:
            self.one_resets_another(by, second)
        self.appoint(by, user, role)
        with reading() as db:
            count = len(list(db.scalars(select(GrantRequest.id))))
        if count:
            self.decide(second, count - 1, True)

    @rule(by=people, at=some)
    def withdraw(self, by: str, at: int) -> None:
        request = self._request(at)
        if request is None:
            return
        with _Answered("withdraw"), transaction() as db:
            actor = self.world.actor(db, by)
            grant_requests.withdraw(db, actor, request.id, now=self.world.now)
            assert actor.user_id == request.by_id and request.decided_at is None

    @rule(by=admins, user=people)
    def one_resets_another(self, by: str, user: str) -> None:
        with transaction() as db:
            ids = self.world.logins[by], self.world.logins[user]
            duties.note(db, *ids, "reset", now=self.world.now)

    @rule(days=st.sampled_from([1, 29, 30, 31]))
    def days_pass(self, days: int) -> None:
        self.world.now += timedelta(days=days)

    @invariant()
    def a_wide_power_took_three_people(self) -> None:
        """Whoever has one was asked for by one and confirmed by another."""
        with reading() as db:
            held = db.execute(
                select(User.login, Post.role)
                .join(User, User.id == Post.user_id)
                .where(Post.role.in_(CONFIRMED), User.login.in_(PEOPLE))
                .where(Post.confirmed_by.is_not(None))
            ).tuples()
            counted = sorted(held)
        assert counted == sorted((user, role) for _by, _second, user, role in self.given)
        assert all(len({by, second, user}) == 3 for by, second, user, _role in self.given)

    @invariant()
    def nobody_watches_themselves(self) -> None:
        with reading() as db:
            rows = db.execute(
                select(Post.user_id, Post.role).where(
                    Post.until_at.is_(None), Post.user_id.in_(self.world.logins.values())
                )
            ).tuples()
            by_person: dict[int | None, set[str]] = {}
            for user, role in rows:
                by_person.setdefault(user, set()).add(role)
        for held in by_person.values():
            # All posts here are in the county itself, which holds its whole area.
            assert not any(ROLES[one].watches & held for one in held)

    @invariant()
    def a_request_is_waiting_once(self) -> None:
        with reading() as db:
            rows = db.scalars(select(GrantRequest).where(GrantRequest.decided_at.is_(None)))
            waiting = [(one.kind, one.user_id, one.unit_id, one.role) for one in rows]
        assert len(waiting) == len(set(waiting))

    def _unit(self, db: Any) -> Unit:
        return db.get_one(Unit, self.units["620725"])

    def _request(self, at: int) -> GrantRequest | None:
        with reading() as db:
            rows = list(db.scalars(select(GrantRequest).order_by(GrantRequest.id)))
        return rows[at % len(rows)] if rows else None


class _Answered:
    """A refusal is an answer; anything else is a fault."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        event(f"{self.name}: {'refused' if error else 'done'}")
        return isinstance(error, DomainError)


@pytest.fixture
def walks(world: World, database: str, backend: str, copies: Callable[[str], Any]) -> type[Grants]:
    """The county with its administrators, who were made long ago."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        for login in PEOPLE:
            user = org.create_user(
                db, None, login=login, name=login, password_hash="x", now=world.now
            )
            world.logins[login] = user.id
            if login in ADMINS:
                row = {"unit_id": unit.id, "role": "admin", "user_id": user.id}
                db.add(Post(id=new_id(), from_at=world.now, **row))
        db.flush()
        db.query(AccountAct).delete()
    # People of the shipped county hold posts of other units, which are not asked about here.
    world.logins = {login: world.logins[login] for login in PEOPLE}
    return on_copies(Grants, world, copies(backend), database)


def test_grants_hold_in_any_order(walks: type[Grants]) -> None:
    take(walks, examples=200 if EXPLORING else 6, steps=60 if EXPLORING else 30)
