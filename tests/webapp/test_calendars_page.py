"""The calendars in the browser: what would change is shown first, then saved, then followed."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.casework import background_recalculations
from engine.models import AdminEvent, Task, Unit
from engine.storage.db import reading
from engine.timing import calendars
from tests.engine.casework.world import World
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_admin import appoint

# What the office has, as its form sends it.
OFFICE = {"hours": "08:30-12:00 14:30-18:00", "week": ["0", "1", "2", "3", "4"], "year": "2026"}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
DAYS = re.compile(r'<textarea name="days"[^>]*>(.*?)</textarea>', re.S)


@pytest.fixture
def admin(site: Site) -> Browser:
    """The county's administrator."""
    appoint(site, "boss", "620725")
    return site.browser("boss")


@pytest.fixture
def running(site: Site) -> int:
    """A task that is in hand since Friday, due on Monday at the close of office."""
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    assert site.browser("grid_leader").post(f"/tasks/{task_id}/sign").status_code == 303
    return task_id


def due(site: Site, task_id: int) -> datetime | None:
    with site.app.app_context(), reading() as db:
        return db.get_one(Task, task_id).due_at


def lines(admin: Browser, year: int = 2026) -> str:
    """The exceptions of a year, as its page has them."""
    page = admin.get(f"/admin/calendars/office?year={year}").text
    found = re.search(r'<textarea class="form-control" id="days"[^>]*>(.*?)</textarea>', page, re.S)
    assert found is not None
    return html.unescape(found[1]).strip()


def confirmed(page: str, **said: str) -> dict[str, object]:
    """What the preview's form sends."""
    fields: dict[str, object] = {}
    for name, value in HIDDEN.findall(page):
        fields.setdefault(name, [])
        fields[name].append(html.unescape(value))  # type: ignore[attr-defined]
    days = DAYS.search(page)
    assert days is not None
    fields.pop("csrf_token", None)
    return {**fields, "days": html.unescape(days[1]), **said}


def test_it_shows_a_year_with_its_holidays_and_make_up_days(site: Site, admin: Browser) -> None:
    page = admin.get("/admin/calendars/office?year=2026")
    assert page.status_code == 200
    assert page.text.count("<small>休</small>") > 25 and page.text.count("<small>班</small>") > 4
    assert "2026-10-01 休 国庆节" in lines(admin)
    assert "尚未公布" in plain(admin.get("/admin/calendars/office?year=2027"))


def test_it_shows_what_would_move_and_moves_it_after(
    site: Site, admin: Browser, running: int
) -> None:
    """Monday off: the preview names the task; saved, the worker moves it to Tuesday."""
    before = due(site, running)
    assert before == datetime(2026, 11, 23, 10, tzinfo=UTC)
    typed = {**OFFICE, "days": lines(admin) + "\n2026-11-23 休 县庆", "published": "yes"}
    page = admin.post("/admin/calendars/office/preview", typed)
    text = plain(page)
    assert page.status_code == 200 and "1 天有变化" in text and "2026-11-23 平常 → 休 县庆" in text
    assert "山网〔2026〕0001" in text and "答复时限" in text
    assert due(site, running) == before

    saved = admin.post("/admin/calendars/office/save", confirmed(page.text, follow="yes"))
    assert saved.status_code == 303
    site.run(
        lambda world: world.work(
            world.now + background_recalculations.SETTLE + timedelta(seconds=1)
        )
    )
    assert due(site, running) == before + timedelta(days=1)
    # What is left is said by the calendar as it was changed: Monday does not count.
    case = site.browser("grid_leader").get(f"/tasks/{running}", follow_redirects=True)
    assert "还剩 1 个工作日" in plain(case) and "还剩 2 个工作日" not in plain(case)
    with site.app.app_context(), reading() as db:
        told = db.scalars(select(AdminEvent).where(AdminEvent.kind == "calendar.changed")).one()
    assert '"2026-11-23":false' in told.data


def test_it_shows_what_would_move_of_signing(site: Site, admin: Browser) -> None:
    """A task that nobody has signed for: the preview says to when, and there the worker puts it."""

    def play(world: World) -> int:
        world.now = datetime(2026, 11, 20, 8, tzinfo=UTC)
        return world.task(world.open()).id

    task_id = site.run(play)
    before = signing(site, task_id)
    typed = {**OFFICE, "days": lines(admin) + "\n2026-11-23 休 县庆", "published": "yes"}
    page = admin.post("/admin/calendars/office/preview", typed)
    assert "受理 · 签收" in plain(page)
    saved = admin.post("/admin/calendars/office/save", confirmed(page.text, follow="yes"))
    assert saved.status_code == 303
    site.run(
        lambda world: world.work(
            world.now + background_recalculations.SETTLE + timedelta(seconds=1)
        )
    )
    after = signing(site, task_id)
    assert after == before + timedelta(days=1) and after.isoformat() in page.text


