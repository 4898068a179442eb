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
    browser = site.fresh("county_supervisor")
    page = browser.get("/notices")
    days = FOLDED.findall(page.text)
    assert days and all(int(new) == int(number) > 1 for number, new in days)
    alone = page.text.count('class="notice-line notice-unread') - len(days)
    inside = sum(int(number) for number, _new in days)
    assert bell(page.text) <= alone - inside + 1
    assert bell(browser.get("/notices/unread").text) == bell(page.text)


def test_others_see_each_notice(site: Site) -> None:
    late(site, 4)
    assert FOLDED.search(site.fresh("county_leader").get("/notices").text) is None


def test_an_urgent_case_is_told_by_itself(site: Site) -> None:
    late(site, 3, urgent=True)
    page = site.fresh("county_supervisor").get("/notices")
    assert FOLDED.search(page.text) is None
    assert "升级" in plain(page)
