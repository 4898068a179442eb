"""The doctor: nothing wrong after a day's work; whatever is broken by hand is found and named."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from engine import settings
from engine.casework import cases
from engine.casework.moves import pauses, recalls, transfers
from engine.models import Post, Unit
from engine.operations import doctor
from engine.storage.db import reading, transaction
from tests.engine.casework.test_audit import without_triggers
from tests.engine.casework.world import ACCEPT, DISPATCH, FEEDBACK, HANDLE, RATE, TRACK, World
from tests.engine.operations.doctor.conftest import Look


def worked(world: World) -> int:
    """A case on its third step: signed for, chained, with a file and messages sent."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    task = world.task(case_id)
    with transaction() as db:
        cases.sign(db, world.actor(db, "handler"), task.id, now=world.now)
    world.work(world.now + timedelta(minutes=1))
    return case_id


def closed(world: World) -> int:
    """A case from its opening to its end, through every step."""
    case_id = worked(world)
    world.complete("handler", case_id, HANDLE)
    world.complete("worker", case_id, TRACK)
    world.complete("worker", case_id, FEEDBACK)
    world.complete("dispatcher", case_id, RATE)
    return case_id


def broken(statement: str, **values: Any) -> None:
    """Do what nobody should: change a row by hand, past every guard."""
    with transaction() as db:
        without_triggers(db)
        db.execute(text(statement), values)


def test_it_finds_nothing_after_work(world: World, look: Look) -> None:
    """Open, signed, moved, suspended, overdue, escalated, recalled and closed cases."""
    worked(world)
    late, paused, recalled = worked(world), worked(world), world.open()
    with transaction() as db:
        handler = world.actor(db, "handler")
        pauses.suspend(db, handler, world.task(paused).id, "evidence", "等鉴定。", now=world.now)
    first = world.task(recalled)
    world.complete("grid_leader", recalled, ACCEPT)
    with transaction() as db:
        recalls.recall(db, world.actor(db, "grid_leader"), first.id, now=world.now)
    assert look() == []
    world.work(world.now + timedelta(days=30))
    assert "escalated" in world.kinds(late)
    assert look(contents=True) == []


def test_it_finds_nothing_in_a_closed_case(world: World, look: Look) -> None:
    """Its state holds no token, its clocks are gone, its counters are folded or not."""
    case_id = closed(world)
    assert "case.closed" in world.kinds(case_id)
    assert look() == []
    world.work(world.now)
    assert look() == []