def signing(site: Site, task_id: int) -> datetime:
    """When the limit for signing passes."""
    with site.app.app_context(), reading() as db:
        found = db.get_one(Task, task_id).sign_due_at
    assert found is not None
    return found


def test_it_leaves_open_deadlines_alone_when_asked_to(
    site: Site, admin: Browser, running: int
) -> None:
    before = due(site, running)
    typed = {**OFFICE, "days": lines(admin) + "\n2026-11-23 休 县庆", "published": "yes"}
    page = admin.post("/admin/calendars/office/preview", typed)
    assert admin.post("/admin/calendars/office/save", confirmed(page.text, follow="no"))
    site.run(lambda world: world.work(world.now + timedelta(minutes=1)))
    assert due(site, running) == before
    stale = admin.post("/admin/calendars/office/save", confirmed(page.text, follow="no"))
    assert stale.status_code == 409 and "已被别人修改" in plain(stale)


def test_it_imports_the_next_year_from_a_file(site: Site, admin: Browser) -> None:
    file = "date,name,is_off_day\n" + "".join(
        f"2027-{day},节日,{off}\n"
        for day, off in (
            ("01-01", 1),
            ("02-08", 1),
            ("02-09", 1),
            ("02-10", 1),
            ("02-20", 0),
        )
    )
    upload = {**OFFICE, "days": "", "file": (io.BytesIO(file.encode()), "2027.csv")}
    page = admin.post("/admin/calendars/office/preview", upload)
    assert page.status_code == 200 and "5 天有变化" in plain(page)
    assert admin.post("/admin/calendars/office/save", confirmed(page.text)).status_code == 303
    assert "尚未公布" not in plain(admin.get("/admin/calendars/office?year=2027"))
    assert "2027-02-20 班 节日" in lines(admin, 2027) and "国庆节" in lines(admin, 2026)

    broken = {**OFFICE, "days": "", "file": (io.BytesIO(b"x,y\n1,2\n"), "x.csv")}
    refused = admin.post("/admin/calendars/office/preview", broken)
    assert refused.status_code == 422 and "无法读取" in plain(refused)


def test_it_refuses_hours_and_days_that_are_none(site: Site, admin: Browser) -> None:
    for wrong, says in (
        ({"hours": "18:00-08:30"}, "先后有序"),
        ({"hours": "早上八点"}, "先后有序"),
        ({"week": []}, "至少有一个工作日"),
        ({"days": "2026-13-01 休"}, "第 1 行"),
    ):
        page = admin.post("/admin/calendars/office/preview", {**OFFICE, "days": "", **wrong})
        assert page.status_code == 422 and says in plain(page), wrong
    same = {**OFFICE, "days": lines(admin), "published": "yes"}
    assert "与当前设置相同" in plain(admin.post("/admin/calendars/office/preview", same))


def test_a_county_has_calendars_of_its_own_and_says_who_works_by_them(
    site: Site, admin: Browser, running: int
) -> None:
    """A duty room that works every day; then the village goes by it, and its task is due sooner."""
    made = admin.post("/admin/calendars/new", {"name": "值班室"})
    assert made.status_code == 303
    key = made.headers["Location"].rpartition("/")[2]
    every = {**OFFICE, "name": "值班室", "week": list("0123456"), "days": ""}
    page = admin.post(f"/admin/calendars/{key}/preview", every)
    assert admin.post(f"/admin/calendars/{key}/save", confirmed(page.text)).status_code == 303

    used = {"unit": "V1", "calendar": key, "follow": "yes"}
    assert admin.post("/admin/calendars/units", used).status_code == 303
    assert "值班室" in plain(admin.get("/admin/calendars"))
    before = due(site, running)
    site.run(
        lambda world: world.work(
            world.now + background_recalculations.SETTLE + timedelta(seconds=1)
        )
    )
    assert before is not None and due(site, running) == before - timedelta(days=2)

    def key_of(_world: World) -> str:
        with reading() as db:
            unit = db.scalars(select(Unit).where(Unit.code == "V1")).one()
            return calendars.load(db).key_of(unit.id, unit)

    assert site.run(key_of) == key
    in_use = admin.post(f"/admin/calendars/{key}/remove")
    assert in_use.status_code == 409 and "仍有单位使用" in plain(in_use)
    assert admin.post("/admin/calendars/units", {**used, "calendar": ""}).status_code == 303
    assert admin.post(f"/admin/calendars/{key}/remove").status_code == 303
    assert site.run(key_of) == calendars.OFFICE
    assert admin.post("/admin/calendars/office/remove").status_code == 404


def test_it_is_for_administrators_of_everything_alone(site: Site) -> None:
    appoint(site, "t2-boss", "T2")
    for path in ("/admin/calendars", "/admin/calendars/office", "/admin/calendars/new"):
        assert site.browser("county_leader").get(path).status_code == 404
        assert site.browser("t2-boss").get(path).status_code in (403, 404)
