"""The auditor's page: what stands in the administration's chain, for whom, by which filter."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.models import AdminEvent, Notice
from engine.operations import alerts
from engine.records import audit
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site, plain
from tests.webapp.test_admin import appoint


@pytest.fixture
def auditor(site: Site) -> Browser:
    """The county's auditor."""
    appoint(site, "eye", "620725", "auditor")
    return site.browser("eye")


def newest(site: Site, kind: str) -> AdminEvent:
    with site.app.app_context(), reading() as db:
        wanted = select(AdminEvent).where(AdminEvent.kind == kind)
        return db.scalars(wanted.order_by(AdminEvent.seq.desc()).limit(1)).one()


def test_it_is_there_for_auditors_alone(site: Site, auditor: Browser) -> None:
    assert auditor.get("/audit/").status_code == 200
    assert "审计" in plain(auditor.get("/"))
    for login in ("worker", "county_leader", "county_supervisor"):
        assert site.browser(login).get("/audit/").status_code == 404
    assert site.browser().get("/audit/").status_code == 303


def test_it_tells_log_ins_that_succeed_and_that_fail(site: Site, auditor: Browser) -> None:
    stranger = site.browser()
    stranger.post("/login", {"login": "worker", "password": "wrong"})
    stranger.post("/login", {"login": "nobody-here", "password": "wrong"})
    failed = newest(site, "login.failed")
    assert failed.actor_id is None and "nobody" not in failed.data
    page = plain(auditor.get("/audit/?group=login"))
    assert page.count("登录失败") == 2 and "员工worker" in page and "登录成功" in page
    assert "nobody" not in page

    mine = plain(auditor.get("/audit/?person=worker"))
    assert "登录失败" in mine and "登录成功" not in mine
    source = json.loads(failed.data)["from"]
    assert len(source) == 12 and "127" not in source
    assert plain(auditor.get(f"/audit/?source={source}")).count("登录失败") == 2
    assert "无符合条件" in plain(auditor.get("/audit/?source=000000000000"))
    tomorrow = (site.world.now + timedelta(days=1)).strftime("%Y-%m-%d")
    assert "无符合条件" in plain(auditor.get(f"/audit/?since={tomorrow}"))


def test_it_goes_on_page_by_page(site: Site, auditor: Browser) -> None:
    def fill(_world: object) -> None:
        with transaction() as db:
            for number in range(60):
                data = {"what": f"n{number}"}
                boss = site.world.logins["county_leader"]
                audit.record_admin(db, "export.made", boss, data, at=site.world.now)

    site.run(fill)
    first = auditor.get("/audit/?group=export")
    assert "what=n59" in first.text and "what=n9<" not in first.text
    more = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "what=n9<" in auditor.get(more).text


def test_it_tells_an_auditor_of_a_township_of_nobody_else(site: Site) -> None:
    appoint(site, "small-eye", "T2", "auditor")
    site.browser("worker")
    page = plain(site.browser("small-eye").get("/audit/"))
    assert "员工worker" not in page


def test_exports_and_unmaskings_stand_in_the_chain(site: Site, auditor: Browser) -> None:
    leader = site.browser("county_leader")
    assert leader.get("/reports.xlsx").status_code == 200
    assert json.loads(newest(site, "export.made").data)["what"] == "reports"
    assert leader.get("/supervision.xlsx").status_code == 200
    assert json.loads(newest(site, "export.made").data)["what"] == "supervision"

    case_id = site.open()
    fields = {"node": "report", "name": "reporter_phone"}
    shown = site.browser("grid_leader").post(f"/cases/{case_id}/reveal", fields)
    assert shown.status_code == 200
    event = newest(site, "personal.shown")
    told = {"case": case_id, "node": "*", "field": "*", "held": True}
    assert json.loads(event.data) == told
    assert "查看个人信息" in plain(auditor.get("/audit/?group=reveal"))


def test_it_tells_auditors_what_piles_up_once_an_hour(site: Site, auditor: Browser) -> None:
    kinds, limit = alerts.LIMITS["reveal"]
    worker = site.world.logins["worker"]

    def reveal(times: int) -> None:
        with transaction() as db:
            for _ in range(times):
                audit.record_admin(db, f"{kinds[0]}shown", worker, {}, at=site.world.now)

    def notices() -> list[str]:
        # Once to find the pile, once to carry the message.
        for _turn in range(2):
            site.run(lambda world: world.work(world.now))
        with site.app.app_context(), reading() as db:
            wanted = select(Notice).where(Notice.key.startswith("audit."))
            return [row.key for row in db.scalars(wanted)]

    site.run(lambda _world: reveal(limit - 1))
    assert notices() == []
    site.run(lambda _world: reveal(1))
    assert notices() == notices() == ["audit.reveal"]
    assert "查看个人信息次数较多：员工worker" in plain(auditor.get("/notices"))
    site.world.now += timedelta(hours=2)
    assert notices() == ["audit.reveal"]
    site.run(lambda _world: reveal(limit))
    assert notices() == ["audit.reveal"] * 2


def test_it_says_nothing_of_a_password(site: Site) -> None:
    site.browser().post("/login", {"login": PASSWORD, "password": PASSWORD})
    with site.app.app_context(), reading() as db:
        assert all(PASSWORD not in data for data in db.scalars(select(AdminEvent.data)))
