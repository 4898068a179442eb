"""Returns against a plain reckoning from the audit trail, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.definitions import versions
from engine.errors import Conflict, NotAllowed
from engine.insight.statistics import listing, returns, sending, sums
from engine.insight.statistics.returns import ChangedReturn, Subject
from engine.models import Case, Event, StatisticReturn, Unit
from engine.records import vault
from engine.storage.db import reading, transaction
from engine.terms.periods import Span
from tests.engine.casework.world import ACCEPT, ROOT, World

LEDGER = "ticket_ledger"
NOVEMBER, DECEMBER = "2026-11", "2026-12"


@pytest.fixture
def county(world: World) -> World:
    """A village with a leader, and four tickets: two settled at once, one passed on, one later."""
    with transaction() as db:
        files = versions.read_directory(ROOT)[versions.STATISTICS]
        versions.publish(db, versions.STATISTICS, files, now=world.now)
    seated(world, "head", "V1", "leader")
    for _number in range(2):
        world.open(settled="yes", settled_how="当场清理。", photos=[world.photo()])
    passed = world.open()
    world.complete("grid_leader", passed, ACCEPT)
    world.now += timedelta(days=14)
    world.open()
    return world


def about(db: Session, world: World, login: str, code: str, period: str) -> Subject:
    """The ledger of a unit."""
    unit_id = db.scalars(select(Unit.id).where(Unit.code == code)).one()
    return returns.subject(db, world.actor(db, login), LEDGER, unit_id, period)


def filled(world: World, login: str, code: str, period: str) -> dict[str, int]:
    """The sums of a ledger, filled now, as whole numbers."""
    with transaction() as db:
        meant = about(db, world, login, code, period)
        row = returns.fill(db, world.actor(db, login), meant, now=world.now)
        return {key: amount // 1_000_000 for key, amount in sums.of(db, row).items()}


def signed(world: World, login: str, code: str, period: str, *, send: bool = True) -> int:
    """Signed as it stands, and sent; returns the id."""
    with transaction() as db:
        meant, actor = about(db, world, login, code, period), world.actor(db, login)
        (draft,) = returns.versions_of(db, meant)[:1]
        seen = returns.digest_of(db, draft, meant)
        row = returns.sign(db, actor, meant, seen, now=world.now)
        if send:
            sending.send(db, actor, meant, now=world.now)
        return row.id


def reckoned(db: Session, span: Span) -> dict[str, int]:
    """The same from the chain of events and the answers, without any expression."""
    found = dict.fromkeys(("reported", "settled", "closed", "passed_on"), 0)
    for case in db.scalars(select(Case)):
        events = db.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.seq)).all()
        day = (events[0].at + timedelta(hours=8)).date()
        if not span.first <= day <= span.last:
            continue
        answers: dict[str, Any] = vault.answers_of(db, case)
        kinds = [event.kind for event in events]
        found["reported"] += 1
        found["settled"] += answers["report"]["settled"]
        found["closed"] += "case.closed" in kinds
        found["passed_on"] += answers.get("accept", {}).get("acceptance") == "上报分流"
    return {key: many for key, many in found.items() if many}


@pytest.mark.parametrize("period", [NOVEMBER, DECEMBER])
def test_it_counts_what_the_audit_trail_says(county: World, period: str) -> None:
    found = filled(county, "head", "V1", period)
    with reading() as db:
        plain = reckoned(db, about(db, county, "head", "V1", period).span)
    assert plain["reported"] and {key: found.get(key) for key in plain} == plain
    assert found.keys() & {"settled", "closed", "passed_on"} == plain.keys() - {"reported"}


def test_it_is_signed_as_it_was_looked_at_or_not_at_all(county: World) -> None:
    filled(county, "head", "V1", DECEMBER)
    with reading() as db:
        meant = about(db, county, "head", "V1", DECEMBER)
        (draft,) = returns.versions_of(db, meant)
        seen = returns.digest_of(db, draft, meant)
    county.open()

    with pytest.raises(ChangedReturn), transaction() as db:
        actor = county.actor(db, "head")
        returns.sign(db, actor, about(db, county, "head", "V1", DECEMBER), seen, now=county.now)
    assert filled(county, "head", "V1", DECEMBER)["reported"] == 2
    signed(county, "head", "V1", DECEMBER)
    county.open()
    with pytest.raises(Conflict):
        filled(county, "head", "V1", DECEMBER)
    with reading() as db:
        meant = about(db, county, "head", "V1", DECEMBER)
        (row,) = returns.versions_of(db, meant)
        assert returns.holds(db, row, meant) and (row.sums or {})["reported"] == 2_000_000


def test_what_is_above_adds_up_what_was_sent_and_keeps_it_until_it_restates(county: World) -> None:
    filled(county, "head", "V1", DECEMBER)
    assert filled(county, "town_leader", "T1", DECEMBER) == {}
    signed(county, "head", "V1", DECEMBER)
    assert filled(county, "town_leader", "T1", DECEMBER)["reported"] == 1
    above = signed(county, "town_leader", "T1", DECEMBER)

    county.open()
    with transaction() as db:
        meant, actor = about(db, county, "head", "V1", DECEMBER), county.actor(db, "head")
        returns.restate(db, actor, meant, "漏报一件", now=county.now)
    signed(county, "head", "V1", DECEMBER)
    with reading() as db:
        town = about(db, county, "town_leader", "T1", DECEMBER)
        kept = db.get_one(StatisticReturn, above)
        (sent,) = [row for _unit, row in returns.below(db, town) if row is not None]
        assert (kept.sums or {})["reported"] == 1_000_000 and sent.number == 2
        assert returns.holds(db, kept, town)
        everything = listing.behind(db, county.actor(db, "town_leader"), kept, "reported")
        assert len(everything.lines) == 1 and everything.hidden == 0
    with transaction() as db:
        actor = county.actor(db, "town_leader")
        again = returns.restate(db, actor, town, "下级更正", now=county.now)
        assert sums.of(db, again)["reported"] == 2_000_000


def test_only_the_unit_fills_and_its_leader_signs(county: World) -> None:
    filled(county, "grid_leader", "V1", DECEMBER)
    for login in ("grid_leader", "town_leader", "county_supervisor"):
        with pytest.raises(NotAllowed):
            signed(county, login, "V1", DECEMBER)
    with pytest.raises(NotAllowed):
        filled(county, "county_leader", "V1", DECEMBER)


def seated(world: World, login: str, code: str, role: str) -> None:
    """Somebody new in a post."""

    with transaction() as db:
        unit = org.unit_by_code(db, code)
        assert unit is not None
        user = org.create_user(
            db, None, login=login, name=f"员工{login}", password_hash="x", now=world.now
        )
        org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
        world.logins[login] = user.id
