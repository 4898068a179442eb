"""Whatever is emptied, exchanged, moved or taken away past every guard is found and named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import settings
from engine.casework.moves import remarks
from engine.models import AdminEvent, Anchor, Attachment, Setting, VaultRow
from engine.records import anchoring, anchors, audit
from engine.records.audit import ADMIN_TAIL
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.test_audit import without_triggers
from tests.engine.casework.world import ACCEPT, World

SWAP = (
    "UPDATE vault SET {0} = CASE case_id WHEN :first THEN (SELECT {0} FROM vault WHERE"
    " case_id = :second AND node_id = 'accept') ELSE (SELECT {0} FROM vault WHERE"
    " case_id = :first AND node_id = 'accept') END WHERE node_id = 'accept'"
)


def faults() -> set[tuple[int, str]]:
    with reading(snapshot=True) as db:
        return {(fault.case_id, fault.kind) for fault in anchors.verify(db)}


def by_hand(*statements: str, **values: Any) -> None:
    """What somebody with the database's own rights can do."""
    with transaction() as db:
        without_triggers(db)
        for statement in statements:
            named = {key: value for key, value in values.items() if f":{key}" in statement}
            db.execute(text(statement), named)


def two_cases(world: World) -> tuple[int, int]:
    """Two cases with answers, a photo, a remark each, anchored."""
    made = []
    for number in range(2):
        case_id = world.open(photos=[world.photo()], summary=f"第{number}件事")
        world.complete("grid_leader", case_id, ACCEPT)
        with transaction() as db:
            remarks.comment(db, world.actor(db, "grid_leader"), case_id, "已核实。", now=world.now)
        made.append(case_id)
    ticks.anchor(world.now)
    assert faults() == set()
    return made[0], made[1]


PAYLOADS: dict[str, tuple[str, set[str]]] = {
    "emptied": (
        "UPDATE vault SET payload = NULL WHERE case_id = :first AND node_id = 'accept'",
        {"emptied"},
    ),
    "deleted": ("DELETE FROM vault WHERE case_id = :first AND node_id = 'accept'", {"lost"}),
    "of another step": (
        "UPDATE vault SET payload = (SELECT payload FROM vault WHERE case_id = :first"
        " AND node_id = 'report') WHERE case_id = :first AND node_id = 'accept'",
        {"foreign"},
    ),
    "renamed": (
        "UPDATE vault SET node_id = 'handle' WHERE case_id = :first AND node_id = 'accept'",
        {"foreign"},
    ),
    "words": (
        "UPDATE vault SET payload = 'x' WHERE case_id = :first AND node_id = 'accept'",
        {"foreign"},
    ),
    "remark": ("DELETE FROM remark WHERE case_id = :first", {"lost"}),
    "remark of another": (
        "UPDATE remark SET payload = (SELECT payload FROM remark WHERE case_id = :second)"
        " WHERE case_id = :first",
        {"foreign"},
    ),
    "file exchanged": (
        "UPDATE attachment SET digest = 'ab' WHERE case_id = :first",
        {"file-changed", "file-name"},
    ),
    "file taken away": ("DELETE FROM attachment WHERE case_id = :first", {"file-gone"}),
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_it_finds_what_was_done_to_a_payload(world: World, name: str) -> None:
    statement, kinds = PAYLOADS[name]
    first, second = two_cases(world)

    by_hand(statement, first=first, second=second)

    assert faults() == {(first, kind) for kind in kinds}


@pytest.mark.parametrize("columns", [("payload",), ("payload", "digest")])
def test_it_finds_payloads_that_changed_their_cases(world: World, columns: tuple[str, ...]) -> None:
    """Alone, and with their digests, which then fit their content."""
    first, second = two_cases(world)
    with transaction() as db:
        without_triggers(db)
        rows = {
            row.case_id: row
            for row in db.scalars(select(VaultRow).where(VaultRow.node_id == "accept"))
        }
        values = {
            case_id: {name: getattr(row, name) for name in columns} for case_id, row in rows.items()
        }
        for here, there in ((first, second), (second, first)):
            for name in columns:
                setattr(rows[here], name, values[there][name])

    assert {(first, "foreign"), (second, "foreign")} <= faults()


def test_it_names_the_row_and_the_link(world: World) -> None:
    first, _second = two_cases(world)
    by_hand(PAYLOADS["emptied"][0], first=first)

    with reading(snapshot=True) as db:
        row = db.scalars(
            select(VaultRow).where(VaultRow.case_id == first, VaultRow.payload.is_(None))
        ).one()
        (fault,) = anchors.verify(db)
    assert fault.row_id == row.id and str(row.id) in fault.text.en and "accept" in fault.text.en
    link = next(one for one in world.events(first, "task.completed") if row.digest in one.data)
    assert fault.seq == link.seq


def test_it_vouches_for_files_in_the_chain(world: World) -> None:
    first, _second = two_cases(world)
    with reading() as db:
        row = db.scalars(select(Attachment).where(Attachment.case_id == first)).one()
    said = json.loads(world.events(first, "task.completed")[0].data)
    assert said["files"] == {str(row.id): row.digest}


def test_it_misses_a_case_that_is_gone(world: World, database: str) -> None:
    """The row of the case was deleted, its events were left."""
    first, _second = two_cases(world)
    if database.startswith("sqlite"):
        # As a shell of SQLite's does it: references are not looked at.
        file = sqlite3.connect(database.removeprefix("sqlite:///"))
        file.execute('DELETE FROM "case" WHERE id = ?', (first,))
        file.commit()
        file.close()
    else:
        by_hand('DELETE FROM "case" WHERE id = :first', first=first)

    assert (first, "gone") in faults()


def anchor_kinds(*, how: Callable[[Session], None]) -> set[tuple[int, str]]:
    with transaction() as db:
        without_triggers(db)
        how(db)
    return faults()


def test_it_finds_an_empty_anchor_table_even_without_a_file(world: World) -> None:
    """Who empties the table and removes the file has still left events that must be anchored."""
    two_cases(world)
    path = settings.current().anchor_file
    assert path is not None
    path.unlink()

    assert anchor_kinds(how=lambda db: db.query(Anchor).delete()) == {(0, "anchor")}


def test_it_finds_the_newest_anchor_missing_from_table_and_file(world: World) -> None:
    """Both were shortened by one: what was written is remembered."""
    two_cases(world)
    world.open()
    ticks.anchor(world.now)
    path = settings.current().anchor_file
    assert path is not None
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))

    def shorten(db: Session) -> None:
        last = select(Anchor.id).order_by(Anchor.id.desc()).limit(1).scalar_subquery()
        db.query(Anchor).where(Anchor.id == last).delete(synchronize_session=False)

    assert anchor_kinds(how=shorten) == {(0, "anchor")}


