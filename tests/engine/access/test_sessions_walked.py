"""Sessions and tokens in any order: who is recognised is who a plain list says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from engine.access import sessions
from engine.models import User
from engine.storage.db import reading, transaction
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World

IDLE, LASTING = timedelta(minutes=30), timedelta(hours=12)
PEOPLE = ("worker", "handler", "sibling")
people = st.sampled_from(PEOPLE)
some = st.integers(0, 20)


@dataclass
class Known:
    """One session as the list has it."""

    id: int
    key: str
    login: str
    kind: str
    seen: datetime
    ends: datetime


class Sessions(Walk):
    """Three people log in, work, leave, come back; programs too."""

    def __init__(self) -> None:
        super().__init__()
        self.list: list[Known] = []
        self.ended: set[str] = set()

    @rule(who=people, hours=st.sampled_from([1, 12]))
    def log_in(self, who: str, hours: int) -> None:
        with transaction() as db:
            user, lasting = self.world.logins[who], timedelta(hours=hours)
            row, key = sessions.begin(db, user, now=self.world.now, lasting=lasting)
            self._add(row.id, key, who, "browser", lasting)

    @rule(who=people)
    def issue_a_token(self, who: str) -> None:
        with transaction() as db:
            user = self.world.logins[who]
            row, key = sessions.issue(
                db, user, "同步", ("cases.read",), now=self.world.now, lasting=LASTING
            )
            self._add(row.id, key, who, "token", LASTING)

    @rule(minutes=st.sampled_from([1, 10, 29, 30, 240]))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule(at=some, end=st.booleans(), step=st.sampled_from([-1, 0]), swept=st.booleans())
    def a_session_comes_to_its_end(self, at: int, end: bool, step: int, swept: bool) -> None:
        """To the microsecond: by its date, or unused; perhaps the worker comes just then."""
        if one := self._one(at):
            moment = one.ends if end else one.seen + IDLE
            self.world.now = max(self.world.now, moment + timedelta(microseconds=step))
            if swept:
                self.sweep()

    @rule(at=some)
    def use_one(self, at: int) -> None:
        if one := self._one(at):
            with transaction() as db:
                written = sessions.note_use(db, one.id, now=self.world.now)
            assert written == (self.world.now - one.seen >= timedelta(minutes=1))
            one.seen = self.world.now

    @rule(at=some, who=people)
    def end_one(self, at: int, who: str) -> None:
        if one := self._one(at):
            with transaction() as db:
                gone = sessions.end(db, self.world.logins[who], one.id)
            assert (gone is not None) == (who == one.login)
            if who == one.login:
                self.list.remove(one)

    @rule(who=people, at=some)
    def end_all_but_one(self, who: str, at: int) -> None:
        kept = self._one(at)
        mine = [one for one in self.list if one.login == who and one is not kept]
        with transaction() as db:
            user, but = self.world.logins[who], kept.id if kept else None
            assert sessions.end_all(db, user, but=but) == len(mine)
        self.list = [one for one in self.list if one not in mine]

    @rule()
    def sweep(self) -> None:
        stale = [one for one in self.list if not self._alive(one)]
        with transaction() as db:
            assert sessions.sweep(db, now=self.world.now, idle=IDLE) == len(stale)
        self.list = [one for one in self.list if self._alive(one)]

    @rule(who=people)
    def end_the_person(self, who: str) -> None:
        with transaction() as db:
            db.get_one(User, self.world.logins[who]).ended_at = self.world.now
        self.ended.add(who)

    @invariant()
    def it_recognises_these_and_nobody_else(self) -> None:
        with reading() as db:
            for one in self.list:
                for who in PEOPLE:
                    user = self.world.logins[who]
                    visit = sessions.recognised(db, user, one.key, now=self.world.now, idle=IDLE)
                    fits = who == one.login and who not in self.ended and self._alive(one)
                    assert (visit is not None) == fits
                    if visit is not None:
                        assert (visit.session_id, visit.kind) == (one.id, one.kind)

    @invariant()
    def it_lists_what_has_not_come_to_its_end(self) -> None:
        with reading() as db:
            for who in PEOPLE:
                listed = sessions.of_user(db, self.world.logins[who], self.world.now)
                assert {row.id for row in listed} == {
                    one.id for one in self.list if one.login == who and one.ends > self.world.now
                }

    def _add(self, row: int, key: str, who: str, kind: str, lasting: timedelta) -> None:
        now = self.world.now
        self.list.append(Known(row, key, who, kind, now, now + lasting))

    def _one(self, at: int) -> Known | None:
        return self.list[at % len(self.list)] if self.list else None

    def _alive(self, one: Known) -> bool:
        used = one.kind == "token" or self.world.now - one.seen < IDLE
        return used and one.ends > self.world.now


@pytest.fixture
def walks(
    world: World, database: str, backend: str, copies: Callable[[str], Any]
) -> type[Sessions]:
    return on_copies(Sessions, world, copies(backend), database)


def test_sessions_hold_in_any_order(walks: type[Sessions]) -> None:
    take(walks, examples=200 if EXPLORING else 6, steps=60 if EXPLORING else 30)
