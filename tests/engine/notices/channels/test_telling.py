"""Citizens are told by SMS or mail where they can be reached, and by a person where not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from engine.casework import recusal
from engine.models import Case, CitizenMessage, Notice, VaultRow
from engine.notices import retention
from engine.notices.channels import dead_letters, register
from engine.notices.telling import messages
from engine.records import vault
from engine.storage.db import reading, transaction
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import Mailbox, Receiver


def told(case_id: int) -> list[CitizenMessage]:
    with reading() as db:
        mine = select(CitizenMessage).where(CitizenMessage.case_id == case_id)
        return list(db.scalars(mine.order_by(CitizenMessage.id)))


def asked_to_tell(town: Town) -> list[int]:
    """Who is asked in the application to pass something on."""
    with reading() as db:
        return list(db.scalars(select(Notice.user_id).where(Notice.key == "citizen.tell")))


def answered(case_id: int, **more: Any) -> None:
    """What the opening form says besides."""
    with transaction() as db:
        case = db.get_one(Case, case_id)
        row = db.scalars(select(VaultRow).where(VaultRow.case_id == case_id)).first()
        assert row is not None
        answers = {**vault.answers_of(db, case)[row.node_id], **more}
        vault.keep(db, case, None, row.node_id, answers, at=case.opened_at + timedelta(seconds=1))


def test_it_tells_by_sms_and_notes_when(town: Town, receiver: Receiver) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    town.tell_citizen(case_id)

    assert town.work()["sent"] == 1

    (one,) = told(case_id)
    assert (one.way, one.state, one.settled_at) == ("sms", "sent", town.world.now)
    assert receiver.requests[0].json["mobile"] == "13893612345"
    assert "已办好（编号 " in receiver.requests[0].json["content"]
    assert asked_to_tell(town) == []


def test_it_asks_a_person_where_no_channel_serves(town: Town) -> None:
    case_id = town.world.open()
    town.tell_citizen(case_id)
    town.work()
    town.work()

    (one,) = told(case_id)
    assert (one.way, one.state, one.reason) == ("person", "by_hand", "no_channel")
    assert asked_to_tell(town) == [town.world.logins["worker"]]


@pytest.mark.parametrize(
    ("wish", "state", "reason", "asks"),
    [
        ({"tell_by": "由工作人员转告"}, "by_hand", "asked", 1),
        ({"tell_by": "不用告知"}, "unwanted", "asked", 0),
        # Without an address that could be one it goes by the number.
        ({"tell_by": "邮件", "tell_mail": "nowhere"}, "sent", "", 0),
    ],
)
def test_it_does_as_the_citizen_wished(
    town: Town, receiver: Receiver, wish: dict[str, str], state: str, reason: str, asks: int
) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    answered(case_id, **wish)
    town.tell_citizen(case_id)
    town.work()
    town.work()

    (one,) = told(case_id)
    assert (one.state, one.reason, len(asked_to_tell(town))) == (state, reason, asks)
    assert len(receiver.requests) == (state == "sent")


def test_it_writes_mail_to_the_address_that_was_left(
    town: Town, receiver: Receiver, box: Mailbox
) -> None:
    town.sms(receiver, "citizen")
    town.channel(
        "mail",
        "citizen",
        (),
        host="127.0.0.1",
        port=str(box.port),
        security="none",
        sender="notices@county.example",
    )
    case_id = town.world.open()
    answered(case_id, tell_by="邮件", tell_mail="wang@home.example")
    town.tell_citizen(case_id)

    assert town.work()["sent"] == 1

    assert box.recipients == ["wang@home.example"]
    said = box.letters[0].get_content()
    assert "已办好" in said and "通知设置" not in said
    assert receiver.requests == [] and no_table_holds("wang@home.example")


def no_table_holds(*words: str) -> bool:
    with reading() as db:
        for table in ("outbox", "delivery", "delivery_attempt", "citizen_message", "event"):
            rows = db.execute(text(f"SELECT * FROM {table}")).all()
            if any(word in str(row) for row in rows for word in words):
                return False
    return True


@pytest.mark.parametrize(
    ("wish", "sent"),
    [
        ({}, 0),
        ({"tell_by": "短信"}, 0),
        ({"tell_safe": True}, 0),
        ({"tell_by": "短信", "tell_safe": True}, 1),
    ],
)
def test_a_confidential_reporter_is_written_to_only_where_they_called_it_safe(
    town: Town, receiver: Receiver, wish: dict[str, Any], sent: int
) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    answered(case_id, **wish)
    with transaction() as db:
        recusal.keep(db, db.get_one(Case, case_id), None, by_id=None, now=town.world.now)
    town.tell_citizen(case_id)

    assert town.work() == {"sent": sent, "failed": 0}
    town.work()
    assert told(case_id)[0].state == ("sent" if sent else "by_hand")
    assert len(asked_to_tell(town)) == 1 - sent
    # Neither place nor unit nor title stands in what somebody else may read on a telephone.
    assert all("村" not in one.json["content"] for one in receiver.requests)


def test_it_says_the_same_once_in_a_day(town: Town, receiver: Receiver) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    for number in range(2):
        town.tell_citizen(case_id, cause=f"told:{number}")
        town.work()
    assert [one.state for one in told(case_id)] == ["sent", "repeated"]
    assert len(receiver.requests) == 1

    town.at(town.world.now + timedelta(hours=25))
    town.tell_citizen(case_id, cause="told:later")
    town.work()
    assert len(receiver.requests) == 2


def test_what_cannot_be_delivered_is_left_to_a_person_and_may_still_arrive(
    town: Town, receiver: Receiver
) -> None:
    channel_id = town.sms(receiver, "citizen")
    case_id = town.world.open()
    town.tell_citizen(case_id)
    town.spread()
    with transaction() as db:
        register.drop_waiting(db, town.boss, channel_id, now=town.world.now)

    town.work()
    assert (told(case_id)[0].state, told(case_id)[0].reason) == ("failed", "failed")
    assert asked_to_tell(town) == [town.world.logins["worker"]]

    with transaction() as db:
        dead_letters.resend_all(db, town.boss, dead_letters.OUTSIDE, now=town.world.now)
    assert told(case_id)[0].state == "waiting"
    town.work()
    assert told(case_id)[0].state == "sent"


def test_what_was_told_stays_with_the_case_when_messages_are_removed(
    town: Town, receiver: Receiver
) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    town.tell_citizen(case_id)
    town.work()

    with transaction() as db:
        db.execute(text("UPDATE task SET done_at = opened_at, outcome = 'completed'"))
        db.execute(text('UPDATE "case" SET closed_at = opened_at'))
        gone, _next = retention.clear(db, town.world.now + timedelta(days=400), 0)

    assert gone and town.deliveries() == []
    (one,) = told(case_id)
    assert (one.state, one.text, one.delivery_id) == ("sent", "已办好", None)
    with reading() as db:
        assert [row.id for row in messages.of_case(db, db.get_one(Case, case_id))] == [one.id]
