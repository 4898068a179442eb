"""Dead letters: listed without addresses, sent again one by one or all together."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from engine.models import AdminEvent, Delivery, Outbox
from engine.notices import outbox
from engine.notices.channels import dead_letters, register
from engine.storage.db import reading, transaction
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import Mailbox, Receiver


def kill(town: Town) -> None:
    """Give every delivery up, as after the last attempt."""
    with transaction() as db:
        db.execute(update(Delivery).values(dead_at=town.world.now, error="对方没有接受。"))


def test_it_sends_a_dead_letter_again(town: Town, receiver: Receiver) -> None:
    town.robot(receiver, "task.opened")
    for _number in range(3):
        town.world.open()
    town.spread()
    kill(town)
    assert town.work()["sent"] == 0

    with transaction() as db:
        dead, _after = dead_letters.outside(db)
        one = [dead[0].id]
        assert dead_letters.resend(db, town.boss, "outside", one, now=town.world.now) == 1
    assert town.work()["sent"] == 1
    with transaction() as db:
        assert dead_letters.resend_all(db, town.boss, "outside", now=town.world.now) == 2
    assert town.work()["sent"] == 2
    with reading() as db:
        assert dead_letters.counts(db) == {"inside": 0, "outside": 0}
        kinds = db.scalars(select(AdminEvent.kind)).all()
    assert kinds.count("letters.resent") == 2


def test_it_sends_nothing_twice_that_has_arrived(town: Town, receiver: Receiver) -> None:
    town.robot(receiver, "task.opened")
    town.world.open()
    town.work()

    with transaction() as db:
        row = db.scalars(select(Delivery)).one()
        assert dead_letters.resend(db, town.boss, "outside", [row.id], now=town.world.now) == 0
    assert town.work(timedelta(hours=1))["sent"] == 0


def test_it_shows_the_letters_of_the_house_too(town: Town) -> None:
    case_id = town.world.open()
    with transaction() as db:
        row = db.scalars(select(Outbox).where(Outbox.case_id == case_id)).one()
        for _number in range(len(outbox.BACK_OFF) + 1):
            outbox.failed(db, row.id, ValueError("x"), town.world.now)
    with reading() as db:
        dead, after = dead_letters.inside(db)
    assert ([one.key for one in dead], after) == (["task.opened"], None)

    with transaction() as db:
        assert dead_letters.resend(db, town.boss, "inside", [dead[0].id], now=town.world.now) == 1
    assert town.world.work(town.world.now)["outbox"]["sent"] == 1


def test_it_pages_by_key(town: Town, receiver: Receiver) -> None:
    channel_id = town.robot(receiver, "task.opened")
    with transaction() as db:
        for number in range(dead_letters.PAGE + 3):
            db.add(
                Delivery(
                    county_id=1,
                    channel_id=channel_id,
                    key="channel.test",
                    mark=str(number),
                    at=town.world.now,
                    send_at=town.world.now,
                    dead_at=town.world.now,
                )
            )
    with reading() as db:
        first, after = dead_letters.outside(db, channel_id=channel_id)
        rest, end = dead_letters.outside(db, channel_id=channel_id, after=after)
    assert (len(first), len(rest), end) == (dead_letters.PAGE, 3, None)
    assert {one.id for one in first} & {one.id for one in rest} == set()


def test_it_never_shows_an_address(town: Town, box: Mailbox) -> None:
    town.mail(box, "task.opened")
    town.reachable("grid_leader")
    box.refuse["RCPT"] = "550 no user grid_leader@county.example here"
    town.world.open()
    town.work()

    with reading() as db:
        letter = dead_letters.outside(db)[0][0]
    assert letter.recipient == "员工grid_leader"
    assert "county.example" not in str(letter) + str(town.attempts()[0].error)


def test_it_records_who_changed_a_channel_and_never_its_secret(
    town: Town, receiver: Receiver
) -> None:
    channel_id = town.sms(receiver, "citizen")
    draft = register.ChannelDraft(
        "短信", "http", "citizen", {"url": receiver.url, "method": "GET"}, (), ""
    )
    with transaction() as db:
        register.change(db, town.boss, channel_id, draft, now=town.world.now)
        assert register.secret_names(register.one(db, channel_id)) == ["pass"]
    with reading() as db:
        events = db.scalars(select(AdminEvent).order_by(AdminEvent.seq)).all()
    kinds = [event.kind for event in events]
    assert {"channel.created", "channel.on", "channel.changed"} <= set(kinds)
    assert "geheim" not in "".join(str(event.data) for event in events)
