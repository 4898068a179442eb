"""What moves say in the story of a case and in notices."""

from __future__ import annotations

import ast
import re

from engine.casework import cases, moves
from engine.storage.db import transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, DISPATCH, World
from tests.test_architecture import ROOT
from tests.webapp.site import Site, plain
from webapp.desk import timeline, timeline_moves


def walk(world: World) -> int:
    """Handed over, urged, suspended, resumed: a day of moves on one ticket."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    task_id = world.task(case_id).id
    for login, use, more in (
        ("department_leader", moves.assign, (world.logins["handler"],)),
        ("county_supervisor", moves.urge, ()),
        ("handler", moves.suspend, ("evidence", "等检测报告")),
        ("handler", moves.resume, ()),
        ("handler", cases.release, ()),
    ):
        with transaction() as db:
            use(db, world.actor(db, login), task_id, *more, now=world.now)
    ticks.deliver(world.now)
    return case_id


def test_it_shows_a_suspended_task_as_standing_still(site: Site) -> None:
    """A grey lamp with its word, and since when; not green, as if nothing had a limit."""

    def pause(world: World) -> int:
        case_id = world.open()
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)
        task_id = world.task(case_id).id
        for use, more in ((cases.sign, ()), (moves.suspend, ("party", "当事人外出"))):
            with transaction() as db:
                use(db, world.actor(db, "handler"), task_id, *more, now=world.now)
        return case_id

    answer = site.browser("handler").get(f"/cases/{site.run(pause)}")

    assert '<span class="lamp lamp-grey">暂停</span>' in answer.text
    assert "起暂停" in plain(answer)


def test_it_tells_the_moves_in_the_story(site: Site) -> None:
    """Who did what to which step; the note of a pause is not for every reader."""
    case_id = site.run(walk)
    page = plain(site.browser("handler").get(f"/cases/{case_id}/story"))

    for words in ("指派“处置”", "催办“处置”", "暂停“处置”：调查取证", "恢复办理“处置”"):
        assert words in page, words
    assert "系统记录：task." not in page
    assert "等检测报告" not in page


def test_it_names_the_move_in_a_notice(site: Site) -> None:
    """The person who got the task reads that it was assigned and urged, not of some news."""
    site.run(walk)
    page = plain(site.browser("handler").get("/notices"))

    assert "指派给您" in page and "催办：" in page


def test_every_event_that_is_recorded_has_words() -> None:
    """Nobody reads “系统记录：file.refused” in the story of a case."""
    kinds = {
        one.value
        for path in (ROOT / "engine").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record"
        for one in node.args[:2]
        if isinstance(one, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z_]+", str(one.value))
    }
    # Of the administration: returns belong to no case.
    kinds = {one for one in kinds if not one.startswith("return.")}
    assert len(kinds) > 20
    known = timeline.TELLERS.keys() | timeline_moves.TELLERS.keys() | timeline.SILENT
    assert kinds - known == set()
