"""The chains: whole after a day's work; an edit, a cut tail and a removed chain are found."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Anchor, Event
from engine.records import anchoring, anchors
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, DISPATCH, World
from tests.queueing import queue

TABLES = ("event", "case_state", "case_access", "blind_index", "vault", "due", "outbox", "task")


def faults() -> list[tuple[int, str]]:
    """What ``fengqiao audit verify`` would name: case and kind."""
    with reading() as db:
        return [(fault.case_id, fault.kind) for fault in anchors.verify(db)]


def without_triggers(db: Session) -> None:
    """What somebody with the database's own rights can do."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET session_replication_role = replica"))
        return
    names = db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    for name in names:
        db.execute(text(f'DROP TRIGGER "{name}"'))
    db.execute(text("PRAGMA defer_foreign_keys = ON"))


def worked_case(world: World) -> int:
    """A case with some history, anchored."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    ticks.anchor(world.now)
    return case_id


def test_it_is_whole_after_work(world: World) -> None:
    """Nothing to complain of, with and without an anchor."""
    case_id = worked_case(world)
    assert faults() == []
    world.open()
    assert faults() == []
    assert len(world.kinds(case_id)) >= 5


def test_it_refuses_to_change_or_delete_an_event(world: World) -> None:
    """The database itself says no."""
    case_id = worked_case(world)
    for statement in (
        "UPDATE event SET kind = 'x' WHERE case_id = :id",
        "DELETE FROM event WHERE case_id = :id",
    ):
        with pytest.raises(DatabaseError), transaction() as db:
            db.execute(text(statement), {"id": case_id})
    assert faults() == []


def test_it_finds_an_edited_row(world: World) -> None:
    """The first bad link is named."""
    case_id = worked_case(world)
    with transaction() as db:
        without_triggers(db)
        db.execute(
            text("UPDATE event SET actor_id = 1 WHERE case_id = :id AND seq = 2"), {"id": case_id}
        )

    with reading() as db:
        (fault,) = anchors.verify(db)
    assert (fault.case_id, fault.seq, fault.kind) == (case_id, 2, "edited")


def test_it_finds_a_cut_tail_even_if_the_case_agrees(world: World) -> None:
    """Who cuts the tail and mends the case's own head is betrayed by the anchor."""
    case_id = worked_case(world)
    with transaction() as db:
        without_triggers(db)
        db.execute(text("DELETE FROM event WHERE case_id = :id AND seq > 2"), {"id": case_id})
        head = db.query(Event).filter_by(case_id=case_id, seq=2).one().hash
        db.execute(
            text("UPDATE case_state SET audit_head = :head, audit_length = 2 WHERE case_id = :id"),
            {"head": head, "id": case_id},
        )

    assert faults() == [(case_id, "cut")]


def test_it_finds_a_removed_chain(world: World) -> None:
    """A case of which nothing is left at all is still missed."""
    case_id = worked_case(world)
    with transaction() as db:
        without_triggers(db)
        db.execute(text("DELETE FROM attachment WHERE case_id = :id"), {"id": case_id})
        for table in (*TABLES, "case"):
            column = "id" if table == "case" else "case_id"
            db.execute(text(f'DELETE FROM "{table}" WHERE {column} = :id'), {"id": case_id})

    assert faults() == [(case_id, "removed")]


def test_it_finds_removed_anchors_by_the_file_outside(world: World) -> None:
    """Who empties the anchor table too is betrayed by the file that lies elsewhere."""
    worked_case(world)
    assert settings.current().anchor_file.exists()  # type: ignore[union-attr]
    with transaction() as db:
        without_triggers(db)
        db.query(Anchor).delete()

    assert "anchor" in {kind for _, kind in faults()}


def test_it_cannot_be_mended_without_the_key(world: World) -> None:
    """A chain recomputed by somebody who has the database but not the key does not verify."""
    case_id = worked_case(world)
    right = settings.current()
    wrong = {"FENGQIAO_DATA_DIR": str(right.data_dir), "FENGQIAO_AUDIT_KEY": "guessed"}
    settings.use(settings.Settings.from_environment(wrong))
    assert (case_id, "edited") in faults()
    settings.use(right)
    assert faults() == []


def test_it_appends_only_new_anchors_to_the_file_outside(world: World) -> None:
    """However often it is written: one line an anchor, in order, also after a long line."""
    for _ in range(3):
        worked_case(world)
        ticks.anchor(world.now)
    path = settings.current().anchor_file
    assert path is not None
    lines = path.read_text().splitlines()
    with reading() as db:
        assert anchoring.write_outside(db) == 0
        hashes = list(db.scalars(select(Anchor.hash).order_by(Anchor.id)))
    assert [json.loads(line)["hash"] for line in lines] == hashes


def test_it_anchors_in_one_chain_when_two_workers_do_at_once(world: World) -> None:
    """The second waits, and then continues behind the first instead of beside it."""
    worked_case(world)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def second() -> None:
        with app.app_context(), transaction() as db:
            anchoring.anchor(db, world.now)

    other = threading.Thread(target=second)
    opened = world.open()
    with queue() as until_it_waits, transaction() as db:
        anchoring.anchor(db, world.now)
        db.flush()
        other.start()
        until_it_waits()
    other.join(30)
    world.complete("grid_leader", opened, ACCEPT)
    ticks.anchor(world.now)

    assert faults() == []


def test_it_anchors_what_happens_after_a_demo_looked_ahead(world: World) -> None:
    """A worker that pretended a later moment leaves no gap behind it."""
    worked_case(world)
    ticks.anchor(world.now + timedelta(days=400))
    ticks.anchor(datetime.now(UTC) + timedelta(days=400))
    world.open()

    assert ticks.anchor(world.now)["anchored"] >= 1


def test_it_goes_on_behind_half_a_line(world: World) -> None:
    """A full disk that cut the file's last line off stops neither the anchors nor the proof."""
    worked_case(world)
    path = settings.current().anchor_file
    assert path is not None
    worked_case(world)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert faults() == []

    worked_case(world)
    assert faults() == []
    with reading() as db:
        assert anchoring.write_outside(db) == 0

    path.write_bytes(path.read_bytes().replace(b'"hash"', b'"hush"', 1))
    assert set(faults()) == {(0, "anchor")}


def test_it_sees_one_moment_while_work_goes_on(world: World) -> None:
    """A step taken between two statements of the proof is no fault."""
    case_id = worked_case(world)
    with reading(snapshot=True) as db:
        before = db.scalar(select(func.count()).select_from(Event))
        world.complete("dispatcher", case_id, DISPATCH)
        assert db.scalar(select(func.count()).select_from(Event)) == before
        assert anchors.verify(db) == []


def test_it_verifies_whatever_zone_the_moment_was_given_in(world: World) -> None:
    """A moment in Shanghai's zone is stored in UTC and hashed as what is stored."""
    world.now = world.now.astimezone(ZoneInfo("Asia/Shanghai"))
    worked_case(world)

    assert faults() == []
