"""Linked cases on both pages; the case of origin beside the first form; what came back says why."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import case_access, cases
from engine.definitions import versions
from engine.models import Case
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, REPORT, ROOT, World
from tests.webapp.seats import seat
from tests.webapp.site import Site, plain

TRANSFER = {"dispatch_mode": "转矛盾纠纷", "transfer_reason": "实为邻里纠纷，请调解。"}
CALL = {
    "request_kind": "举报",
    "summary": "反映工地偷排",
    "topic": "生态环境",
    "details": "夜间向河道排放泥浆。",
    "urgent": "no",
    "place": "V1",
    "area": "城区",
    "channel": "电话",
    "identity": "实名保密",
    "caller_name": "钱守口",
    "caller_phone": "13987654321",
    "call_back_wanted": "yes",
    "answered_now": "no",
}


def with_people(world: World) -> None:
    """Mediators of township and county, an operator, and the two other processes."""
    with transaction() as db:
        files = versions.read_directory(ROOT)
        for key in ("dispute", "hotline"):
            versions.publish(db, key, files[key], now=world.now)
    for login, code, role in (
        ("mediator", "T1-TW", "mediator"),
        ("county_mediator", "620725", "mediator"),
        ("operator", "620725-ZZ", "operator"),
    ):
        seat(world, login, code, role)


def became(world: World, origin_id: int, process: str) -> int:
    """Let the outbox open the other case; returns its id."""
    ticks.deliver(world.now)
    with reading() as db:
        return db.scalars(select(Case.id).where(Case.process == process)).one()


@pytest.fixture
def linked(site: Site) -> tuple[int, int]:
    """A ticket and the dispute that came out of it."""

    def walk(world: World) -> tuple[int, int]:
        with_people(world)
        ticket = world.open()
        world.complete("grid_leader", ticket, ACCEPT)
        world.complete("dispatcher", ticket, TRANSFER)
        return ticket, became(world, ticket, "dispute")

    return site.run(walk)


def number_of(site: Site, case_id: int) -> str:
    def look(_world: World) -> str:
        with reading() as db:
            return db.get_one(Case, case_id).number

    return site.run(look)


def test_it_names_the_other_case_on_both_pages(site: Site, linked: tuple[int, int]) -> None:
    ticket, dispute = linked
    leader = site.browser("grid_leader")
    before, after = leader.get(f"/cases/{ticket}"), leader.get(f"/cases/{dispute}")

    assert f"已转为 {number_of(site, dispute)} {REPORT['summary']}" in plain(before)
    assert f'href="/cases/{dispute}"' in before.text and "矛盾纠纷多元化解" in plain(before)
    assert f"转自 {number_of(site, ticket)} {REPORT['summary']}" in plain(after)
    assert f'href="/cases/{ticket}"' in after.text


def test_it_tells_the_number_alone_to_who_may_not_see_the_other_case(
    site: Site, linked: tuple[int, int]
) -> None:
    """The committee above gets the dispute; it never had the ticket."""
    ticket, dispute = linked

    def let_in(world: World) -> None:
        with transaction() as db:
            unit = org.unit_by_code(db, "620725-SWJ")
            assert unit is not None
            case_access.grant(db, db.get_one(Case, dispute), unit, "handler", world.now)

    site.run(let_in)
    page = site.browser("water_handler").get(f"/cases/{dispute}")
    assert number_of(site, ticket) in plain(page)
    assert f"/cases/{ticket}" not in page.text
    assert site.browser("water_handler").get(f"/cases/{ticket}").status_code == 404


def test_it_begins_with_what_was_said_before(site: Site, linked: tuple[int, int]) -> None:
    """Answers of the same name stand in the form, personal ones do not; all stand beside it."""
    ticket, dispute = linked
    mediator = site.browser("mediator")
    task = site.run(lambda world: world.task(dispute).id)
    assert mediator.post(f"/tasks/{task}/sign").status_code == 303
    page = mediator.get(f"/cases/{dispute}")

    title = re.search(r'name="summary" value="([^"]*)"', page.text)
    assert title is not None and unescape(title[1]) == REPORT["summary"]
    assert re.search(r'name="applied_on" value="\d{4}-\d\d-\d\d"', page.text)
    assert f"来自 {number_of(site, ticket)} 的内容" in plain(page)
    assert REPORT["details"] in plain(page) and TRANSFER["transfer_reason"] in plain(page)
    assert "138****2345" in plain(page) and REPORT["reporter_phone"] not in page.text
    assert "赵小满" not in page.text
    # How the dispute came in is for the mediator to say.
    assert not re.search(r'name="channel"[^>]*checked', page.text)
    assert mediator.get(f"/cases/{ticket}").status_code == 200


def test_it_keeps_who_reported_a_wrongdoing_out_of_the_other_case(site: Site) -> None:
    def walk(world: World) -> tuple[int, int]:
        with_people(world)
        with transaction() as db:
            actor = world.actor(db, "operator")
            call = cases.open_case(db, actor, "hotline", CALL, now=world.now).id
        world.complete("county_dispatcher", call, TRANSFER)
        return call, became(world, call, "dispute")

    _call, dispute = site.run(walk)
    task_id = site.run(lambda world: world.task(dispute).id)
    mediator = site.browser("county_mediator")
    assert mediator.post(f"/tasks/{task_id}/sign").status_code == 303
    page = mediator.get(f"/cases/{dispute}")
    assert CALL["details"] in plain(page) and "（保密）" in plain(page)
    for secret in ("钱守口", "13987654321", "139****4321", "钱**"):
        assert secret not in page.text


def test_it_shows_why_a_step_came_back_with_its_answers(site: Site) -> None:
    case_id = site.open()
    site.world.now += timedelta(hours=1)
    accept = site.run(lambda world: world.task(case_id).id)
    site.browser("grid_leader").post(
        f"/tasks/{accept}/return", {"target": "report", "reason": "请写清几号楼"}
    )
    site.world.now += timedelta(hours=1)
    worker_page = site.browser("worker")
    again = site.run(lambda world: world.task(case_id).id)
    worker_page.post(f"/tasks/{again}/sign")
    page = worker_page.get(f"/cases/{case_id}")
    assert "“受理”退回本环节：请写清几号楼" in plain(page)
    assert REPORT["details"] in page.text and 'value="南湖小区楼道灯不亮"' in page.text

    assert worker_page.post(f"/tasks/{again}/complete", REPORT).status_code == 303
    assert "退回本环节" not in plain(site.browser("grid_leader").get(f"/cases/{case_id}"))
