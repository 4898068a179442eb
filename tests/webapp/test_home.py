"""Where a day begins: by role, and what a leader sees of the area."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.reports import area as areas
from engine.reports import overview
from engine.storage.db import reading
from tests.webapp.site import PASSWORD, Site, plain
from tests.webapp.test_admin import appoint


@pytest.mark.parametrize(
    ("login", "begins"),
    [
        ("worker", "/"),
        ("dispatcher", "/"),
        ("grid_leader", "/"),
        ("county_leader", "/overview"),
        ("county_supervisor", "/supervision"),
    ],
)
def test_everybody_begins_where_their_work_is(site: Site, login: str, begins: str) -> None:
    answer = site.browser(login).get("/start")
    assert answer.status_code == 303 and answer.headers["Location"] == begins


def test_an_administrator_begins_with_operations(site: Site) -> None:
    appoint(site, "boss", "620725")
    assert site.browser("boss").get("/start").headers["Location"] == "/admin/operations"


def test_a_login_without_an_aim_leads_to_the_start(site: Site) -> None:
    browser = site.browser()
    page = browser.get("/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    typed = {"login": "county_leader", "password": PASSWORD, "csrf_token": token[1]}
    assert browser.post("/login", typed).headers["Location"] == "/start"


def test_a_leader_sees_what_is_late_and_where(site: Site) -> None:
    leader = site.browser("county_leader")
    assert "没有超期的事项" in plain(leader.get("/overview"))
    late = site.run(lambda world: [world.open(summary=f"路面塌陷{at}") for at in range(4)])
    site.world.now += timedelta(days=3)
    site.run(lambda world: world.work(world.now))
    page = site.fresh("county_leader").get("/overview")
    text = plain(page)
    assert text.count("路面塌陷") == overview.FOREMOST and len(late) == 4
    assert "清泉镇" in text and re.search(r"已超期\s*4\b", text)


def test_its_sums_are_those_of_the_board_and_of_the_figures(site: Site) -> None:
    site.run(lambda world: [world.open() for _ in range(3)])
    site.world.now += timedelta(days=40)
    site.run(lambda world: world.open())
    with site.app.app_context(), reading() as db:
        actor = site.world.actor(db, "county_leader")
        area, _mine = areas.chosen(db, actor, None)
        found = overview.overview(db, actor, area, site.world.now)
    assert found.this["opened"] == 1
    assert found.late == sum(one.branch.late for one in found.units) == 3
    assert sum(one.row["opened"] for one in found.units) == found.this["opened"]


def test_who_leads_nothing_has_no_overview(site: Site) -> None:
    assert site.browser("worker").get("/overview").status_code == 403
    assert site.browser().get("/overview").status_code == 303
