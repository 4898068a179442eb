"""The calculator: the same answers as real clocks give, shown day by day, and no side effects."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.casework import cases
from engine.models import AdminEvent, Case, Due, Event, Task
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, DISPATCH, World
from tests.webapp.site import Site, plain

ROW = re.compile(r'<th scope="row">(\S+) ')
# Across Spring Festival, National Day with its make-up Saturday, and an ordinary week-end.
BY_HAND = (
    ("2026-02-12T10:00", "3", "working_days", "2026-02-24 18:00:00", 13),
    ("2026-09-29T15:00", "5", "working_days", "2026-10-12 18:00:00", 14),
    ("2026-09-24T10:00", "7", "days", "2026-10-09 00:00:00", 15),
    ("2026-10-09T16:00", "4", "working_hours", "2026-10-10 10:30:00", 2),
    ("2026-11-20T16:00", "24", "hours", "2026-11-21 16:00:00", 2),
    ("2026-01-30T10:00", "1", "months", "2026-03-01 00:00:00", 30),
)


@pytest.mark.parametrize(("start", "amount", "unit", "due", "days"), BY_HAND)
def test_it_counts_as_one_counts_by_hand(
    site: Site, start: str, amount: str, unit: str, due: str, days: int
) -> None:
    page = site.browser("handler").get(
        f"/calculator?start={start}&amount={amount}&limit_unit={unit}"
    )
    assert page.status_code == 200
    ends = re.search(r"<strong><time [^>]*title=\"([^\"]+)\"", page.text)
    assert ends is not None and ends[1] == due
    assert len(ROW.findall(page.text)) == days


def test_it_names_the_holidays_on_the_way(site: Site) -> None:
    text = plain(
        site.browser("handler").get(
            "/calculator?start=2026-09-29T15:00&amount=5&limit_unit=working_days"
        )
    )
    assert "2026-09-29 周二 工作日 开始当日，不计入" in text
    assert "2026-10-01 周四 放假 国庆节 不计" in text
    assert "2026-10-10 周六 调休上班 国庆节 第 4 天" in text
    assert "2026-10-12 周一 工作日 第 5 天" in text


def test_it_says_of_a_step_what_its_real_clocks_say(site: Site) -> None:
    """A ticket opened at that moment has exactly these deadlines and rungs."""
    case_id = site.open()
    task = site.run(lambda world: world.task(case_id))
    rungs = site.run(lambda w: [row for row in w.due(case_id) if row.task_id == task.id])
    page = site.browser("county_supervisor").get(
        f"/calculator?start=2026-11-20T09:00&step=ticket/accept&level={task.level}"
        f"&priority=一般&category=住房物业"
    )
    assert task.sign_due_at is not None
    assert task.sign_due_at.isoformat() in page.text
    sign = [row for row in rungs if row.mark.startswith("sign:")]
    assert sign
    for row in sign:
        assert row.fire_at.isoformat() in page.text


@pytest.mark.parametrize(
    ("danger", "category", "row", "priority"),
    [("yes", "住房物业", 1, "紧急"), ("no", "住房物业", 4, ""), ("no", "供水排水", 3, "")],
)
def test_it_answers_for_a_limit_that_comes_from_a_triage_table(
    site: Site, danger: str, category: str, row: int, priority: str
) -> None:
    """The limit, the rule, the ladder of a real ticket that was sorted by the same answers."""

    def play(world: World) -> tuple[Task, list[Due]]:
        case_id = world.open(danger=danger, category=category, danger_note="请当心")
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)
        task = world.task(case_id, "handle")
        with transaction() as db:
            cases.sign(db, world.actor(db, _handler(db, world, task)), task.id, now=world.now)
        found = [one for one in world.due(case_id) if one.mark.startswith("handle:")]
        return world.task(case_id, "handle"), found

    task, rungs = site.run(play)
    asked = f"of_category={category}&of_danger={danger}&level={task.level}"
    page = site.browser("county_supervisor").get(
        f"/calculator?start=2026-11-20T09:00&step=ticket/handle&{asked}"
    )
    text = plain(page)
    assert task.due_at is not None and task.due_at.isoformat() in page.text
    assert f"网格事件时限第 {row} 条（流程第 1 版）" in text
    assert (f"分流表定的紧急程度：{priority}。" in text) == bool(priority)
    assert rungs
    for rung in rungs:
        assert rung.fire_at.isoformat() in page.text


def _handler(db: Session, world: World, task: Task) -> str:
    """Somebody who may sign for a task."""
    return next(
        login for login in world.logins if policy.allowed(world.actor(db, login), "sign", task)
    )


def test_it_tells_the_citizens_clock_as_it_was_promised(site: Site) -> None:
    """Triage changes whom its ladder reaches, not what the process promised at the opening."""

    def play(world: World) -> tuple[Case, list[Due]]:
        case_id = world.open(danger="yes", danger_note="请当心")
        world.complete("grid_leader", case_id, ACCEPT)
        with reading() as db:
            case = db.get_one(Case, case_id)
        return case, [one for one in world.due(case_id) if one.mark.startswith("citizen:")]

    case, rungs = site.run(play)
    page = site.browser("handler").get(
        f"/calculator?start=2026-11-20T09:00&step=ticket/&of_category=住房物业&of_danger=yes"
        f"&level={case.level}"
    )
    assert case.due_at is not None and case.due_at.isoformat() in page.text
    assert "15 个工作日" in plain(page) and "期限由流程规定" in plain(page)
    assert rungs
    for rung in rungs:
        assert rung.fire_at.isoformat() in page.text


def test_it_changes_nothing(site: Site) -> None:
    site.open()

    def counted() -> list[int]:
        with site.app.app_context(), reading() as db:
            tables = (Case, Task, Due, Event, AdminEvent)
            return [db.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    browser = site.browser("handler")
    before = counted()
    browser.get("/calculator")
    with site.statements() as seen:
        browser.get("/calculator?start=2026-11-20T16:00&step=ticket/accept")
    assert not [one for one in seen if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert counted() == before
    assert len(seen) <= 14, "\n\n".join(seen)


def test_it_says_what_is_wrong(site: Site) -> None:
    browser = site.browser("handler")
    for query, says in (
        ("start=yesterday", "正确的开始时间"),
        ("start=9999-12-31T00:00&amount=1", "正确的开始时间"),
        ("start=2026-11-20T16:00&amount=-1", "整数"),
        ("start=2026-11-20T16:00&amount=99999", "整数"),
        ("start=2026-11-20T16:00", "请选择环节"),
        ("start=2026-11-20T16:00&step=ticket/handle", "请先填写左侧事项信息"),
        ("start=2026-11-20T16:00&step=ticket/handle&of_category=未知", "请从列出的选项中选择"),
        ("start=2026-11-20T16:00&amount=1000&limit_unit=years", "期限"),
    ):
        page = browser.get(f"/calculator?{query}")
        assert page.status_code == 200 and says in plain(page), query