def test_it_finds_a_file_that_was_removed_and_does_not_heal_it(world: World) -> None:
    """Before the worker comes by again, and after."""
    two_cases(world)
    path = settings.current().anchor_file
    assert path is not None
    path.unlink()
    assert faults() == {(0, "anchor")}

    world.open()
    ticks.anchor(world.now)
    assert path.exists()
    assert faults() == {(0, "anchor")}


@pytest.mark.parametrize("place", [0, 1])
def test_it_finds_a_line_of_the_file_that_was_changed(world: World, place: int) -> None:
    """Also where the line still reads well."""
    two_cases(world)
    world.open()
    ticks.anchor(world.now)
    path = settings.current().anchor_file
    assert path is not None
    lines = path.read_text().splitlines()
    line = json.loads(lines[place])
    line["heads"] = line["heads"][1:]
    lines[place] = json.dumps(line)
    path.write_text("\n".join(lines) + "\n")

    assert faults() == {(0, "anchor")}


def test_it_finds_a_cut_tail_of_administration_before_any_anchor(world: World) -> None:
    """Also where the note beside the chain was shortened with it: it is sealed with the key."""
    with transaction() as db:
        for number in range(3):
            audit.record_admin(db, "units.moved", None, {"n": number}, at=world.now)
    assert faults() == set()
    with reading() as db:
        last, before = db.scalars(select(AdminEvent).order_by(AdminEvent.seq.desc()).limit(2)).all()
    by_hand("DELETE FROM admin_event WHERE seq = :last", last=last.seq)
    assert faults() == {(0, "cut")}

    with transaction() as db:
        note = db.get_one(Setting, ADMIN_TAIL)
        note.value = {**note.value, "length": before.seq, "head": before.hash}
    assert faults() == {(0, "head")}


REPLACED = {
    "event": "INSERT OR REPLACE INTO event SELECT * FROM event LIMIT 1",
    "admin_event": "INSERT OR REPLACE INTO admin_event SELECT * FROM admin_event LIMIT 1",
    "anchor": "INSERT OR REPLACE INTO anchor SELECT * FROM anchor LIMIT 1",
}


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("table", REPLACED)
def test_it_refuses_to_replace_a_row(world: World, table: str) -> None:
    """SQLite's REPLACE asks no trigger of deletion; PostgreSQL knows no such word."""
    two_cases(world)
    with transaction() as db:
        audit.record_admin(db, "units.moved", None, {}, at=world.now)
    with pytest.raises(DBAPIError, match="append-only"), transaction() as db:
        db.execute(text(REPLACED[table]))
    assert faults() == set()


@pytest.mark.parametrize("statement", ["UPDATE anchor SET hash = 'x'", "DELETE FROM anchor"])
def test_it_refuses_to_change_an_anchor(world: World, statement: str) -> None:
    two_cases(world)
    with pytest.raises(DBAPIError, match="append-only"), transaction() as db:
        db.execute(text(statement))


def test_it_waits_for_the_first_anchor(world: World) -> None:
    """A database in which no worker has run yet is not suspicious."""
    world.open()
    with reading() as db:
        assert db.scalars(select(Anchor)).all() == []
    assert faults() == set()


def test_it_writes_the_file_from_its_beginning_once(world: World) -> None:
    """An installation that had no file yet gets all anchors into it."""
    two_cases(world)
    path = settings.current().anchor_file
    assert path is not None
    path.unlink()
    with transaction() as db:
        db.delete(db.get_one(Setting, anchoring.WRITTEN))
    world.open()
    ticks.anchor(world.now + timedelta(minutes=5))

    assert faults() == set()
    with reading() as db:
        assert len(path.read_text().splitlines()) == len(db.scalars(select(Anchor)).all())


def test_it_remembers_what_was_taken_from_table_and_file_when_a_worker_comes_by(
    world: World,
) -> None:
    """The file is not rebuilt from a table that was shortened with it."""
    two_cases(world)
    world.open()
    ticks.anchor(world.now)
    path = settings.current().anchor_file
    assert path is not None
    path.unlink()
    newest = "SELECT max(id) FROM anchor"
    by_hand(f"DELETE FROM anchor WHERE id = ({newest})")

    world.open()
    ticks.anchor(world.now)
    ticks.anchor(world.now)

    assert (0, "anchor") in faults()
