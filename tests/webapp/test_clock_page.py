"""The clocks of a case in full: which rule, which pauses, which rungs, and why not the others."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

from sqlalchemy import select

from engine import org
from engine.casework import cases
from engine.casework.clockwork import works_in_force
from engine.models import Case, Due, Post, Task
from engine.reports.clock_history import PAGE_SIZE
from engine.storage.db import reading, transaction
from engine.timing import ladders
from tests.engine.casework.world import FRIDAY_9AM, World
from tests.webapp.site import Site, plain
from tests.webapp.test_case_page import at_handling
from tests.webapp.test_long_cases import opened, sent_back


def test_it_says_when_why_and_by_which_rule(site: Site) -> None:
    """The triage table's row and version, the day, the pause and how the days were counted."""
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")
    handler.post(f"/tasks/{task_id}/sign")
    reason = {"reason": "evidence", "note": "等检测结果"}
    assert handler.post(f"/tasks/{task_id}/moves/suspend", reason).status_code == 303
    site.world.now += timedelta(days=4)
    handler = site.fresh("handler")
    assert handler.post(f"/tasks/{task_id}/moves/resume").status_code == 303
    with site.app.app_context(), reading() as db:
        task, by = db.get_one(Task, task_id), db.get_one(Case, case_id).limit_by
        assert task.limit_by is not None and by is not None

    page = plain(handler.get(f"/cases/{case_id}/clocks"))
    rule = f"第 {by['rules'][0]} 条（流程第 {by['version']} 版）"
    assert rule in page and "民法典第二百零一条" in page and "因暂停" in page
    assert "调查取证：" in page and "机关工作日历" in page
    case = handler.get(f"/cases/{case_id}")
    assert f'href="/cases/{case_id}/clocks"' in case.text
    assert "因调查取证暂停 4 天" in plain(case) and rule in plain(case)


def test_it_names_the_days_of_an_ended_clock_as_the_reader_sees_them(site: Site) -> None:
    """Signed on Friday, read on Monday: the words say the date, not "today"."""
    case_id, task_id = at_handling(site)
    site.browser("handler").post(f"/tasks/{task_id}/sign")
    site.world.now += timedelta(days=10)

    page = site.fresh("handler").get(f"/cases/{case_id}/clocks")
    assert "今天" not in plain(page) and "起算（民法典第二百零一条）" in plain(page)


def test_it_tells_of_every_rung_what_became_of_it(site: Site) -> None:
    """Fired with whom it passed by, waiting with its hour, and nothing that the table gives
    is left out."""

    def play(world: World) -> tuple[int, int]:
        case_id = world.open()
        for day in range(1, 6):
            world.work(FRIDAY_9AM + timedelta(days=day))
        with reading() as db:
            case, task = db.get_one(Case, case_id), world.task(case_id)
            works = works_in_force(db, world.now)
            given = sum(len(ladders.ladder(case, task, kind, works)) for kind in ("sign", "handle"))
        return case_id, given

    case_id, given = site.run(play)
    fired = [json.loads(one.data) for one in site.run(lambda w: w.events(case_id, "escalated"))]
    page = plain(site.browser("county_supervisor").get(f"/cases/{case_id}/clocks"))

    acted = [one for one in fired if "moot" not in one]
    assert acted and page.count("已触发：") == len(acted)
    assert page.count("尚未签收，按签收时限升级") == len(fired) - len(acted)
    passed = sum(len(one["skipped"]) for one in fired)
    assert page.count("跳过") == passed
    told = page.count("已触发：") + page.count("待触发") + page.count("未触发：")
    assert told >= given
    assert "升级表第 1 版（共" in page and "时限种类 = 签收时限" in page


def test_it_says_why_nothing_escalated(site: Site) -> None:
    """Signed in time: the rungs of signing stand there, each with that reason."""
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")
    handler.post(f"/tasks/{task_id}/sign")
    page = plain(handler.get(f"/cases/{case_id}/clocks"))
    assert "未触发：已签收" in page and "未开始计时，环节已办结。" in page
    handler.post("/language", {"locale": "en"})
    assert "not triggered: signed for" in plain(handler.get(f"/cases/{case_id}/clocks"))


def test_the_story_says_why_a_unit_was_passed_by_and_what_was_taken_back(site: Site) -> None:
    """A village without such a post and a vacant one differ; nothing is taken from nobody."""
    first, second = site.open(), site.open()

    def play(world: World) -> None:
        with transaction() as db:
            post = db.scalars(
                select(Post).where(Post.user_id == world.logins["town_supervisor"])
            ).one()
            org.vacate_post(db, None, post, now=world.now)
            cases.sign(db, world.actor(db, "grid_leader"), world.task(first).id, now=world.now)
        with transaction() as db:
            for row in db.scalars(select(Due).where(Due.mark.in_(("handle:0", "sign:0")))):
                row.data = {**row.data, "act": "reassign"}
        world.work(world.now + timedelta(days=10))

    site.run(play)
    taken = plain(site.browser("county_supervisor").get(f"/cases/{first}/story"))
    assert "已收回待签收，请" in taken
    assert "清泉镇（岗位空缺）" in taken and "（未设此岗位）" in taken
    left = plain(site.browser("county_supervisor").get(f"/cases/{second}/story"))
    assert "已升级并告知" in left
    assert left.count("已收回待签收，请") == 0


def test_the_clocks_of_a_long_case_come_page_by_page(site: Site) -> None:
    """Every ended step once, the open ones and the citizen's clock on the first page alone."""
    case_id = site.run(opened)
    site.run(lambda world: sent_back(world, case_id, 0, PAGE_SIZE))
    with site.app.app_context(), reading() as db:
        mine = select(Task.id).where(Task.case_id == case_id, Task.done_at.is_not(None))
        # Registering is a step without any clock.
        ended = sorted(db.scalars(mine.where(Task.limit_amount.is_not(None))), reverse=True)
    assert len(ended) > 2 * PAGE_SIZE

    browser, path, seen, pages = (
        site.browser("county_supervisor"),
        f"/cases/{case_id}/clocks",
        [],
        0,
    )
    while path:
        page = browser.get(path).text
        ids = [int(one) for one in re.findall(r'id="clock-(\d+)handle"', page)]
        assert ("整个事项" in page) == (pages == 0)
        seen += [one for one in ids if one in ended]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path, pages = html.unescape(found[1]) if found else "", pages + 1
    assert pages == 3 and seen == ended
