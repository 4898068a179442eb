"""A ticket that becomes a dispute: a case of its own, opened once, named on both sides."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from engine.casework import links
from engine.definitions import versions
from engine.models import Case, Outbox, Task, Unit
from engine.records import anchors
from engine.storage.db import reading, transaction
from engine.terms.channels import CASE
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, ROOT, World

TRANSFER = {"dispatch_mode": "转矛盾纠纷", "transfer_reason": "实为邻里纠纷。"}


@pytest.fixture
def transferred(world: World) -> int:
    """A ticket that the dispatcher hands over to the dispute process."""
    with transaction() as db:
        files = versions.read_directory(ROOT)["dispute"]
        versions.publish(db, "dispute", files, now=world.now)
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, TRANSFER)
    return case_id


def test_it_opens_the_other_case_after_the_commit_and_once(world: World, transferred: int) -> None:
    """The outbox opens it; a second delivery of the same row opens nothing."""
    ticks.deliver(world.now)
    with transaction() as db:
        row = db.scalars(select(Outbox).where(Outbox.channel == CASE)).one()
        links.open_linked(db, row, world.now)

    with reading() as db:
        origin = db.get_one(Case, transferred)
        ((link, dispute),) = links.linked(db, origin)
        assert (link.kind, dispute.process) == ("became", "dispute")
        assert [other.id for _, other in links.linked(db, dispute)] == [transferred]
        assert (dispute.title, dispute.place_name) == (origin.title, origin.place_name)
        assert anchors.verify(db) == []
    (event,) = world.events(transferred, "case.linked")
    assert json.loads(event.data)["number"] == dispute.number


def test_its_first_task_waits_for_somebody(world: World, transferred: int) -> None:
    """Nobody has filled in the application yet: it is open work with a clock, in some unit."""
    ticks.deliver(world.now)
    with reading() as db:
        dispute = db.scalars(select(Case).where(Case.process == "dispute")).one()
        task = db.scalars(select(Task).where(Task.case_id == dispute.id)).one()
        assert task.done_at is None and task.node_id == "apply"
        assert db.get_one(Unit, task.unit_id).at_township is not None


def test_it_dies_visibly_where_the_process_does_not_exist(world: World) -> None:
    """A process that was never published: retried, then dead, and on the administrator's list."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, {**TRANSFER, "dispatch_mode": "转热线"})
    report = ticks.deliver(world.now)

    assert report["failed"] == 1
    with reading() as db:
        row = db.scalars(select(Outbox).where(Outbox.channel == CASE)).one()
        assert row.attempts == 1 and row.send_at > world.now and "NotFound" in (row.error or "")
