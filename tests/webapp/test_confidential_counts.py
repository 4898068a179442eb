"""Sums, previews and searches that are not about cases tell whom a report goes round nothing.

Somebody leads the housing bureau and has posts of the whole county, too: what their lists leave
out no number beside them counts, and no page names.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.definitions import versions
from engine.models import Case, Setting, Task, Unit
from engine.operations import clock_guard
from engine.storage.db import reading, transaction
from tests.engine.casework.test_demands import issue
from tests.processes.desk import Desk
from tests.webapp.site import Site, plain
from tests.webapp.test_canary import people
from tests.webapp.test_emergency_page import NEW, PROFILE

REPORTED = "620725-ZJJ"
# What marks a number of late tasks.
LIGHT = "light-red"
CALL = {
    "request_kind": "举报",
    "identity": "实名保密",
    "caller_name": "钱守口",
    "caller_phone": "13987654321",
    "against": REPORTED,
    "place": "V1",
    "topic": "住房建设",
    "area": "城区",
}


@pytest.fixture
def desk(site: Site) -> Desk:
    """A late report about the bureau; who leads it also sits at the county's desks."""
    desk = Desk(site.world, "hotline")
    with site.app.app_context():
        people(site.world)
        desk.open("operator", summary="保障房分给了亲属", **CALL)
        site.world.work(site.world.now + timedelta(days=9))
    return desk


def number(site: Site, desk: Desk) -> str:
    with site.app.app_context(), reading() as db:
        return db.get_one(Case, desk.case_id).number


def unit_of(site: Site, code: str) -> str:
    with site.app.app_context(), reading() as db:
        return str(db.scalars(select(Unit.id).where(Unit.code == code)).one())


def test_the_board_of_late_work_counts_what_its_list_shows(site: Site, desk: Desk) -> None:
    shown = site.browser("county_supervisor").get("/supervision")
    assert number(site, desk) in shown.text and LIGHT in shown.text
    page = site.browser("double").get("/supervision")
    assert page.status_code == 200 and number(site, desk) not in page.text
    assert LIGHT not in page.text


def test_the_board_of_notices_counts_what_its_list_shows(site: Site, desk: Desk) -> None:
    site.run(lambda world: issue(world, desk.case_id, to="620725-SWJ"))
    browser = site.browser("county_supervisor")
    assert "水务局" in plain(browser.get("/demands"))
    assert "水务局" not in plain(site.browser("double").get("/demands"))


def test_a_preview_of_deadlines_names_no_case_that_is_not_seen(site: Site, desk: Desk) -> None:
    """Neither that of a calendar nor that of an emergency; a new report is not late yet."""
    desk.world.now += timedelta(days=1)
    with site.app.app_context():
        desk.open("operator", summary="保障房又分给了亲属", **CALL)
    hours = {
        "hours": "08:30-12:00 14:30-17:00",
        "week": ["0", "1", "2", "3", "4"],
        "year": "2026",
        "ends_at": "close",
    }
    title = "保障房又分给了亲属"
    assert title in site.fresh("administrator").post("/admin/calendars/office/preview", hours).text
    page = site.fresh("double").post("/admin/calendars/office/preview", hours)
    assert page.status_code == 200 and title not in page.text
    assert number(site, desk) not in page.text and "受影响的在办事项期限" in page.text
    asked = {**PROFILE, "unit": unit_of(site, "620725")}
    assert title in site.fresh("county_leader").post(NEW, asked).text
    page = site.fresh("double").post(NEW, asked)
    assert page.status_code == 200 and title not in page.text and "检查 0 个" in plain(page)


def test_a_held_clock_names_no_case_that_is_not_seen(site: Site, desk: Desk) -> None:
    later = site.world.now + timedelta(days=30)
    moments = {name: later.isoformat() for name in ("since", "now", "other")}
    value = {"why": clock_guard.AHEAD, "count": 3, **moments}
    with site.app.app_context(), transaction() as db:
        db.merge(Setting(key=clock_guard.HELD, value=value, changed_at=site.world.now))
    told = number(site, desk)
    assert told in site.fresh("administrator").get("/admin/operations/clock").text
    page = site.fresh("double").get("/admin/operations/clock")
    assert page.status_code == 200 and told not in page.text


def test_ending_a_unit_counts_only_what_one_may_know_of(site: Site, desk: Desk) -> None:
    with site.app.app_context(), reading() as db:
        task = db.scalars(select(Task).where(Task.done_at.is_(None))).one()
        unit_id = task.unit_id
    path = f"/admin/units/{unit_id}/end"
    assert "未办结环节 1 个" in plain(site.browser("administrator").get(path))
    assert "未办结环节 0 个" in plain(site.browser("double").get(path))


def test_who_opened_a_confidential_case_is_not_found_by_searching(site: Site, desk: Desk) -> None:
    """The word of an opening form says whose it was; what others call a case is found."""
    with site.app.app_context(), transaction() as db:
        case = db.get_one(Case, desk.case_id)
        case.source = f"form:{site.world.logins['operator']}:{'a1' * 16}"
    browser = site.browser("county_supervisor")
    for asked in (str(site.world.logins["operator"]), "a1a1a1a1"):
        assert number(site, desk) not in browser.get(f"/cases?q={asked}").text
    with site.app.app_context(), transaction() as db:
        db.get_one(Case, desk.case_id).source = "ledger:GD88123"
    assert number(site, desk) in browser.get("/cases?q=GD88123").text


def test_a_changeover_counts_and_takes_along_only_what_one_may_know_of(
    site: Site, desk: Desk
) -> None:
    with site.app.app_context(), transaction() as db:
        old = versions.current(db, "hotline", site.world.now)
        files = versions.files_of(db, old.id)
        name = next(one for one in files if one.endswith("handle.json"))
        files[name] = files[name] + b"\n"
        new = versions.publish(db, "hotline", files, now=site.world.now).id
    path = f"/policy/versions/{old.id}/cases"
    page = plain(site.browser("double").get(path))
    assert number(site, desk) not in page and "1 件" not in page
    site.browser("double").post(path, {"to": new, "reason": "新规定"})
    with site.app.app_context(), reading() as db:
        assert db.get_one(Case, desk.case_id).version_id == old.id