BREAKAGES = {
    "chains": ("UPDATE event SET actor_id = 1 WHERE case_id = :case AND seq = 2", "edited"),
    "tail": (
        "DELETE FROM event WHERE case_id = :case AND seq = "
        "(SELECT max(seq) FROM event WHERE case_id = :case)",
        "cut",
    ),
    "answers": ("DELETE FROM vault WHERE case_id = :case AND node_id = 'accept'", "lost"),
    "digest": (
        "UPDATE vault SET digest = 'x' WHERE case_id = :case AND node_id = 'accept'",
        "unsaid",
    ),
    "task gone": (
        "UPDATE task SET done_at = opened_at, outcome = 'moved' WHERE id = :task",
        "not-open",
    ),
    "task back": (
        "UPDATE task SET done_at = NULL, outcome = NULL"
        " WHERE case_id = :case AND node_id = 'accept'",
        "not-opened",
    ),
    "end": ("UPDATE \"case\" SET closed_at = opened_at WHERE id = :case", "end"),
    "state": ("UPDATE case_state SET state = '{' WHERE case_id = :case", "unreadable"),
    "prior": ("UPDATE case_state SET prior = 'x' WHERE case_id = :case", "unreadable"),
    "no state": ("DELETE FROM case_state WHERE case_id = :case", "missing"),
    "token": ("UPDATE task SET engine_id = 'x' WHERE id = :task", "no-token"),
    "clock lost": ("DELETE FROM due WHERE task_id = :task AND kind = 'due'", "lost"),
    "clock moved": (
        "UPDATE due SET fire_at = '2027-01-01 00:00:00' WHERE task_id = :task",
        "moved",
    ),
    "clock left": (
        "UPDATE due SET kind = 'sign_due' WHERE task_id = :task AND kind = 'due'",
        "not-running",
    ),
    "citizen": ("DELETE FROM due WHERE case_id = :case AND kind = 'citizen_due'", "lost"),
    "timer": (
        "UPDATE due SET kind = 'timer', mark = 'x' WHERE task_id = :task AND kind = 'warn'",
        "timer-left",
    ),
    "pause": ("UPDATE task SET paused_at = opened_at WHERE id = :task", "pause"),
    "access": ("DELETE FROM case_access WHERE case_id = :case AND reason = 'handler'", "shut-out"),
    "place": (
        "UPDATE case_access SET until_at = from_at WHERE case_id = :case AND unit_id = "
        "(SELECT id FROM unit WHERE code = 'G1')",
        "shut-out",
    ),
    "stranger": (
        "UPDATE case_access SET unit_id = (SELECT id FROM unit WHERE code = 'V3')"
        " WHERE case_id = :case AND reason = 'opened'",
        "unexplained",
    ),
    "stamp": ("UPDATE task SET at_county = NULL WHERE id = :task", "row"),
    "access stamp": ("UPDATE case_access SET at_township = 1 WHERE case_id = :case", "row"),
    "tree": ("UPDATE unit SET at_city = NULL WHERE code = 'G9'", "unit"),
    "message": (
        "UPDATE outbox SET cause = 'x' WHERE task_id = :task AND cause LIKE 'opened:%'",
        "lost",
    ),
    "cause": ("UPDATE outbox SET cause = 'opened:1' WHERE task_id = :task", "no-cause"),
    "sent twice": ("UPDATE outbox SET dead_at = sent_at WHERE case_id = :case", "both"),
    "counter": ("UPDATE tally SET amount = amount + 1 WHERE measure = 'opened'", "differs"),
    "stock": ("DELETE FROM tally WHERE measure = 'handling'", "differs"),
    "file row": ("UPDATE attachment SET digest = 'ab'", "lost"),
    "file size": ("UPDATE attachment SET size = size + 1", "changed"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKAGES)
def test_it_finds_what_was_broken_by_hand(world: World, look: Look, name: str) -> None:
    """Each kind of damage has its finding."""
    statement, kind = BREAKAGES[name]
    case_id = worked(world)
    world.photo("handler")
    values = {"case": case_id, "task": world.task(case_id).id}
    assert look() == []

    named = {key: value for key, value in values.items() if f":{key}" in statement}
    broken(statement, **named)

    assert kind in [found for _check, found in look()]


def test_it_finds_a_moment_left_in_a_closed_case(world: World, look: Look) -> None:
    """A clock that would fire in a case that nobody works on any more."""
    open_id, closed_id = worked(world), closed(world)
    broken(
        "UPDATE due SET case_id = :closed, task_id = NULL WHERE case_id = :open AND kind = 'warn'",
        closed=closed_id,
        open=open_id,
    )
    assert ("clocks", "left") in look()


def test_it_finds_an_overdue_clock_that_never_fired(world: World, look: Look) -> None:
    """In the past without a row and without a link: it was lost, not fired."""
    case_id = worked(world)
    broken("DELETE FROM due WHERE case_id = :case", case=case_id)
    world.work(world.now + timedelta(days=60))
    assert ("clocks", "lost") in look()


def test_it_finds_orphan_and_changed_files(world: World, look: Look) -> None:
    """A file that no row names, once it is old enough; a byte that differs, when asked to read."""
    worked(world)
    world.photo("handler")
    files = settings.current().data_dir / "files"
    (path,) = (one for one in files.rglob("*") if one.is_file())
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    assert look() == []
    assert look(contents=True) == [("files", "changed")]

    path.write_bytes(content)
    orphan = files / "ab" / ("ab" + "0" * 62)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"nobody's")
    os.utime(orphan, (world.now.timestamp(),) * 2)
    assert look() == []
    os.utime(orphan, ((world.now - timedelta(days=3)).timestamp(),) * 2)
    assert look() == [("files", "orphan")]


def test_it_finds_a_linked_case_that_was_not_opened(world: World, look: Look) -> None:
    """A message that asks for a case and is marked as sent has its case."""
    case_id = worked(world)
    broken(
        "UPDATE outbox SET channel = 'case' WHERE id = "
        "(SELECT max(id) FROM outbox WHERE case_id = :case AND sent_at IS NOT NULL)",
        case=case_id,
    )
    assert look() == [("outbox", "not-opened")]


def test_it_explains_transfers_by_the_chain(world: World, look: Look) -> None:
    """A unit that had the task before may still see the case: the chain says that it had it."""
    case_id = worked(world)
    task = world.task(case_id)
    with transaction() as db:
        handler = world.actor(db, "handler")
        to = world.actor(db, "water_handler").unit_ids[0]
        transfers.transfer(db, handler, task.id, to, "归水务管。", now=world.now)
    assert look() == []


def test_it_counts_what_it_does_not_list(world: World) -> None:
    """A broken table breaks every case; the list has an end and says how much is left out."""
    for _ in range(3):
        worked(world)
    broken("UPDATE case_state SET state = '{'")
    with reading(snapshot=True) as db:
        report = doctor.examine(db, world.now, most=2)

    assert (len(report.findings), report.more, report.cases) == (2, 1, 3)
    document = report.as_json()
    assert document["ok"] is False and document["more"] == 1
    assert document["findings"][0]["message"].keys() == {"zh_CN", "en"}


@pytest.mark.parametrize("switched", [False, True])
def test_it_finds_duties_that_were_given_together_before_the_rule(
    world: World, look: Look, switched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The county's administrator audits it, too; a leader supervises himself."""
    monkeypatch.setattr(settings, "_current", replace(settings.current(), separate_admins=switched))
    with transaction() as db:
        county = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        mine = select(Post).where(Post.user_id == world.logins["county_leader"])
        leads = db.scalars(mine).one()
        for role in ("supervisor", "admin", "security_admin"):
            user = leads.user_id if role == "supervisor" else world.logins["worker"]
            db.add(Post(unit_id=county.id, role=role, user_id=user, from_at=world.now))
    found = [kind for check, kind in look() if check == "duties"]
    assert found == ["both"] * (2 if switched else 1)
    with transaction() as db:
        db.get_one(Post, leads.id).until_at = world.now
    assert len([check for check, _kind in look() if check == "duties"]) == int(switched)
