"""Dispatch: who may be meant, what waits for a decision, events that many call about."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import cases, moves
from engine.desk import decisions
from engine.models import Precedent, Task, User
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_relations import with_people

CALL = {"place": "V1", "topic": "住房建设", "area": "城区", "request_kind": "投诉"}
BY_TABLE = {"dispatch_mode": "派单", "unit_choice": "按分流表"}
WATER = "620725-SWJ"


@pytest.fixture
def hotline(site: Site) -> Site:
    """The county with its hotline."""
    site.run(with_people)
    return site


def registered(world: World, title: str = "三号楼二次供水水压低") -> Desk:
    desk = Desk(world, "hotline")
    desk.open("operator", **CALL, summary=title)
    return desk


def bounced(world: World, title: str = "三号楼二次供水水压低") -> Desk:
    """The housing bureau says that it is the water bureau's."""
    desk = registered(world, title)
    desk.do("county_dispatcher", "dispatch", **BY_TABLE)
    desk.send("handler", "bounce", suggested_unit=WATER)
    return desk


def ruled(world: World, title: str) -> Desk:
    desk = bounced(world, title)
    desk.do("county_dispatcher", "dispatch", **BY_TABLE)
    desk.send("handler", "bounce", suggested_unit=WATER)
    desk.do("county_leader", "arbitrate", ruled_unit=WATER)
    return desk


def signed(browser: Browser, site: Site, case_id: int) -> str:
    task = site.run(lambda world: world.task(case_id))
    assert browser.post(f"/tasks/{task.id}/sign").status_code == 303
    return browser.get(f"/cases/{case_id}").text


def test_after_a_bounce_the_form_begins_with_the_suggested_unit(hotline: Site) -> None:
    """Named, and the way of choosing that goes with it; a first dispatch begins by the table."""
    first = hotline.run(registered).case_id
    again = hotline.run(bounced).case_id
    browser = hotline.browser("county_dispatcher")
    assert f'value="{WATER}" selected' not in signed(browser, hotline, first)
    page = signed(browser, hotline, again)
    assert re.search(rf'<option value="{WATER}"[^>]* selected', page)
    assert re.search(r'value="另行指定"[^>]* checked', page)
    assert "退单单位建议" in page and "分流表" in page


def test_a_ruling_is_remembered_and_offered_for_a_case_like_it(hotline: Site) -> None:
    """With its case; not for another matter, and not to somebody who may not see it."""
    desk = hotline.run(lambda world: ruled(world, "南苑小区二次供水水压低"))
    with hotline.app.app_context(), reading() as db:
        kept = db.scalars(select(Precedent)).one()
        assert kept.case_id == desk.case_id
    alike = hotline.run(lambda world: registered(world, "北苑小区二次供水水压低没人管"))
    other = hotline.run(lambda world: registered(world, "公交车晚点太久"))
    browser = hotline.browser("county_dispatcher")
    page = signed(browser, hotline, alike.case_id)
    assert "裁定先例" in page and f"/cases/{desk.case_id}" in page
    assert "裁定先例" not in signed(browser, hotline, other.case_id)


def test_what_waits_for_a_decision_is_listed_and_counted(hotline: Site) -> None:
    """An extension asked of the bureau's leader, a ruling of the county's; gone once decided."""

    def ask(world: World) -> int:
        desk = registered(world)
        desk.do("county_dispatcher", "dispatch", **BY_TABLE)
        task = world.task(desk.case_id)
        with transaction() as db:
            actor = world.actor(db, "handler")
            cases.sign(db, actor, task.id, now=world.now)
        world.now += timedelta(hours=1)
        with transaction() as db:
            actor = world.actor(db, "handler")
            moves.ask_extension(db, actor, task.id, 2, "等配件。", now=world.now)
        return task.id

    task_id = hotline.run(ask)
    ruling = hotline.run(lambda world: bounced(world, "路口积水"))

    def again(_world: World) -> None:
        ruling.do("county_dispatcher", "dispatch", **BY_TABLE)
        ruling.send("handler", "bounce", suggested_unit=WATER)

    hotline.run(again)
    leader = hotline.browser("department_leader")
    page = leader.get("/?queue=decide")
    assert "审批延期" in plain(page) and f"/tasks/{task_id}/moves/decide" in page.text
    assert "裁定承办单位" in plain(hotline.browser("county_leader").get("/?queue=decide"))
    assert re.search(r"待我决定\s*1", plain(leader.get("/workbench/tabs?queue=mine")))
    assert "待我决定" not in plain(hotline.browser("handler").get("/"))
    decided = {"granted": "yes", "reason": "同意。"}
    assert leader.post(f"/tasks/{task_id}/moves/decide", decided).status_code == 303
    assert "暂无待您决定" in plain(leader.get("/?queue=decide"))
    with hotline.app.app_context(), reading() as db:
        actor = hotline.world.actor(db, "department_leader")
        assert decisions.count(db, actor) == 0 and decisions.waiting(db, actor) == []


def test_nobody_is_asked_to_decide_what_they_asked_for_or_may_not_see(hotline: Site) -> None:
    """A leader who handles asks somebody else; a leader elsewhere learns of nothing."""

    def ask(world: World) -> None:
        with transaction() as db:
            bureau = org.unit_by_code(db, "620725-ZJJ")
            user = db.get_one(User, world.logins["department_leader"])
            assert bureau is not None
            org.create_post(db, None, unit=bureau, role="handler", user=user, now=world.now)
        desk = registered(world)
        desk.do("county_dispatcher", "dispatch", **BY_TABLE)
        task = world.task(desk.case_id)
        with transaction() as db:
            actor = world.actor(db, "department_leader")
            cases.sign(db, actor, task.id, now=world.now)
        with transaction() as db:
            actor = world.actor(db, "department_leader")
            moves.ask_extension(db, actor, task.id, 2, "等配件。", now=world.now)

    hotline.run(ask)
    with hotline.app.app_context(), reading() as db:
        for login, found in (("department_leader", 0), ("county_leader", 1), ("town_leader", 0)):
            actor = hotline.world.actor(db, login)
            assert decisions.count(db, actor) == found, login
        assert db.scalars(select(Task.id)).first() is not None


def test_a_known_event_is_read_to_callers_who_are_added_to_it(hotline: Site) -> None:
    """Listed on the opening form with its words until it is answered or ended."""
    main = hotline.run(lambda world: registered(world, "南湖片区停水")).case_id
    operator = hotline.browser("operator")
    said = {"words": "水管爆裂，今晚八点恢复供水。"}
    assert operator.post(f"/cases/{main}/moves/announce", said).status_code == 303
    page = operator.get("/cases/new/hotline")
    assert said["words"] in page.text and "data-says" in page.text
    number = re.findall(r'data-joins="([^"]+)"', page.text)[0]
    assert said["words"] in plain(operator.post("/cases/new/hotline/beside", {"place": "V1"}))

    def add(world: World) -> int:
        desk = Desk(world, "hotline")
        given = desk.answers("operator", "hotline/intake", **CALL, summary="家里没水")
        with transaction() as db:
            actor = world.actor(db, "operator")
            return cases.open_case(db, actor, "hotline", given, now=world.now, joins=number).id

    added = hotline.run(add)
    assert "2 人诉求" in plain(operator.get(f"/cases/{main}"))
    assert "由主件办理" in plain(operator.get(f"/cases/{added}"))
    refused = operator.post(f"/cases/{added}/moves/announce", said)
    assert refused.status_code == 409
    assert operator.post(f"/cases/{main}/moves/end_event").status_code == 303
    assert said["words"] not in operator.get("/cases/new/hotline").text
