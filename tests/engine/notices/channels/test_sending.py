"""Messages over mail, gateways, robots and webhooks, against real servers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.casework import recusal
from engine.models import Case, Channel
from engine.notices.channels import sending
from engine.records import vault
from engine.records.bindings import of_channel
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import Mailbox, Receiver


def test_it_mails_in_the_language_of_the_recipient(town: Town, box: Mailbox) -> None:
    town.mail(box, "task.opened")
    town.reachable("grid_leader")
    case_id = town.world.open()

    assert town.work()["sent"] == 1

    letter = box.letters[0]
    assert box.recipients == ["grid_leader@county.example"]
    assert letter["Subject"].startswith(f"新任务：{_number(case_id)}")
    plain, html = letter.iter_parts()
    assert "南湖小区楼道灯不亮" in plain.get_content()
    assert f'<a href="https://cases.example/cases/{case_id}">' in html.get_content()
    # Nobody who brought the matter is named.
    assert "赵小满" not in letter.as_string() and "13893612345" not in letter.as_string()


def _number(case_id: int) -> str:
    with reading() as db:
        return db.get_one(Case, case_id).number


def test_it_sends_by_the_template_of_a_gateway(town: Town, receiver: Receiver) -> None:
    town.sms(receiver, "person", "task.opened")
    town.reachable("grid_leader", phone="138 9360 0002")
    town.world.open()

    town.work()

    request = receiver.requests[0]
    assert (request.method, request.path) == ("POST", "/sms")
    assert request.headers["authorization"] == "Bearer geheim-123"
    assert request.json["mobile"] == "138 9360 0002"
    assert request.json["content"].startswith("新任务：")
    assert request.headers["idempotency-key"] == str(town.deliveries()[0].id)


def test_it_reads_the_citizens_number_from_the_vault_when_it_sends(
    town: Town, receiver: Receiver
) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    town.tell_citizen(case_id)

    assert town.work()["sent"] == 1

    assert receiver.requests[0].json["mobile"] == "13893612345"
    assert receiver.requests[0].json["content"].startswith("南湖村第一网格：已办好（编号 ")
    assert no_table_holds("13893612345", "geheim-123")


def no_table_holds(*words: str) -> bool:
    """Whether none of the tables of channels and outbox holds these words in clear."""
    with reading() as db:
        for table in ("outbox", "delivery", "delivery_attempt", "channel", "contact", "notice"):
            rows = db.execute(text(f"SELECT * FROM {table}")).all()
            if any(word in str(row) for row in rows for word in words):
                return False
    return True


def test_it_leaves_a_whistle_blower_in_peace(town: Town, receiver: Receiver) -> None:
    town.sms(receiver, "citizen")
    case_id = town.world.open()
    with transaction() as db:
        recusal.keep(db, db.get_one(Case, case_id), None, by_id=None, now=town.world.now)
    town.tell_citizen(case_id)

    assert town.work() == {"sent": 0, "failed": 0}


def test_it_tells_a_group_once_of_an_event_that_several_people_hear_of(
    town: Town, receiver: Receiver
) -> None:
    town.robot(receiver, "case.escalated", "task.overdue")
    town.world.open()

    town.work(timedelta(days=10))

    said = [request.json["text"]["content"] for request in receiver.requests]
    assert said and len(said) == len(set(said))


def test_it_signs_webhooks_as_the_standard_says(town: Town, receiver: Receiver) -> None:
    channel_id = town.webhook(receiver, "task.opened")
    case_id = town.world.open()

    town.work()

    request = receiver.requests[0]
    with reading() as db:
        channel = db.get_one(Channel, channel_id)
        secret = vault.unseal(channel.secrets or b"", of_channel(channel))["key"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    mac = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert request.headers["webhook-timestamp"] == str(int(town.world.now.timestamp()))
    assert request.json["type"] == "task.opened"
    assert request.json["data"]["case"]["id"] == str(case_id)
    assert "title" not in json.dumps(request.json) and "赵小满" not in request.body.decode()


def test_it_keeps_id_and_key_through_every_attempt(town: Town, receiver: Receiver) -> None:
    town.webhook(receiver, "task.opened")
    receiver.status = 503
    town.world.open()
    town.work()
    receiver.status = 200

    town.work(timedelta(minutes=2))

    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.body == second.body
    assert [(one.sent, one.status) for one in town.attempts()] == [(False, 503), (True, 200)]


def test_it_holds_no_transaction_while_it_sends(town: Town, receiver: Receiver) -> None:
    """While the server thinks, others write; on SQLite there is one writer only."""
    channel_id = town.robot(receiver, "task.opened")
    receiver.hang = threading.Event()
    case_id = town.world.open()
    town.spread()
    with transaction() as db:
        parcel = sending.claim(db, channel_id, town.world.now)
    assert parcel is not None
    outcomes: list[sending.SendResult] = []
    sender = threading.Thread(target=lambda: outcomes.append(sending.send(parcel)))
    sender.start()

    town.world.complete("grid_leader", case_id, ACCEPT)
    with transaction() as db:
        assert sending.claim(db, channel_id, town.world.now) is None

    receiver.hang.set()
    sender.join()
    with transaction() as db:
        assert sending.record(db, parcel, outcomes[0], town.world.now)


def test_it_sends_again_what_a_dead_worker_had_claimed(town: Town, receiver: Receiver) -> None:
    """It may have gone out or not: at least once, under the same key."""
    channel_id = town.robot(receiver, "task.opened")
    town.world.open()
    town.spread()
    with transaction() as db:
        parcel = sending.claim(db, channel_id, town.world.now)
    assert parcel is not None
    sending.send(parcel)

    assert town.work(timedelta(minutes=1))["sent"] == 0
    assert town.work(timedelta(minutes=5))["sent"] == 1
    first, second = receiver.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.parametrize("answer", [b'{"errcode": 93000}', b"<html>", b'{"code": 0}', b"[]"])
def test_it_believes_the_rule_and_not_the_status_alone(
    town: Town, receiver: Receiver, answer: bytes
) -> None:
    town.robot(receiver, "task.opened")
    receiver.answer = answer
    town.world.open()

    assert town.work() == {"sent": 0, "failed": 1}
    assert "errcode" in (town.deliveries()[0].error or "")


def test_it_follows_no_redirect(town: Town, receiver: Receiver) -> None:
    town.robot(receiver, "task.opened")
    receiver.status, receiver.headers = 302, {"Location": f"{receiver.url}/elsewhere"}
    town.world.open()

    assert town.work()["failed"] == 1
    assert [request.path for request in receiver.requests] == ["/robot"]
    assert "302" in (town.deliveries()[0].error or "")


def test_it_gives_up_at_once_where_the_address_is_refused(town: Town, box: Mailbox) -> None:
    """A bad address says nothing of the channel."""
    channel_id = town.mail(box, "task.opened")
    town.reachable("grid_leader")
    box.refuse["RCPT"] = "550 no such user"
    town.world.open()

    town.work()

    row = town.deliveries()[0]
    assert row.dead_at is not None and "550" in (row.error or "")
    assert town.one(channel_id).failing_since is None


def test_it_backs_off_and_ends_with_the_dead_letters(town: Town, receiver: Receiver) -> None:
    channel_id = town.robot(receiver, "task.opened")
    receiver.status = 500
    town.world.open()
    town.work()
    assert town.work(timedelta(seconds=50))["failed"] == 0
    for minutes in (1, 5, 15, 60, 180, 18 * 60):
        assert town.work(timedelta(minutes=minutes))["failed"] == 1, minutes

    row = town.deliveries()[0]
    assert (row.attempts, row.dead_at) == (7, town.world.now)
    assert town.work(timedelta(days=1))["failed"] == 0
    assert len(town.attempts()) == 7
    assert town.one(channel_id).failures == 7


def test_it_still_accepts_answers_while_channels_fail(town: Town, receiver: Receiver) -> None:
    town.robot(receiver, "task.opened")
    receiver.status = 500
    case_id = town.world.open()
    town.work()

    town.world.complete("grid_leader", case_id, ACCEPT)
    assert town.world.open_nodes(case_id) == ["dispatch"]
