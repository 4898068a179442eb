"""A supervisor's notices of escalations: one digest a day, what is new on top, one at the bell."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import update

from engine.models import Case
from engine.storage.db import transaction
from tests.engine.casework.world import FRIDAY_9AM, World
from tests.webapp.site import Site, plain

FOLDED = re.compile(r"升级汇总：(\d+) 条，未读 (\d+) 条")
ESCALATED = "下级超期，已提级至您"


def late(site: Site, number: int, *, urgent: bool = False) -> None:
    """Tickets that nobody signs for, until the county has heard of them for a week."""

    def act(world: World) -> None:
        for _ in range(number):
            case_id = world.open()
            if urgent:
                with transaction() as db:
                    db.execute(update(Case).where(Case.id == case_id).values(priority="紧急"))
        world.work(FRIDAY_9AM + timedelta(days=14))
        world.now = FRIDAY_9AM + timedelta(days=14)

    site.run(act)


def bell(page: str) -> int:
    found = re.search(r'count count-red">(\d+)', page)
    return int(found[1]) if found else 0


def test_what_is_late_comes_as_one_line_and_counts_as_one(site: Site) -> None:
    late(site, 4)
    browser = site.fresh("town_supervisor")
    page = browser.get("/notices")
    assert FOLDED.findall(page.text) == [("4", "4")]
    assert plain(page).count(ESCALATED) == 4
    assert bell(page.text) == 1
    assert bell(browser.get("/notices/unread").text) == 1


def test_what_a_supervisor_must_act_on_comes_alone(site: Site) -> None:
    late(site, 4)
    page = site.fresh("county_supervisor").get("/notices")
    assert FOLDED.search(page.text) is None
    assert bell(page.text) == plain(page).count("请督办：") == 4


def test_others_see_each_notice(site: Site) -> None:
    late(site, 4)
    page = site.fresh("county_leader").get("/notices")
    assert FOLDED.search(page.text) is None
    assert bell(page.text) == plain(page).count(ESCALATED) == 4


def test_an_urgent_case_is_told_by_itself(site: Site) -> None:
    late(site, 3, urgent=True)
    page = site.fresh("town_supervisor").get("/notices")
    assert FOLDED.search(page.text) is None
    assert bell(page.text) == plain(page).count(ESCALATED) == 3
