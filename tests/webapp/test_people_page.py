"""The page of a case's people: masked at first, whole after one press while one holds the case."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from engine import org
from engine.definitions import versions
from engine.models import Event, Post, User
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ROOT
from tests.processes.desk import Desk
from tests.webapp.site import Site, plain

NAME, PHONE = "欧阳秀兰", "13893612345"
PARTIES: list[dict[str, Any]] = [
    {"side": "申请人", "party_name": NAME, "party_kind": "自然人", "party_phone": PHONE},
    {"side": "被申请人", "party_name": "王建国", "party_kind": "自然人"},
]


def dispute(site: Site, parties: list[dict[str, Any]] = PARTIES) -> int:
    """A dispute that the village's mediator took in and its leader has to accept."""

    def make(world: Any) -> int:
        with transaction() as db:
            for login, role in (("worker", "mediator"), ("grid_leader", "leader")):
                unit = org.unit_by_code(db, "V1")
                assert unit is not None
                user = db.get_one(User, world.logins[login])
                org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
            files = versions.read_directory(ROOT)["dispute"]
            versions.publish(db, "dispute", files, now=world.now)
        desk = Desk(world, "dispute")
        desk.open("worker", parties=parties, place="V1", people_count=2, amount=0)
        return desk.case_id

    return site.run(make)


def looks(site: Site, case_id: int) -> list[str]:
    with site.app.app_context(), reading() as db:
        mine = select(Event.data).where(Event.case_id == case_id, Event.kind == "personal.shown")
        return [json.loads(data)["field"] for data in db.scalars(mine)]


def test_it_shows_people_whole_after_one_press_while_one_holds_the_case(site: Site) -> None:
    case_id = dispute(site)
    leader = site.browser("grid_leader")
    path = f"/cases/{case_id}/people"
    page = leader.get(path)
    assert "欧**" in plain(page) and "138****2345" in plain(page)
    assert NAME not in page.text and PHONE not in page.text

    assert leader.post(path).status_code == 303
    for at in (path, f"/cases/{case_id}"):
        shown = leader.get(at)
        assert NAME in shown.text and PHONE in shown.text, at
        assert "显示全部个人信息" not in plain(shown)
    leader.post(path, {"back": "work"})
    assert looks(site, case_id) == ["*"]
    # Another log-in asks again, and that is no second look.
    assert PHONE not in site.fresh("grid_leader").get(path).text


def test_it_is_masked_again_for_who_no_longer_holds_the_case(site: Site) -> None:
    case_id = dispute(site)
    leader = site.browser("grid_leader")
    leader.post(f"/cases/{case_id}/people")

    def end(world: Any) -> None:
        with transaction() as db:
            mine = Post.user_id == world.logins["grid_leader"], Post.role == "leader"
            for post in db.scalars(select(Post).where(*mine)):
                org.end_post(db, None, post, now=world.now)

    site.run(end)
    page = leader.get(f"/cases/{case_id}/people")
    assert page.status_code in (200, 303, 404) and PHONE not in page.text


def test_who_only_oversees_sees_no_button_and_is_refused(site: Site) -> None:
    case_id = dispute(site)
    leader = site.browser("county_leader")
    page = leader.get(f"/cases/{case_id}/people")
    assert page.status_code == 200 and "显示全部个人信息" not in page.text
    assert leader.post(f"/cases/{case_id}/people").status_code == 403
    assert site.browser("handler").get(f"/cases/{case_id}/people").status_code == 404


def test_it_is_found_by_phone_and_by_name(site: Site) -> None:
    case_id = dispute(site)
    leader = site.browser("grid_leader")
    for query in (f"q={PHONE}", f"q={NAME}&by=person"):
        assert f"/cases/{case_id}" in leader.get(f"/cases?{query}").text, query
        assert f"/cases/{case_id}" not in site.browser("handler").get(f"/cases?{query}").text


def test_programs_get_the_people_masked(site: Site) -> None:
    case_id = dispute(site)
    page = site.browser("grid_leader").get(f"/api/v1/cases/{case_id}/people")
    assert page.status_code == 200, page.text
    first = page.get_json()["items"][0]
    assert (first["role"], first["name"], first["phone"]) == ("applicant", "欧**", "138****2345")
