"""The emergency switch in the browser: what would happen first, then on, then given back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine.casework import background_recalculations
from engine.models import Emergency, Task, Unit
from engine.models.base import STAMPED_LEVELS
from engine.storage.db import reading
from engine.timing import emergencies
from engine.timing.emergencies import ActiveProfile
from tests.engine.casework.world import World
from tests.webapp.site import Site, plain
from tests.webapp.test_case_page import at_handling

NEW = "/supervision/emergencies/new"
PROFILE = {"factor": "50", "reason": "防汛"}


def unit_id(site: Site, code: str) -> str:
    with site.app.app_context(), reading() as db:
        return str(db.scalars(select(Unit.id).where(Unit.code == code)).one())


def due(site: Site, task_id: int) -> datetime | None:
    with site.app.app_context(), reading() as db:
        return db.get_one(Task, task_id).due_at


def on(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return len(db.scalars(select(Emergency).where(Emergency.until_at.is_(None))).all())


@pytest.fixture
def running(site: Site) -> tuple[int, int]:
    """A ticket in hand at a department of the county, due in several working days."""
    case_id, task_id = at_handling(site)
    assert site.browser("handler").post(f"/tasks/{task_id}/sign").status_code == 303
    return case_id, task_id


def settle(site: Site) -> None:
    site.run(
        lambda world: world.work(
            world.now + background_recalculations.SETTLE + timedelta(seconds=1)
        )
    )


def test_it_shows_what_it_would_shorten_then_shortens_and_gives_back(
    site: Site, running: tuple[int, int]
) -> None:
    case_id, task_id = running
    leader, before = site.browser("county_leader"), due(site, task_id)
    asked = {**PROFILE, "unit": unit_id(site, "620725")}
    page = leader.post(NEW, asked)
    text = plain(page)
    assert page.status_code == 200 and on(site) == 0
    assert "山网〔2026〕0001" in text and "→" in text and "确认启动应急状态" in text
    waiting = site.open(summary="尚未签收")
    text = plain(leader.post(NEW, asked))
    assert "受理 · 签收时限 4 个工作小时 → 2 个工作小时" in text and waiting

    assert leader.post(NEW, {**asked, "confirmed": "yes"}).status_code == 303
    assert on(site) == 1 and due(site, task_id) == before
    settle(site)
    shorter = due(site, task_id)
    assert before is not None and shorter is not None and shorter < before
    told = plain(site.browser("handler").get(f"/cases/{case_id}/clocks"))
    assert "处于应急状态，按平时的 50% 计算" in told and "应急状态变更" in told
    listed = plain(leader.get("/supervision/emergencies"))
    assert "防汛" in listed and "按平时时限的 50%" in listed

    off = f"/supervision/emergencies/{unit_id(site, '620725')}/off"
    assert "→" in plain(leader.get(off))
    empty = leader.post(off, {"reason": " "})
    assert empty.status_code == 422 and "请填写理由" in plain(empty)
    assert leader.post(off, {"reason": "汛情解除"}).status_code == 303
    settle(site)
    assert due(site, task_id) == before and on(site) == 0
    assert "汛情解除" in plain(leader.get("/supervision/emergencies"))
    again = leader.post(off, {"reason": "汛情解除"})
    assert again.status_code == 409 and "已恢复常态" in plain(again)


def test_it_takes_explicit_limits_for_steps(site: Site) -> None:
    """A working hour to accept, whatever the percentage."""
    leader = site.browser("town_leader")
    rows = {"step-0": "ticket/accept", "amount-0": "1", "unit-0": "working_hours"}
    asked = {**PROFILE, "factor": "100", "unit": unit_id(site, "T1"), **rows}
    assert leader.post(NEW, {**asked, "confirmed": "yes"}).status_code == 303
    case_id = site.open()
    task = site.run(lambda world: world.task(case_id))
    assert (task.limit_amount, task.limit_unit) == (1, "working_hours")
    assert "1 个工作小时" in plain(leader.get("/supervision/emergencies"))


def test_it_says_what_is_wrong(site: Site) -> None:
    leader = site.browser("county_leader")
    unit = unit_id(site, "620725")
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({"factor": "0"}, "百分比"),
        ({"factor": "100"}, "低于 100"),
        ({"reason": " "}, "请填写理由"),
        ({"amount-0": "x"}, "整数"),
        ({"amount-0": "1", "step-0": "nonsense"}, "整数"),
    )
    for fields, says in wrong:
        page = leader.post(NEW, {**PROFILE, "unit": unit, **fields})
        assert page.status_code == 422 and says in plain(page), fields


def test_it_is_for_leaders_of_the_area_alone(site: Site) -> None:
    unit = unit_id(site, "620725")
    for login in ("county_supervisor", "handler"):
        browser = site.browser(login)
        assert browser.get(NEW).status_code == 404
        assert browser.post(NEW, {**PROFILE, "unit": unit, "confirmed": "yes"}).status_code == 404
    town = site.browser("town_leader")
    assert town.post(NEW, {**PROFILE, "unit": unit, "confirmed": "yes"}).status_code == 404
    assert town.post(f"/supervision/emergencies/{unit}/off", {"reason": "x"}).status_code == 404
    assert on(site) == 0
    assert site.browser("county_supervisor").get("/supervision/emergencies").status_code == 200
    assert site.browser("handler").get("/supervision/emergencies").status_code == 404


def test_it_says_so_on_the_desk_and_the_board_of_those_it_concerns(site: Site) -> None:
    """Whoever is under it or over it is told; a sibling is not, and nobody is once it is off."""
    banner = "应急状态（平战结合）：期限比平时短"
    under, over = ("worker", "grid_leader", "town_leader", "dispatcher"), ("county_supervisor",)
    for code, others in (("T1", ("handler", "sibling")), ("V1", ("handler", "sibling"))):
        leader = site.browser("town_leader")
        asked = {**PROFILE, "unit": unit_id(site, code), "confirmed": "yes"}
        assert leader.post(NEW, asked).status_code == 303
        told = [
            one for one in (*under, *over, *others) if banner in plain(site.browser(one).get("/"))
        ]
        assert told == [*under, *over], code
        board = plain(site.browser("county_supervisor").get("/supervision"))
        assert "按平时时限的 50%" in board and "防汛" in board and "查看应急状态" in board
        assert "查看应急状态" not in plain(site.browser("worker").get("/"))
        off = f"/supervision/emergencies/{asked['unit']}/off"
        assert leader.post(off, {"reason": "汛情解除"}).status_code == 303
        for login in (*under, *over):
            assert banner not in plain(site.browser(login).get("/"))


def test_what_is_felt_is_what_concerns(site: Site) -> None:
    """The banner's rule asks no database, and says of everybody what the page's own rule says."""

    def compare(world: World) -> set[bool]:
        seen = set()
        with reading() as db:
            for unit in db.scalars(select(Unit)):
                above = tuple(getattr(unit, f"at_{level}") for level in STAMPED_LEVELS)
                profile = ActiveProfile(1, unit.id, unit.name, world.now, 50, above=above)
                for login in world.logins:
                    actor = world.actor(db, login)
                    felt = emergencies.felt([profile], actor) == (profile,)
                    assert felt == emergencies.concerns(actor, unit), (login, unit.code)
                    seen.add(felt)
        return seen

    assert site.run(compare) == {True, False}
