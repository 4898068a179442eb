"""A telephone confirmed by a code opens its cases; nobody learns of a number without the code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import settings
from engine.citizens import attempts, patience, phones, sites
from engine.citizens.attempts import AttemptEffort, TooOften
from engine.errors import InvalidInput, NotFound
from engine.models import Channel, CitizenCode
from engine.storage.db import reading, transaction
from engine.worker import citizen_codes
from tests.engine.citizens.conftest import REPORT, WHISTLE, PublicDesk

PHONE, OTHER = "13893612345", "13877700777"


def ask(desk: PublicDesk, phone: str = PHONE) -> phones.CodeRequest:
    with transaction() as db:
        county = sites.county(db, "620725")
        return phones.ask(db, county, phone, "zh_CN", now=desk.world.now)


def confirm(desk: PublicDesk, code_id: int, typed: str) -> str | None:
    with transaction() as db:
        county = sites.county(db, "620725")
        return phones.confirm(db, county, code_id, typed, now=desk.world.now)


def listed(desk: PublicDesk, mac: str | None) -> list[int]:
    with reading() as db:
        return list(phones.cases_of(db, sites.county(db, "620725").id, mac or ""))


def test_a_code_opens_the_cases_of_its_number(desk: PublicDesk) -> None:
    mine = desk.case(desk.send(phone=PHONE))
    desk.send(replace(REPORT, once="a" * 32), phone=OTHER)
    desk.send(replace(WHISTLE, once="b" * 32), phone=PHONE)
    asked = ask(desk)
    mac = confirm(desk, asked.id, f" {asked.code[:3]} {asked.code[3:]}")
    # Not another number's, and never a confidential one.
    assert mac is not None and listed(desk, mac) == [mine.id]
    # Once only.
    assert confirm(desk, asked.id, asked.code) is None


def test_what_an_operator_took_in_is_there_too(desk: PublicDesk) -> None:
    """As whoever brought it, never as the other side."""
    called = desk.world.open(reporter_phone=PHONE)
    asked = ask(desk)
    assert listed(desk, confirm(desk, asked.id, asked.code)) == [called]
    other = ask(desk, OTHER)
    assert listed(desk, confirm(desk, other.id, other.code)) == []


def test_a_code_holds_for_ten_minutes_and_five_tries(desk: PublicDesk) -> None:
    asked = ask(desk)
    wrong = "000000" if asked.code != "000000" else "111111"
    assert [confirm(desk, asked.id, wrong) for _ in range(5)] == [None] * 5
    assert confirm(desk, asked.id, asked.code) is None
    late = ask(desk)
    desk.world.now += timedelta(minutes=11)
    assert confirm(desk, late.id, late.code) is None
    assert confirm(desk, 1, "000000") is None


def test_nothing_of_the_number_is_kept_in_a_demo(desk: PublicDesk) -> None:
    asked = ask(desk)
    with reading() as db:
        row = db.scalars(select(CitizenCode)).one()
        kept = " ".join(str(getattr(row, one.name)) for one in CitizenCode.__table__.columns)
    assert (row.state, row.payload) == ("shown", None)
    assert PHONE not in kept and asked.code not in kept.split()
    with pytest.raises(InvalidInput):
        phones.check("12")


def channel(desk: PublicDesk, **changed: Any) -> None:
    with transaction() as db:
        db.add(
            Channel(
                name="短信",
                kind="http",
                audience="citizen",
                config={"url": "http://127.0.0.1:9/", "method": "POST", "body": "x", "seconds": 1},
                active_from=desk.world.now,
                **changed,
            )
        )


def test_the_worker_sends_it_once_and_forgets_the_number(desk: PublicDesk) -> None:
    channel(desk)
    asked = ask(desk)
    with transaction() as db:
        letter = phones.claim(db, asked.id, desk.world.now)
    assert letter is not None
    assert letter.message.to.phone == PHONE and asked.code in letter.message.text
    with transaction() as db:
        assert phones.claim(db, asked.id, desk.world.now) is None
    with reading() as db:
        row = db.scalars(select(CitizenCode)).one()
    assert (row.state, row.payload) == ("sent", None)
    # Nothing listens there: it failed, and is not tried again.
    second = ask(desk)
    assert citizen_codes.send(desk.world.now) == {"sent": 0}
    with reading() as db:
        assert db.get_one(CitizenCode, second.id).state == "failed"


def test_in_production_without_a_way_to_send_there_is_none(desk: PublicDesk) -> None:
    with transaction() as db:
        sites.switch(db, desk.world.logins["county_leader"], sites.county(db, "620725"), True,
                     now=desk.world.now)  # fmt: skip
    settings.use(replace(settings.current(), mode="production"))
    with pytest.raises(NotFound):
        ask(desk)
    channel(desk)
    assert ask(desk).code == ""


def note(
    desk: PublicDesk, kind: str = "code", effort: AttemptEffort | None = None, **keys: str
) -> None:
    with transaction() as db:
        attempts.note(
            db, kind, keys, now=desk.world.now, effort=effort or AttemptEffort(), later=("phone",)
        )


def test_a_stranger_cannot_use_up_a_telephone(desk: PublicDesk) -> None:
    """From many networks: its owner has to work or wait, and is never refused."""
    for number in range(30):
        keys = {"address": f"10.0.0.{number}", "number": PHONE}
        waited = AttemptEffort(
            patience=patience.note(keys["address"], desk.world.now - patience.WAIT)
        )
        note(desk, effort=waited, **keys)
    with pytest.raises(TooOften) as refused:
        note(desk, address="owner", number=PHONE, phone="mac")
    assert refused.value.bits == attempts.BITS
    # Confirmed ones count against it.
    with transaction() as db:
        for _ in range(20):
            attempts.add(db, "code", "phone", "mac", now=desk.world.now)
    with pytest.raises(TooOften) as refused:
        note(desk, address="owner", number=PHONE, phone="mac")
    assert refused.value.bits == 0


def test_patience_counts_once_in_three_minutes(desk: PublicDesk) -> None:
    began = desk.world.now
    notes = [patience.note("here", began) for _ in range(3)]
    for _ in range(3):
        note(desk, address="here")

    def refused(text: str, address: str = "here") -> bool:
        try:
            note(desk, effort=AttemptEffort(patience=text), address=address)
        except TooOften:
            return True
        return False

    assert refused(notes[0])
    desk.world.now = began + patience.WAIT
    assert not refused(notes[0])
    # Notes that were taken at the same time are worth no more.
    assert refused(notes[1]) and refused(notes[2])
    desk.world.now += patience.WAIT
    assert not refused(notes[1])
    assert refused(notes[2][:-1] + "0") and refused("x") and refused("é") and refused("1.2.3")
    desk.world.now = began + patience.LIFETIME
    assert refused(notes[2])
    assert patience.renew(notes[2], "here", desk.world.now) != notes[2]
    fresh = patience.note("here", desk.world.now)
    assert patience.renew(fresh, "here", desk.world.now) == fresh
