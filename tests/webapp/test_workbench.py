"""The lists people work from: queues, lamps, filters, paging; few statements for any length."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from engine.models import Task
from engine.reading import worklists
from engine.reading.worklists import TaskFilters, decode, encode
from engine.storage.db import reading, transaction
from engine.terms.lamps import LAMPS
from tests.engine.casework.world import ACCEPT
from tests.webapp.site import Site, plain

# A new query on a page is a decision, not an accident.
FRAME = 4
WORKBENCH, CASES, SUPERVISION, NOTICES = FRAME + 4, FRAME + 3, FRAME + 7, FRAME + 2
# Its number and the numbers of all queues, for a page that asks again and again.
TABS = 3


def counts(site: Site, login: str) -> dict[str, int]:
    page = site.browser(login).get("/").text
    tabs = re.findall(r'\?queue=(\w+)"[^>]*>[^<]*<span class="count[^"]*">(\d+)<', page)
    return {queue: int(number) for queue, number in tabs}


def titles(site: Site, login: str, path: str) -> list[str]:
    page = site.browser(login).get(path).text
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


def sign(site: Site, login: str, case_id: int) -> None:
    task_id = site.run(lambda world: world.task(case_id).id)
    assert site.browser(login).post(f"/tasks/{task_id}/sign").status_code == 303


def test_it_moves_a_task_from_queue_to_queue(site: Site) -> None:
    case_id = site.open(summary="路灯不亮")
    assert counts(site, "grid_leader") == {
        "to_sign": 1, "mine": 0, "soon": 0, "late": 0, "decide": 0, "help": 0, "followed": 0,
        "unit": 1,
    }  # fmt: skip
    assert titles(site, "grid_leader", "/?queue=to_sign") == ["路灯不亮"]

    sign(site, "grid_leader", case_id)
    assert titles(site, "grid_leader", "/?queue=to_sign") == []
    assert titles(site, "grid_leader", "/?queue=mine") == ["路灯不亮"]

    site.run(lambda world: world.complete("grid_leader", case_id, ACCEPT))
    assert titles(site, "grid_leader", "/?queue=mine") == []
    assert titles(site, "grid_leader", "/?queue=done") == ["路灯不亮"]


def test_it_offers_to_register_only_to_whom_a_process_begins_with(site: Site) -> None:
    """A button that leads to "your post registers no cases" would be a false promise."""
    for login, opens in (("worker", True), ("county_leader", False), ("handler", False)):
        browser = site.browser(login)
        page, chosen = browser.get("/"), browser.get("/cases/new")
        assert ('href="/cases/new"' in page.text) is opens, login
        assert ("您的岗位无登记权限" in plain(chosen)) is not opens, login


def test_it_lights_the_lamps_as_time_passes(site: Site) -> None:
    case_id = site.open()
    sign(site, "grid_leader", case_id)
    task = site.run(lambda world: world.task(case_id))
    assert task.warn_at is not None and task.deadline_at is not None

    site.world.now = task.warn_at + timedelta(seconds=1)
    assert counts(site, "grid_leader")["soon"] == 1
    page = site.browser("grid_leader").get("/?queue=mine").text
    assert "lamp-yellow" in page
    site.world.now = task.deadline_at + timedelta(minutes=90)
    site.browsers.clear()  # the session of the day before has ended
    assert counts(site, "grid_leader")["late"] == 1
    page = site.browser("grid_leader").get("/?queue=mine")
    assert "lamp-red" in page.text and "超期 1 小时" in plain(page)


def test_it_counts_every_lamp_filter_once(site: Site) -> None:
    """The lamps share a queue out between them."""
    first = site.open(summary="甲")
    site.open(summary="乙")
    sign(site, "grid_leader", first)
    now = site.world.now
    with site.app.app_context(), transaction() as db:
        db.execute(
            update(Task)
            .where(Task.case_id == first, Task.done_at.is_(None))
            .values(deadline_at=now - timedelta(hours=1), warn_at=now - timedelta(hours=2))
        )
    by_lamp = {lamp: titles(site, "grid_leader", f"/?queue=unit&lamp={lamp}") for lamp in LAMPS}
    assert by_lamp == {"red": ["甲"], "yellow": [], "green": ["乙"], "grey": []}


def test_it_counts_what_is_paused_as_paused_and_nothing_else(site: Site) -> None:
    """Its lamp is grey: neither in time nor late, and found by a filter of its own."""
    case_id = site.open(summary="等检测结果")
    sign(site, "grid_leader", case_id)
    task_id = site.run(lambda world: world.task(case_id).id)
    said = {"reason": "evidence", "note": "等检测"}
    paused = site.browser("grid_leader").post(f"/tasks/{task_id}/moves/suspend", said)
    assert paused.status_code == 303
    for lamp, found in (("grey", ["等检测结果"]), ("green", []), ("yellow", []), ("red", [])):
        assert titles(site, "grid_leader", f"/?queue=unit&lamp={lamp}") == found, lamp


def test_it_shows_overseers_what_is_late_below_them(site: Site) -> None:
    case_id = site.open(summary="井盖缺失")
    sign(site, "grid_leader", case_id)
    site.world.now += timedelta(days=7)

    for login in ("county_supervisor", "town_leader", "county_leader"):
        assert titles(site, login, "/supervision") == ["井盖缺失"], login
    assert site.browser("handler").get("/supervision").status_code == 404
    assert 'href="/supervision"' not in site.browser("handler").get("/").text


@pytest.mark.parametrize("size", [1, 3, 7])
def test_it_pages_through_every_task_once(site: Site, size: int) -> None:
    """Equal deadlines, no deadlines, rows that leave meanwhile: none twice, none lost."""
    ids = [site.open(summary=f"事件{number}") for number in range(7)]
    with site.app.app_context(), transaction() as db:
        db.execute(
            update(Task).where(Task.case_id.in_(ids[:2])).values(deadline_at=None, warn_at=None)
        )
    seen: list[int] = []
    after = None
    with site.app.app_context(), reading() as db:
        actor = site.world.actor(db, "grid_leader")
        while True:
            page = worklists.tasks(
                db, actor, "to_sign", TaskFilters(), site.world.now, after=after, size=size
            )
            seen += [row.case_id for row in page.rows]
            if page.after is None:
                break
            after = page.after
    assert sorted(seen) == sorted(ids) and len(set(seen)) == 7
    assert set(seen[-2:]) == set(ids[:2])


def test_it_pages_through_done_tasks_once(site: Site) -> None:
    ids = [site.open(summary=f"事件{number}") for number in range(5)]
    for case_id in ids:
        site.run(lambda world, one=case_id: world.complete("grid_leader", one, ACCEPT))
    seen: list[int] = []
    after = None
    with site.app.app_context(), reading() as db:
        actor = site.world.actor(db, "grid_leader")
        while True:
            page = worklists.tasks(
                db, actor, "done", TaskFilters(), site.world.now, after=after, size=2
            )
            seen += [row.case_id for row in page.rows]
            after = page.after
            if after is None:
                break
    assert sorted(seen) == sorted(ids) and len(seen) == 5


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1.", ".x", "9" * 30 + ".1", "1." + "9" * 30, "²"]
)
def test_it_takes_a_broken_cursor_for_the_first_page(site: Site, cursor: str) -> None:
    assert decode(cursor) is None
    assert site.browser("grid_leader").get(f"/?after={cursor}").status_code == 200
    assert site.browser("grid_leader").get(f"/cases?after={cursor}").status_code == 200


def test_it_keeps_microseconds_in_a_cursor() -> None:
    moment = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)
    assert decode(encode(moment, 7)) == (moment, 7)
    assert decode(encode(None, 7)) == (None, 7)


def test_it_finds_cases_by_number_title_and_place(site: Site) -> None:
    site.open(summary="路灯不亮")
    site.open(summary="水渠 100% 堵塞")
    assert titles(site, "worker", "/cases?q=路灯") == ["路灯不亮"]
    assert titles(site, "worker", "/cases?q=0002") == ["水渠 100% 堵塞"]
    assert titles(site, "worker", "/cases?q=100%25") == ["水渠 100% 堵塞"]
    assert titles(site, "worker", "/cases?q=%25%25") == []
    assert len(titles(site, "worker", "/cases?q=南湖")) == 2
    assert titles(site, "worker", "/cases?q=南湖+路灯") == ["路灯不亮"]
    assert titles(site, "worker", "/cases?stand=closed") == []


def test_it_says_what_to_do_when_a_list_is_empty(site: Site) -> None:
    assert "登记事项" in plain(site.browser("worker").get("/"))
    site.open()
    page = plain(site.browser("grid_leader").get("/?queue=mine"))
    assert "暂无在办任务" in page and "查看待签收（1）" in page
    assert "未找到符合条件的事项" in plain(site.browser("worker").get("/cases?q=没有"))


def test_it_tells_of_new_tasks_in_notices(site: Site) -> None:
    site.open(summary="路灯不亮")
    site.run(lambda world: world.work(world.now))
    leader = site.browser("grid_leader")
    page = leader.get("/notices")
    assert "新任务" in plain(page) and "路灯不亮" in plain(page)
    assert 'class="count count-red"' in leader.get("/notices/unread").text

    link = re.search(r'href="(/notices/\d+)"', page.text)[1]
    assert site.browser("worker").get(link).status_code == 404
    followed = leader.get(link)
    assert followed.headers["Location"].startswith("/cases/")
    assert 'class="count count-red"' not in leader.get("/notices/unread").text

    site.open(summary="水渠堵塞")
    site.run(lambda world: world.work(world.now))
    assert 'class="count count-red"' in leader.get("/notices/unread").text
    leader.post("/notices/read")
    assert 'class="count count-red"' not in leader.get("/notices/unread").text


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/?queue=to_sign", WORKBENCH),
        ("/?queue=done", WORKBENCH),
        ("/?queue=help", WORKBENCH),
        ("/workbench/tabs", TABS),
        ("/cases", CASES),
        ("/supervision", SUPERVISION),
        ("/notices", NOTICES),
    ],
)
def test_it_asks_the_database_no_more_for_more_rows(site: Site, path: str, most: int) -> None:
    leader = site.browser("grid_leader")
    leader.get(path)
    with site.statements() as few:
        leader.get(path)
    for number in range(12):
        case_id = site.open(summary=f"事件{number}")
        if number % 2:
            site.run(lambda world, one=case_id: world.complete("grid_leader", one, ACCEPT))
    site.run(lambda world: world.work(world.now))
    leader.get(path)
    with site.statements() as many:
        leader.get(path)

    assert len(many) <= len(few) + 1, "\n".join(many)
    assert len(many) <= most, "\n\n".join(many)
