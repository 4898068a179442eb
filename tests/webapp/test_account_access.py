"""Administrators see by what somebody gets in, end it, and help who lost a second factor."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from engine.accounts import second_factors
from engine.models import AdminEvent, GrantRequest, Notice, User
from engine.storage.db import reading
from tests.webapp.site import PASSWORD, Browser, Site, plain
from tests.webapp.test_admin import appoint, user_of
from tests.webapp.test_grants import request_of
from tests.webapp.test_second_factor import set_up
from tests.webapp.test_sessions import asked, is_in, issued, kinds, rows
from webapp.account import step_up


@pytest.fixture
def county(site: Site) -> Site:
    """A county with two administrators, and one of another township."""
    for login, code in (("boss", "620725"), ("second", "620725"), ("t2-boss", "T2")):
        appoint(site, login, code)
    return site


def page_of(site: Site, login: str, rest: str = "") -> str:
    return f"/admin/users/{user_of(site, login).id}{rest}"


def told(site: Site, login: str) -> list[str]:
    site.run(lambda world: world.work(world.now))
    with site.app.app_context(), reading() as db:
        mine = Notice.user_id == user_of(site, login).id
        return [key for key in db.scalars(select(Notice.key).where(mine)) if "account." in key]


def newest(site: Site, kind: str) -> tuple[int | None, dict[str, object]]:
    with site.app.app_context(), reading() as db:
        wanted = select(AdminEvent).where(AdminEvent.kind == kind)
        row = db.scalars(wanted.order_by(AdminEvent.seq.desc()).limit(1)).one()
        return row.actor_id, json.loads(row.data)


def factors(site: Site, login: str) -> int:
    with site.app.app_context(), reading() as db:
        return len(second_factors.of_user(db, user_of(site, login).id))


def test_it_lists_sessions_and_tokens_with_their_last_use(county: Site) -> None:
    token = issued(county.browser("worker"), name="报送程序")
    page = county.browser("boss").get(page_of(county, "worker"))
    words = plain(page)
    assert "已登录的设备" in words and "最近使用" in words and "报送程序" in words
    assert words.count("作废") == 1 and token not in page.text
    # Where somebody sits is not the administrator's to know.
    assert rows(county)[0].address and rows(county)[0].address not in words
    assert page_of(county, "worker", "/factors/clear") not in page.text


def test_it_ends_one_session_and_leaves_the_others(county: Site) -> None:
    one, other = county.fresh("worker"), county.fresh("worker")
    first = rows(county)[0].id
    boss = county.browser("boss")
    answer = boss.post(page_of(county, "worker", f"/sessions/{first}/end"))
    assert answer.status_code == 303
    assert (is_in(one), is_in(other)) == (False, True)
    assert newest(county, "session.ended") == (
        user_of(county, "boss").id,
        {"user": user_of(county, "worker").id, "session": first},
    )
    assert told(county, "worker") == ["account.ended"]
    again = boss.post(page_of(county, "worker", f"/sessions/{first}/end"))
    assert again.status_code == 404
    # Of the person in the address alone.
    mine = rows(county, "worker")[0].id
    assert boss.post(page_of(county, "handler", f"/sessions/{mine}/end")).status_code == 404
    assert is_in(other)


def test_it_ends_every_session_and_token(county: Site) -> None:
    worker = county.browser("worker")
    token = issued(worker)
    assert asked(county, token) == 200
    answer = county.browser("boss").post(page_of(county, "worker", "/sessions/end"))
    assert answer.status_code == 303
    assert not is_in(worker) and asked(county, token) == 401 and rows(county) == []
    assert newest(county, "sessions.ended")[1]["ended"] == 2
    assert told(county, "worker") == ["account.ended"]


def test_it_clears_the_factors_of_who_lost_them(county: Site) -> None:
    worker = county.browser("worker")
    set_up(worker)
    boss = county.browser("boss")
    path = page_of(county, "worker", "/factors/clear")
    assert path in boss.get(page_of(county, "worker")).text
    assert "核实确为本人" in plain(boss.get(path))

    assert boss.post(path).status_code == 303

    assert factors(county, "worker") == 0 and not is_in(worker)
    assert newest(county, "factors.reset")[0] == user_of(county, "boss").id
    assert told(county, "worker") == ["account.factors"]
    fresh = county.browser().post("/login", {"login": "worker", "password": PASSWORD})
    assert fresh.status_code == 303
    assert boss.post(path).status_code == 422


def test_it_takes_two_for_a_power_that_goes_beyond_a_unit(county: Site) -> None:
    supervisor = county.browser("county_supervisor")
    set_up(supervisor)
    boss = county.browser("boss")
    path = page_of(county, "county_supervisor", "/factors/clear")
    assert "前一半" in plain(boss.post(path))
    waits: GrantRequest = request_of(county)
    assert waits.kind == "reset" and factors(county, "county_supervisor") == 1
    assert is_in(supervisor)

    second = county.browser("second")
    assert "清除其二次验证" in plain(second.get(f"/admin/grants/{waits.id}"))
    page = second.post(f"/admin/grants/{waits.id}/decide", {"decision": "confirm"})
    assert "后一半" in plain(page)
    assert factors(county, "county_supervisor") == 0 and not is_in(supervisor)
    assert set(told(county, "county_supervisor")) == {"account.reset", "account.factors"}


def test_a_plain_reset_leaves_the_factors(county: Site) -> None:
    set_up(county.browser("county_supervisor"))
    county.browser("boss").post(page_of(county, "county_supervisor", "/password"))
    path = f"/admin/grants/{request_of(county).id}/decide"
    assert county.browser("second").post(path, {"decision": "confirm"}).status_code == 200
    assert factors(county, "county_supervisor") == 1


@pytest.mark.parametrize("what", ["/sessions/{}/end", "/sessions/end", "/factors/clear"])
def test_it_is_for_administrators_in_reach_who_prove_to_be_there(county: Site, what: str) -> None:
    worker = county.browser("worker")
    set_up(worker)
    path = page_of(county, "worker", what.format(rows(county)[0].id))
    for login in ("t2-boss", "county_leader", "worker"):
        assert county.browser(login).post(path).status_code == 404, login
    boss: Browser = county.browser("boss")
    boss.proves = False
    county.world.now += step_up.FRESH
    page = boss.post(path)
    assert page.status_code == 403 and "data-proof" in page.text
    assert worker.get("/").status_code == 200 and factors(county, "worker") == 1


def test_ones_own_log_ins_stay_on_ones_own_page(county: Site) -> None:
    boss = county.browser("boss")
    assert "/sessions/" not in boss.get(page_of(county, "boss")).text
    for rest in ("/sessions/end", "/factors/clear"):
        assert boss.post(page_of(county, "boss", rest)).status_code == 422
    mine = [row for row in kinds(county) if row in ("sessions.ended", "factors.reset")]
    assert mine == [] and is_in(boss)
    with county.app.app_context(), reading() as db:
        assert db.get_one(User, user_of(county, "boss").id).ended_at is None
