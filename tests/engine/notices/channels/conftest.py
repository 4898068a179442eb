"""A county whose notices leave the house, and the servers that they reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import settings
from engine.models import Case, Channel, Delivery, DeliveryAttempt
from engine.notices import outbox
from engine.notices.channels import fan_out, preferences, register, threads
from engine.storage.db import reading, transaction
from engine.terms.channels import CITIZEN
from engine.worker import ticks
from tests.counties import settings_in
from tests.engine.casework.world import World
from tests.engine.notices.channels.servers import Mailbox, Receiver, mail_server, web_server

WECOM = '{"msgtype": "text", "text": {"content": {{ text|json }}}}'
SMS = '{"mobile": {{ phone|json }}, "content": {{ text|json }}, "pass": {{ secrets.pass|json }}}'


@dataclass
class Town:
    """The county at work, with channels."""

    world: World

    def channel(self, kind: str, audience: str, kinds: Sequence[str], **typed: Any) -> int:
        """Set a channel up and switch it on."""
        name = typed.pop("name", f"{kind}-{audience}")
        unit = typed.pop("unit", "")
        draft = register.ChannelDraft(name, kind, audience, typed, tuple(kinds), unit)
        with transaction() as db:
            channel, _secret = register.create(db, self.boss, draft, now=self.world.now)
            register.switch(db, self.boss, channel.id, True, now=self.world.now)
            return channel.id

    @property
    def boss(self) -> int:
        """Somebody who keeps the channels."""
        return self.world.logins["county_leader"]

    def mail(self, box: Mailbox, *kinds: str, **typed: Any) -> int:
        """A mail channel to persons."""
        standard = {"host": "127.0.0.1", "port": str(box.port), "security": "none"}
        sender = {"sender": "notices@county.example", "sender_name": "枫桥"}
        return self.channel("mail", "person", kinds, **{**standard, **sender, **typed})

    def sms(self, receiver: Receiver, audience: str, *kinds: str, **typed: Any) -> int:
        """A gateway that sends to telephones."""
        return self.channel("http", audience, kinds, **{**gateway(receiver), **typed})

    def robot(self, receiver: Receiver, *kinds: str, **typed: Any) -> int:
        """A robot of a group."""
        given = {"url": f"{receiver.url}/robot", "method": "POST", "body": WECOM}
        rule = {"success_path": "errcode", "success_value": "0"}
        return self.channel("http", "group", kinds, **{**given, **rule, **typed})

    def webhook(self, receiver: Receiver, *kinds: str, **typed: Any) -> int:
        """A webhook."""
        return self.channel("webhook", "group", kinds, url=f"{receiver.url}/hook", **typed)

    def reachable(self, *logins: str, **typed: str) -> None:
        """Give people an address each, and quiet hours if asked."""
        for login in logins:
            given = {"mail": f"{login}@county.example", "phone": "13893600001", **typed}
            with transaction() as db:
                user_id = self.world.logins[login]
                preferences.set_contact(db, user_id, given, now=self.world.now)

    def wish(self, login: str, channel_id: int, kinds: Sequence[str], digest: str = "now") -> None:
        """What somebody chooses."""
        with transaction() as db:
            channel = db.get_one(Channel, channel_id)
            preferences.choose(db, self.world.logins[login], channel, kinds, digest)

    def tell_citizen(self, case_id: int, cause: str = "") -> None:
        """What a diagram's notify_citizen queues."""
        with transaction() as db:
            outbox.put(
                db,
                db.get_one(Case, case_id),
                "citizen.tell",
                cause=cause or f"told:{case_id}",
                now=self.world.now,
                channel=CITIZEN,
                user_id=self.world.logins["worker"],
                text="已办好",
                text_en="Done",
            )

    def spread(self) -> None:
        """Tell people in the application and give the channels their share, without sending."""
        ticks.deliver(self.world.now)
        with transaction() as db:
            fan_out.spread(db, self.world.now)

    def work(self, later: timedelta = timedelta(0)) -> dict[str, int]:
        """Let the worker run once, some time later; returns what the channels did."""
        report = self.world.work(self.world.now + later)["channels"]
        late = threads.finish(20)
        return {name: report[name] + late.get(name, 0) for name in ("sent", "failed")}

    def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        with reading() as db:
            return list(db.scalars(select(Delivery).order_by(Delivery.id)))

    def attempts(self) -> list[DeliveryAttempt]:
        """Every attempt, oldest first."""
        with reading() as db:
            return list(db.scalars(select(DeliveryAttempt).order_by(DeliveryAttempt.id)))

    def one(self, channel_id: int) -> Channel:
        """A channel as it stands."""
        with reading() as db:
            return db.get_one(Channel, channel_id)

    def at(self, moment: datetime) -> None:
        """It is this time now."""
        self.world.now = moment


def gateway(receiver: Receiver) -> dict[str, str]:
    """A gateway for short messages as an administrator writes it."""
    return {
        "url": f"{receiver.url}/sms",
        "method": "POST",
        "headers": "Content-Type: application/json\nAuthorization: Bearer {{ secrets.pass }}",
        "body": SMS,
        "secrets": "pass=geheim-123",
        "success_path": "errcode",
        "success_value": "0",
    }


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> None:
    """Settings of the test's own, with files in its own folder."""
    settings.use(
        settings_in(tmp_path, public_url="https://cases.example/", outgoing_allow="127.0.0.0/8")
    )


@pytest.fixture
def town(world: World) -> Town:
    """The county at work."""
    return Town(world)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server."""
    with web_server() as made:
        yield made
