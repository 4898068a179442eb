"""Drafts and their publication in any order: what is published is what a second person saw."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import select

from engine import org
from engine.bpmn.check import CheckReport
from engine.definitions import versions
from engine.drafting import drafts, review
from engine.drafting.prepublish_check import DraftProof
from engine.drafting.revision_check import SeenRevision
from engine.errors import DomainError
from engine.models import AccountAct, Post, ProcessDraft, Unit, Version, new_id
from engine.storage.db import reading, transaction
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World

PEOPLE = {
    "ed": ("policy_editor",),
    "eve": ("policy_editor",),
    "pub": ("policy_publisher",),
    "pia": ("policy_publisher",),
    # Has both: may do either, and not both with one draft.
    "both": ("policy_editor", "policy_publisher"),
}
DIAGRAM = "processes/ticket/ticket.bpmn"
people = st.sampled_from(sorted(PEOPLE))
some = st.integers(0, 8)


class Drafts(Walk):
    """Five people write, submit, comment, give back, publish and discard."""

    def __init__(self) -> None:
        super().__init__()
        # Draft -> revision -> what its diagram ends with.
        self.written: dict[int, dict[int, bytes]] = {}
        self.hands: dict[int, set[str]] = {}
        self.published: dict[int, tuple[int, str]] = {}
        self.words = 0

    @rule(who=people)
    def begin(self, who: str) -> None:
        with suppress(DomainError), transaction() as db:
            latest = versions.latest(db, "ticket")
            assert latest is not None
            actor = self.world.actor(db, who)
            draft = drafts.from_version(db, actor, latest.id, now=self.world.now)
            assert "policy_editor" in PEOPLE[who]
            self.written[draft.id] = {1: drafts.files_of(db, draft)[DIAGRAM]}
            self.hands[draft.id] = {who}

    @rule(who=people, at=some, old=st.booleans())
    def save(self, who: str, at: int, old: bool) -> None:
        one = self._one(at)
        if one is None:
            return
        self.words += 1
        revision = one.revision - (1 if old else 0)
        text = self.written[one.id][one.revision] + f"<!-- {self.words} -->".encode()
        with suppress(DomainError), transaction() as db:
            actor, changes = self.world.actor(db, who), {DIAGRAM: text}
            drafts.save(db, actor, one.id, revision, changes, now=self.world.now)
            # Nobody's work is overwritten, nor anything that is being decided on.
            assert not old and one.stage == "editing" and "policy_editor" in PEOPLE[who]
            self.written[one.id][one.revision + 1] = text
            self.hands[one.id].add(who)

    @rule(who=people, at=some, ok=st.booleans(), stale=st.booleans())
    def submit(self, who: str, at: int, ok: bool, stale: bool) -> None:
        one = self._one(at)
        if one is None:
            return
        proof = self._proof(one, one.revision - stale, ok)
        with suppress(DomainError), transaction() as db:
            actor = self.world.actor(db, who)
            review.submit(db, actor, one.id, proof, "更从容", now=self.world.now)
            assert ok and one.stage == "editing" and "policy_editor" in PEOPLE[who]
            assert not stale or one.revision == 1
            self.hands[one.id].add(who)

    @rule(who=people, at=some)
    def give_back(self, who: str, at: int) -> None:
        one = self._one(at)
        if one is None:
            return
        with suppress(DomainError), transaction() as db:
            actor = self.world.actor(db, who)
            review.send_back(db, actor, one.id, "请改", now=self.world.now)
            assert one.stage == "review"

    @rule(who=people, at=some, ok=st.booleans(), stale=st.booleans(), newer=st.booleans())
    def publish(self, who: str, at: int, ok: bool, stale: bool, newer: bool) -> None:
        one = self._one(at)
        if one is None:
            return
        proof = self._proof(one, one.revision, ok)
        seen = self._proof(one, one.revision - stale, True).digest
        with reading() as db:
            latest = versions.latest(db, "ticket")
            assert latest is not None
            overtaken = latest.id != one.base_id
        with suppress(DomainError), transaction() as db:
            version = review.publish(
                db,
                self.world.actor(db, who),
                one.id,
                proof,
                SeenRevision(seen, one.revision - stale, latest.id),
                review.PublicationDecision(over_newer=newer),
                now=self.world.now,
            )
            assert ok and one.stage == "review" and "policy_publisher" in PEOPLE[who]
            assert who not in self.hands[one.id]
            assert not stale or one.revision == 1
            assert newer or not overtaken
            self.published[one.id] = version.id, who

    @rule(who=people, by=people, at=some)
    def go_the_usual_way(self, who: str, by: str, at: int) -> None:
        """Written, submitted, approved, each as it should be: rare where all is left to chance."""
        one = self._one(at)
        if one is None or one.ended_at is not None:
            self.begin(who)
            return
        self.save(who, at, False)
        if (one := self._one(at)) is not None:
            self.submit(who, at, True, False)
            self.publish(by, at, True, False, True)

    @rule(who=people, at=some)
    def discard(self, who: str, at: int) -> None:
        one = self._one(at)
        if one is None:
            return
        with suppress(DomainError), transaction() as db:
            drafts.discard(db, self.world.actor(db, who), one.id, now=self.world.now)
            assert one.ended_at is None and "policy_editor" in PEOPLE[who]

    @rule()
    def an_hour_passes(self) -> None:
        self.world.now += timedelta(hours=1)

    @invariant()
    def every_revision_is_as_it_was_saved(self) -> None:
        with reading() as db:
            for draft in db.scalars(select(ProcessDraft)):
                told = self.written[draft.id]
                assert draft.revision == max(told)
                for revision, text in told.items():
                    assert drafts.files_of(db, draft, revision)[DIAGRAM] == text

    @invariant()
    def a_version_is_the_newest_revision_of_its_draft(self) -> None:
        with reading() as db:
            for draft in db.scalars(select(ProcessDraft)):
                assert (draft.stage == "published") == (draft.id in self.published)
                if draft.id in self.published:
                    version_id, who = self.published[draft.id]
                    version = db.get_one(Version, version_id)
                    assert draft.version_id == version_id
                    assert version.publisher_id == self.world.logins[who]
                    files = versions.files_of(db, version_id)
                    assert files[DIAGRAM] == self.written[draft.id][draft.revision]

    def _one(self, at: int) -> ProcessDraft | None:
        with reading() as db:
            rows = list(db.scalars(select(ProcessDraft).order_by(ProcessDraft.id)))
        return rows[at % len(rows)] if rows else None

    def _proof(self, draft: ProcessDraft, revision: int, ok: bool) -> DraftProof:
        """What the check would say of a revision; the check itself takes a second a time."""
        with reading() as db:
            files = drafts.files_of(db, draft, max(revision, 1))
        report: Any = CheckReport(()) if ok else _Bad()
        return DraftProof(versions.digest_of(files), report)


class _Bad:
    """A report with an error in it."""

    ok = False


@pytest.fixture
def walks(world: World, database: str, backend: str, copies: Callable[[str], Any]) -> type[Drafts]:
    """Policy staff of the county, who were made long ago and depend on nobody."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        for login, roles in PEOPLE.items():
            user = org.create_user(
                db, None, login=login, name=login, password_hash="x", now=world.now
            )
            world.logins[login] = user.id
            for role in roles:
                row = {"unit_id": unit.id, "role": role, "user_id": user.id}
                db.add(Post(id=new_id(), from_at=world.now, **row))
        db.flush()
        db.query(AccountAct).delete()
    return on_copies(Drafts, world, copies(backend), database)


@pytest.mark.slow
def test_drafts_hold_in_any_order(walks: type[Drafts]) -> None:
    take(walks, examples=60 if EXPLORING else 5, steps=60 if EXPLORING else 30)
