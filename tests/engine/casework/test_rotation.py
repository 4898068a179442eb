"""The keys of the vault change while people work: nothing is lost, and the old key can go."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64decode
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import current_app
from sqlalchemy import select, update

from engine import settings
from engine.casework.moves import remarks
from engine.models import Contact, VaultRow
from engine.notices.channels import preferences
from engine.records import anchors, form_drafts, rotation, vault
from engine.records.bindings import of_answers
from engine.records.compression import pack
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, World

FRESH = "1" * 43 + "="


def use(*keys: str) -> None:
    settings.use(replace(settings.current(), vault_keys=keys))


def left() -> dict[str, int]:
    with reading() as db:
        return rotation.payloads_by_key(db)


@pytest.fixture
def old(world: World) -> str:
    """The key of before, with something sealed under it in every kind of column."""
    key = settings.current().vault_keys[0]
    for number in range(4):
        case_id = world.open(photos=[world.photo()], summary=f"第{number}件事")
        world.complete("grid_leader", case_id, ACCEPT)
    with transaction() as db:
        actor = world.actor(db, "grid_leader")
        remarks.comment(db, actor, case_id, "已核实。", now=world.now)
        form_drafts.save(db, actor.user_id, "ticket", {"summary": "半句"}, world.now)
        form_drafts.save(db, actor.user_id, str(case_id), {"summary": "另半句"}, world.now)
        typed = {"mail": "a@county.example"}
        preferences.set_contact(db, actor.user_id, typed, now=world.now)
        # Two rows as the first releases kept them, in letters and in bytes.
        kept = db.scalars(select(VaultRow).order_by(VaultRow.id).limit(2)).all()
        for row, packed in zip(kept, (bytes, urlsafe_b64decode), strict=True):
            told = pack(vault._canonical(vault.unseal(row.payload or b"", of_answers(row))))
            letters = packed(Fernet(key).encrypt(told))
            db.execute(update(VaultRow).where(VaultRow.id == row.id).values(payload=letters))
    return key


def test_it_leaves_nothing_under_the_old_key(world: World, old: str) -> None:
    before = left()
    assert before["fernet"] == 2 and len(before) == 2
    use(FRESH, old)

    *_, report = rotation.rotate()

    assert left() == {rotation.newest(): sum(before.values())}
    assert sum(report.changed.values()) == sum(before.values()) and not +report.unreadable
    use(FRESH)
    with reading(snapshot=True) as db:
        assert anchors.verify(db) == []
        contact = db.scalars(select(Contact)).one()
        assert preferences.address_of(db, contact.user_id).mail == "a@county.example"
        kept = form_drafts.load(db, contact.user_id, "ticket")
    assert kept is not None and kept[0] == {"summary": "半句"}


def test_it_goes_on_where_it_broke_off(
    world: World, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    before = sum(left().values())
    use(FRESH, old)
    running = rotation.rotate()
    first = sum(next(running).changed.values())
    running.close()

    done = left()[rotation.newest()]
    *_, report = rotation.rotate()

    assert 0 < first == done < before
    assert sum(report.changed.values()) == before - done
    assert left() == {rotation.newest(): before}


def test_it_leaves_people_their_work(
    world: World, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases are opened and drafts saved meanwhile; what one process writes the other reads."""
    monkeypatch.setattr(rotation, "BATCH", 1)
    use(FRESH, old)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    done, failures = threading.Event(), list[BaseException]()

    def people() -> None:
        with app.app_context():
            number = 0
            while not done.is_set():
                number += 1
                try:
                    world.open()
                    with transaction() as db:
                        actor = world.actor(db, "grid_leader")
                        words = {"summary": f"第{number}稿"}
                        form_drafts.save(db, actor.user_id, "ticket", words, world.now)
                except BaseException as error:
                    failures.append(error)
                    return

    at_work = threading.Thread(target=people)
    at_work.start()
    try:
        list(rotation.rotate())
    finally:
        done.set()
        at_work.join()

    assert not failures
    assert left().keys() == {rotation.newest()}
    use(FRESH)
    with reading(snapshot=True) as db:
        assert anchors.verify(db) == []


def test_it_says_what_no_key_opens(world: World, old: str) -> None:
    """And leaves it as it is: the key may turn up."""
    before = left()
    use(FRESH)

    *_, report = rotation.rotate()

    assert left() == before
    assert sum(report.unreadable.values()) == sum(before.values())
