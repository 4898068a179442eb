"""The workbench beyond its queues: filters, saved views, following, several rows, paper."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from engine.desk.saved_views import MOST
from engine.models import Follow, SavedView, Task
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, DISPATCH, World
from tests.webapp.site import Site, plain
from tests.webapp.test_workbench import counts, titles


@pytest.fixture
def rows(site: Site) -> dict[str, int]:
    """Three tickets that wait for the department: title -> task."""

    def open_one(world: World, summary: str, **answers: str) -> int:
        case_id = world.open(summary=summary, **answers)
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)
        return world.task(case_id, "handle").id

    def walk(world: World) -> dict[str, int]:
        first = open_one(world, "路灯不亮")
        world.now += timedelta(days=1)
        second = open_one(world, "水渠堵塞", channel="群众反映")
        return {"路灯不亮": first, "水渠堵塞": second, "井盖缺失": open_one(world, "井盖缺失")}

    found = site.run(walk)
    site.browsers.clear()  # the sessions of the day before have ended
    return found


def case_of(site: Site, task_id: int) -> int:
    with site.app.app_context(), reading() as db:
        return db.get_one(Task, task_id).case_id


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("channel=群众反映", {"水渠堵塞"}),
        ("category=住房物业", {"路灯不亮", "水渠堵塞", "井盖缺失"}),
        ("category=没有", set()),
        ("from=2026-11-21", {"水渠堵塞", "井盖缺失"}),
        ("to=2026-11-20", {"路灯不亮"}),
        ("due=2026-11-20", set()),
        ("due=2027-11-20", {"路灯不亮", "水渠堵塞", "井盖缺失"}),
        ("area=V1", {"路灯不亮", "水渠堵塞", "井盖缺失"}),
        ("area=V3", set()),
        ("area=x&from=x&due=9999-12-31", {"路灯不亮", "水渠堵塞", "井盖缺失"}),
        ("step=handle&process=ticket&lamp=green", {"路灯不亮", "水渠堵塞", "井盖缺失"}),
    ],
)
def test_it_narrows_a_queue(site: Site, rows: dict[str, int], query: str, found: set[str]) -> None:
    assert set(titles(site, "handler", f"/?queue=to_sign&{query}")) == found


def test_it_shows_and_takes_off_the_filters_that_are_on(site: Site, rows: dict[str, int]) -> None:
    handler = site.browser("handler")
    page = handler.get("/?queue=to_sign&channel=群众反映&area=V1")
    assert "渠道：群众反映" in plain(page) and "辖区：" in plain(page)
    more = handler.get("/workbench/filters?queue=to_sign&channel=群众反映")
    assert re.search(r'value="群众反映" selected', more.text) and "登记时间从" in plain(more)


def test_it_keeps_views_for_oneself(site: Site, rows: dict[str, int]) -> None:
    handler = site.browser("handler")
    saved = handler.post(
        "/workbench/views",
        {"name": " 反映件 ", "queue": "to_sign", "channel": "群众反映", "x": "y"},
    )
    assert saved.headers["Location"] == f"/?channel={quote('群众反映')}&queue=to_sign"
    assert "反映件" in plain(handler.get("/")) and "反映件" not in plain(
        site.browser("colleague").get("/")
    )
    handler.post("/workbench/views", {"name": "反映件", "queue": "late"})
    with site.app.app_context(), reading() as db:
        view = db.scalars(select(SavedView)).one()
    assert view.query == {"queue": "late"}, "the same name is the same view"

    site.browser("colleague").post("/workbench/views/remove", {"view": view.id})
    assert "反映件" in plain(handler.get("/"))
    handler.post("/workbench/views/remove", {"view": view.id})
    assert "反映件" not in plain(handler.get("/profile")) + plain(handler.get("/?queue=late"))


def test_it_refuses_views_without_a_name_and_too_many(site: Site) -> None:
    handler = site.browser("handler")
    for number in range(MOST):
        handler.post("/workbench/views", {"name": f"视图{number}"})
    full = handler.post("/workbench/views", {"name": "再一个"}, follow_redirects=True)
    assert "最多保存 20 个视图" in plain(full)
    again = handler.post("/workbench/views", {"name": "视图3"}, follow_redirects=True)
    assert "已保存视图" in plain(again)
    nameless = handler.post("/workbench/views", {"name": " "}, follow_redirects=True)
    assert "请给视图起个名字" in plain(nameless)


def test_it_keeps_followed_cases_in_sight(site: Site, rows: dict[str, int]) -> None:
    case_id = case_of(site, rows["路灯不亮"])
    worker = site.browser("worker")
    assert "暂无关注的事项" in plain(worker.get("/?queue=followed"))
    worker.post(f"/cases/{case_id}/follow")
    worker.post(f"/cases/{case_id}/follow")
    assert titles(site, "worker", "/?queue=followed") == ["路灯不亮"]
    assert counts(site, "worker")["followed"] == 1
    assert "已关注" in plain(worker.get(f"/cases/{case_id}"))

    worker.post(f"/cases/{case_id}/unfollow")
    assert titles(site, "worker", "/?queue=followed") == []
    with site.app.app_context(), reading() as db:
        assert db.scalars(select(Follow)).all() == []


def test_it_signs_for_several_and_says_of_each_what_became_of_it(
    site: Site, rows: dict[str, int]
) -> None:
    first, second, third = rows.values()
    site.browser("colleague").post(f"/tasks/{second}/sign")
    handler = site.browser("handler")
    done = handler.post("/workbench/batch", {"action": "sign", "task": [first, second, third]})
    assert "成功 2 件，失败 1 件" in plain(done) and "已由员工colleague签收" in plain(done)
    assert counts(site, "handler")["mine"] == 2


def test_it_transfers_several_to_where_all_of_them_may_go(site: Site, rows: dict[str, int]) -> None:
    handler, ids = site.browser("handler"), list(rows.values())
    handler.post("/workbench/batch", {"action": "sign", "task": ids[:2]})
    asked = {"action": "transfer", "task": ids[:2]}
    page = handler.post("/workbench/batch", asked)
    target = re.search(r'<option value="([^"]+)">员工colleague<', page.text)
    assert target is not None
    empty = handler.post("/workbench/batch", {**asked, "target": "", "reason": ""})
    assert empty.status_code == 422
    done = handler.post("/workbench/batch", {**asked, "target": target[1], "reason": "出差"})
    assert "成功 2 件，失败 0 件" in plain(done)
    assert counts(site, "colleague")["mine"] == 2


def test_it_urges_several_once(site: Site, rows: dict[str, int]) -> None:
    leader = site.browser("department_leader")
    for worked in (3, 0):
        done = leader.post("/workbench/batch", {"action": "urge", "task": list(rows.values())})
        assert f"成功 {worked} 件，失败 {3 - worked} 件" in plain(done)


def test_it_prints_sheets_with_a_code(site: Site, rows: dict[str, int]) -> None:
    handler = site.browser("handler")
    sent = handler.post("/workbench/batch", {"action": "print", "task": list(rows.values())})
    page = handler.get(sent.headers["Location"])
    assert page.text.count("<article") == 3 and page.text.count("<svg") >= 3
    assert "路灯不亮" in plain(page) and "发现上报" in plain(page)
    assert " style=" not in page.text, "the policy allows no inline style"


def test_it_does_nothing_to_what_one_may_not_see(site: Site, rows: dict[str, int]) -> None:
    stranger, task_id = site.browser("sibling"), rows["路灯不亮"]
    for action in ("sign", "urge", "transfer", "print"):
        answer = stranger.post("/workbench/batch", {"action": action, "task": [task_id]})
        page = stranger.get(answer.headers["Location"]) if answer.status_code == 303 else answer
        assert "路灯不亮" not in page.text, action
    assert stranger.get(f"/cases/{case_of(site, task_id)}/sheet").status_code == 404
    assert site.browser("handler").post("/workbench/batch", {"action": "sign"}).status_code == 303


def test_it_counts_no_further_than_a_tab_shows(site: Site, rows: dict[str, int]) -> None:
    from engine.reading import queues

    with site.app.app_context(), transaction() as db:
        db.execute(update(Task).where(Task.done_at.is_(None)).values(warn_at=site.world.now))
    kept, queues.MOST = queues.MOST, 2
    try:
        page = site.browser("handler").get("/?queue=to_sign")
    finally:
        queues.MOST = kept
    assert re.findall(r'<span class="count[^"]*">([^<]+)<', page.text.split("</nav>")[1])[0] == "1+"
