"""The limits of alerts count what is really written when somebody gives powers or discloses."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest
from sqlalchemy import select

from engine import org
from engine.accounts import second_factors
from engine.casework import disclosures
from engine.desk import appointments
from engine.models import AdminEvent, Attachment, GrantRequest, Notice, Post, Unit, User
from engine.operations import alerts
from engine.org import confidential_units
from engine.storage.db import reading, transaction
from tests.engine.casework.test_confidentiality import seat
from tests.engine.casework.test_disclosures import WHY, desk, do  # noqa: F401
from tests.processes.desk import Desk

GIVEN = {
    "post.created",
    "post.filled",
    "deputy.created",
    "grant.confirmed",
    "user.password_set",
    "factors.reset",
}
CHANGED = {
    "disclosure.asked",
    "disclosure.decided",
    "disclosure.reviewed",
    "disclosure.released",
    "confidential_unit.asked",
    "confidential_unit.named",
    "confidential_unit.doubted",
    "confidential_unit.withdrawn",
    "confidential_unit.forgotten",
}


def written(act: Callable[[], None]) -> set[str]:
    """The kinds that something adds to the chain of administration."""

    def kinds() -> list[str]:
        with reading() as db:
            return list(db.scalars(select(AdminEvent.kind).order_by(AdminEvent.seq)))

    before = len(kinds())
    act()
    return set(kinds()[before:])


def counted(pile: str, kinds: set[str]) -> set[str]:
    return {kind for kind in kinds if kind.startswith(alerts.LIMITS[pile][0])}


def give(desk: Desk) -> None:  # noqa: F811
    """Every way to a power: a post, old or new, a deputy, a confirmation, a new way in."""
    now = desk.world.now
    with transaction() as db:
        boss = desk.world.actor(db, "boss")
        town = db.scalars(select(Unit).where(Unit.code == "T1")).one()
        worker, other = (db.get_one(User, desk.world.logins[one]) for one in ("worker", "handler"))
        vacant = appointments.appoint(db, boss, town, "mediator", None, now=now)
        assert isinstance(vacant, Post)
        held = appointments.appoint(db, boss, town, "mediator", worker, post=vacant, now=now)
        assert isinstance(held, Post)
        org.create_deputy(
            db,
            boss.user_id,
            post=held,
            user=other,
            from_at=now,
            until_at=now.replace(hour=23),
            now=now,
        )
        appointments.reset_password(db, boss, worker, "x", now=now)
        secret = second_factors.fresh_secret()
        code = pyotp.TOTP(secret).at(now)
        second_factors.add_app(db, worker.id, "app", secret, code, now=now)
        appointments.clear_factors(db, boss, worker, now=now)
        asked = appointments.appoint(db, boss, town, "supervisor", _fresh(db, desk), now=now)
        assert isinstance(asked, GrantRequest)
        second = desk.world.actor(db, "second_boss")
        appointments.decide(db, second, asked.id, True, now=now)


def _fresh(db, desk: Desk) -> User:  # type: ignore[no-untyped-def] # noqa: F811
    now = desk.world.now
    return org.create_user(db, None, login="fresh", name="新人", password_hash="x", now=now)


def disclose(desk: Desk) -> None:  # noqa: F811
    """Looked at and reviewed, a file handed on, lifted, and the units named again."""
    now, leader = desk.world.now, desk.world.logins["county_leader"]
    photo = desk.world.photo("operator")
    row = do(desk, "county_supervisor", disclosures.ask_look, desk.case_id, leader, WHY)
    do(desk, "county_leader", disclosures.decide, row.id, True)
    do(desk, "officer", disclosures.review, row.id, True)
    row = do(desk, "officer", disclosures.ask_lift, desk.case_id, WHY)
    do(desk, "second_officer", disclosures.decide, row.id, False)
    desk.open(
        "operator",
        request_kind="举报",
        identity="实名保密",
        against="V1",
        place="V1",
        attachments=[photo],
    )
    do(desk, "operator", disclosures.release_file, int(photo))
    seat(desk, "naming_boss", "620725", "admin")
    with transaction() as db:
        assert not db.get_one(Attachment, int(photo)).sealed
        boss = desk.world.actor(db, "naming_boss")
        area = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        unit = next(one for one in confidential_units.candidates(db, area) if one.id != area.id)
        confidential_units.name(db, leader, area, unit, 2, now=now)
        confidential_units.confirm(db, boss, area, unit.id, ending=False, now=now)
        for _time in range(3):
            confidential_units.forget(db, leader, area, unit.id, now=now)
        confidential_units.confirm(db, boss, area, unit.id, ending=True, now=now)


@pytest.fixture
def bosses(desk: Desk) -> Desk:  # noqa: F811
    """Two administrators of the county and an auditor."""
    for login, role in (("boss", "admin"), ("second_boss", "admin"), ("eye", "auditor")):
        seat(desk, login, "620725", role)
    return desk


def test_the_limits_of_grants_count_what_is_written(bosses: Desk) -> None:
    kinds = written(lambda: give(bosses))
    assert counted("grant", kinds) == GIVEN
    assert {one for one in alerts.LIMITS["grant"][0] if _none(one, kinds)} == set()


def test_the_limits_of_confidential_cases_count_what_is_written(bosses: Desk) -> None:
    kinds = written(lambda: disclose(bosses))
    assert counted("confidential", kinds) == CHANGED
    assert {one for one in alerts.LIMITS["confidential"][0] if _none(one, kinds)} == set()


def test_auditors_are_told_of_requests_that_pile_up(bosses: Desk) -> None:
    """Through the real acts, at the limit and not before."""
    _kinds, limit = alerts.LIMITS["confidential"]
    leader = bosses.world.logins["county_leader"]
    told = []
    for _turn in range(limit):
        row = do(bosses, "county_supervisor", disclosures.ask_look, bosses.case_id, leader, WHY)
        with transaction() as db:
            told.append(alerts.look(db, bosses.world.now))
        do(bosses, "county_leader", disclosures.decide, row.id, False)
    assert told == [0] * (limit - 1) + [1]
    bosses.world.work(bosses.world.now)
    with reading() as db:
        mine = Notice.user_id == bosses.world.logins["eye"]
        assert "audit.confidential" in db.scalars(select(Notice.key).where(mine)).all()


def _none(beginning: str, kinds: set[str]) -> bool:
    return not any(kind.startswith(beginning) for kind in kinds)
