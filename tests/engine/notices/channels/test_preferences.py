"""Who gets what by which channel and when: choices, quiet hours, digests, areas."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from engine.errors import InvalidInput
from engine.models import Contact
from engine.notices.channels import preferences, register
from engine.notices.channels.hours import CountyHours, QuietHours
from engine.records import vault
from engine.records.bindings import of_contact
from engine.storage.db import reading, transaction
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import Mailbox, Receiver

ZONE = ZoneInfo("Asia/Shanghai")
# Friday, 23:00 in Shanghai.
NIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "expected"),
    [
        (("22:00", "07:00"), "20T21:59", "20T21:59"),
        (("22:00", "07:00"), "20T22:00", "21T07:00"),
        (("22:00", "07:00"), "21T00:30", "21T07:00"),
        (("22:00", "07:00"), "21T07:00", "21T07:00"),
        (("12:00", "14:30"), "20T12:00", "20T14:30"),
        (("12:00", "14:30"), "20T14:30", "20T14:30"),
        (("12:00", "14:30"), "20T23:00", "20T23:00"),
    ],
)
def test_it_waits_for_the_end_of_quiet_hours(
    quiet: tuple[str, str], moment: str, expected: str
) -> None:
    start, end = map(time.fromisoformat, quiet)

    def local(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZONE)

    assert QuietHours(start, end, ZONE).after(local(moment).astimezone(UTC)) == local(expected)


def test_it_gathers_to_the_next_full_hour_or_to_the_morning() -> None:
    county = CountyHours(None, time(8, 0), ZONE)
    at = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)

    assert county.next_digest("hourly", at) == at.replace(hour=10)
    assert county.next_digest("daily", at) == at.replace(day=21, hour=8)
    assert county.next_digest("daily", at.replace(hour=7)) == at.replace(hour=8)


def test_it_sends_what_somebody_chose_and_nothing_else(town: Town, box: Mailbox) -> None:
    channel_id = town.mail(box, "task.opened")
    town.reachable("grid_leader")
    town.wish("grid_leader", channel_id, ["task.overdue", "no.such.kind"])
    town.world.open()

    assert town.work()["sent"] == 0


def test_it_sends_nothing_to_who_gave_no_address(town: Town, box: Mailbox) -> None:
    town.mail(box, "task.opened")
    town.world.open()

    assert town.work() == {"sent": 0, "failed": 0}


def test_it_keeps_quiet_at_night_and_sends_in_the_morning(town: Town, box: Mailbox) -> None:
    town.at(NIGHT)
    town.mail(box, "task.opened")
    town.reachable("grid_leader")
    town.world.open()

    assert town.work()["sent"] == 0
    assert town.deliveries()[0].send_at == MORNING
    town.at(MORNING)
    assert town.work()["sent"] == 1


def test_it_believes_somebodys_own_quiet_hours(town: Town, box: Mailbox) -> None:
    town.at(NIGHT)
    town.mail(box, "task.opened")
    town.reachable("grid_leader", quiet_from="12:00", quiet_until="14:00")
    town.world.open()

    assert town.work()["sent"] == 1


@pytest.mark.parametrize("digest", ["now", "daily"])
def test_it_never_holds_up_a_red_case_of_high_priority(
    town: Town, box: Mailbox, digest: str
) -> None:
    channel_id = town.mail(box, "task.unsigned")
    town.reachable("grid_leader")
    town.wish("grid_leader", channel_id, ["task.unsigned"], digest)
    town.world.open()
    with transaction() as db:
        db.execute(text("UPDATE \"case\" SET priority = 'high'"))
    town.at(NIGHT + timedelta(days=5))

    town.work()

    assert [row.urgent for row in town.deliveries()] == [True]
    assert len(box.letters) == 1


def test_it_holds_up_the_same_case_of_low_priority(town: Town, box: Mailbox) -> None:
    town.mail(box, "task.unsigned")
    town.reachable("grid_leader")
    town.world.open()
    town.at(NIGHT + timedelta(days=5))

    town.work()

    assert [row.urgent for row in town.deliveries()] == [False]
    assert box.letters == []


def test_it_gathers_many_notices_into_one_message(town: Town, box: Mailbox) -> None:
    channel_id = town.mail(box, "task.opened")
    town.reachable("grid_leader")
    town.wish("grid_leader", channel_id, ["task.opened"], "hourly")
    for number in range(3):
        town.world.open(summary=f"第{number}件事")
    assert town.work()["sent"] == 0

    assert town.work(timedelta(hours=1))["sent"] == 3

    assert len(box.letters) == 1
    assert box.letters[0]["Subject"] == "【枫桥】3 条通知"
    words = box.letters[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert all(f"第{number}件事" in words for number in range(3))
    assert town.work(timedelta(hours=2))["sent"] == 0


def test_it_serves_an_area_alone(town: Town, receiver: Receiver) -> None:
    town.robot(receiver, "task.opened", name="T2", unit="T2")
    town.world.open()
    assert town.work()["sent"] == 0

    town.robot(receiver, "task.opened", name="T1", unit="T1", url=f"{receiver.url}/t1")
    town.world.open()
    town.work()
    assert [request.path for request in receiver.requests] == ["/t1"]


def test_it_sends_nothing_of_the_time_before_a_channel_was_on(
    town: Town, receiver: Receiver
) -> None:
    town.world.open()
    town.work()
    town.at(town.world.now + timedelta(minutes=1))
    town.robot(receiver, "task.opened")

    assert town.work()["sent"] == 0


def test_it_keeps_addresses_sealed(town: Town) -> None:
    town.reachable("grid_leader")
    with reading() as db:
        contact = db.get_one(Contact, town.world.logins["grid_leader"])
        assert b"county.example" not in contact.payload
        told = vault.unseal(contact.payload, of_contact(contact))
    assert told["mail"] == "grid_leader@county.example"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"mail": "kein"}, "mail"),
        ({"mail": "a@b.c\r\nBcc: x@y.z"}, "mail"),
        ({"phone": "12"}, "phone"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
    ],
)
def test_it_refuses_an_address_that_is_none(town: Town, typed: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused, transaction() as db:
        preferences.set_contact(db, town.boss, typed, now=town.world.now)
    assert field in refused.value.errors


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/x", "http://", "//a", "http://{{ phone }}/x", "http://me@a.example/", "x"],
)
def test_it_takes_only_addresses_with_a_server_that_is_written_out(town: Town, url: str) -> None:
    draft = register.ChannelDraft("x", "http", "group", {"url": url}, ())
    with pytest.raises(InvalidInput) as refused, transaction() as db:
        register.create(db, town.boss, draft, now=town.world.now)
    assert "url" in refused.value.errors


def test_supervisors_get_a_digest_unless_they_choose_otherwise(town: Town, box: Mailbox) -> None:
    """What is only told gathers until the morning; what they must act on comes at once."""
    kinds = ("case.escalated", "case.supervised")
    channel_id = town.mail(box, *kinds)
    town.reachable("county_supervisor", "town_supervisor", "county_leader")
    town.wish("town_supervisor", channel_id, kinds, "now")
    town.world.open()
    for _day in range(11):
        town.at(town.world.now + timedelta(days=1))
        town.spread()
        town.world.work(town.world.now)
        town.spread()
    names = {user_id: login for login, user_id in town.world.logins.items()}
    found = [(names[row.user_id or 0], row.key, row.digest) for row in town.deliveries()]
    mine = {(key, digest) for login, key, digest in found if login == "county_supervisor"}
    assert mine and mine <= {("case.escalated", True), ("case.supervised", False)}
    assert {digest for login, _key, digest in found if login != "county_supervisor"} == {False}
