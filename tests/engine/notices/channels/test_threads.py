"""A channel never holds up another one, nor the notices in the application."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import select

from engine.models import Notice
from engine.notices.channels import health, threads
from engine.storage.db import reading
from engine.worker import ticks
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import Mailbox, Receiver


def test_it_sends_elsewhere_while_one_server_hangs(
    town: Town, receiver: Receiver, box: Mailbox
) -> None:
    receiver.hang = threading.Event()
    town.robot(receiver, "task.opened", seconds="20")
    town.mail(box, "task.opened")
    town.reachable("grid_leader")
    town.world.open()

    ticks.deliver(town.world.now)
    report = ticks.tick("channels", town.world.now)

    # The tick came back while the server hangs, which it does until it is let go.
    assert (report["sent"], report["busy"]) == (1, 1)
    # Its lane is taken: the next round starts no second one, and the house goes on.
    town.world.open()
    ticks.deliver(town.world.now)
    report = ticks.tick("channels", town.world.now)
    assert (report["sent"], report["busy"]) == (1, 1)
    assert len(receiver.requests) == 1
    with reading() as db:
        assert len(db.scalars(select(Notice)).all()) == 2
    receiver.hang.set()
    assert threads.finish(20)["busy"] == 0


def test_it_cuts_off_a_server_that_never_answers(town: Town, receiver: Receiver) -> None:
    receiver.hang = threading.Event()
    town.robot(receiver, "task.opened", seconds="1")
    for _number in range(3):
        town.world.open()

    report = town.work()

    # The first one ends the round: the others would have waited as long.
    assert report == {"sent": 0, "failed": 1}
    assert "超时" in (town.deliveries()[0].error or "")


def test_it_cuts_off_a_server_that_answers_by_drops(town: Town, receiver: Receiver) -> None:
    """Each byte comes in time; the whole answer would take a minute."""
    receiver.drip, receiver.answer = 0.2, b"x" * 300
    town.robot(receiver, "task.opened", seconds="1")
    town.world.open()

    assert town.work()["failed"] == 1


def test_it_cuts_off_a_mail_server_that_says_nothing(town: Town, box: Mailbox) -> None:
    box.hang = threading.Event()
    town.mail(box, "task.opened", seconds="1")
    town.reachable("grid_leader")
    town.world.open()

    assert town.work()["failed"] == 1

    assert "超时" in (town.deliveries()[0].error or "")


def test_it_turns_red_after_an_hour_of_failures(town: Town, receiver: Receiver) -> None:
    channel_id = town.robot(receiver, "task.opened")
    receiver.status = 500
    town.world.open()
    town.work()
    assert lamps(town) == ["yellow"]

    town.at(town.world.now + timedelta(minutes=59))
    town.work()
    assert (lamps(town), troubles(town)) == (["yellow"], [])

    town.at(town.world.now + timedelta(minutes=2))
    assert (lamps(town), troubles(town)) == (["red"], ["http-group"])

    receiver.status = 200
    town.work(timedelta(hours=2))
    assert (lamps(town), troubles(town)) == (["green"], [])
    assert town.one(channel_id).last_sent_at == town.world.now


def test_it_turns_red_when_messages_wait_for_a_worker(town: Town, receiver: Receiver) -> None:
    town.robot(receiver, "task.opened")
    town.world.open()
    town.spread()
    town.at(town.world.now + timedelta(minutes=61))

    assert (lamps(town), troubles(town)) == (["red"], ["http-group"])


def lamps(town: Town) -> list[str]:
    with reading() as db:
        return [one.lamp for one in health.overview(db, town.world.now)]


def troubles(town: Town) -> list[str]:
    with reading() as db:
        return health.in_trouble(db, town.world.now)
