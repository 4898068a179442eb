"""Rating on the following page: solved or not first, once, by who has the keys and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.models import Case, CitizenRating
from engine.storage.db import reading
from tests.engine.casework.world import DISPATCH, FEEDBACK, HANDLE, TRACK
from tests.engine.citizens.test_ratings import ACCEPTED
from tests.webapp.seats import seat
from tests.webapp.site import Browser, Site
from tests.webapp.test_citizens import MINE, follow, keys_of, open_site, send, token_in

__all__ = ["open_site"]
RATE = f"{MINE}/rate"
STEPS = (
    ("grid_leader", ACCEPTED),
    ("dispatcher", DISPATCH),
    ("handler", HANDLE),
    ("worker", TRACK),
    ("worker", FEEDBACK),
)


@pytest.fixture
def citizen(open_site: Site) -> Browser:
    """Whoever reported, on the page of the case that is at its call-back."""
    browser = open_site.browser()
    keys = keys_of(send(browser, choice="小区和物业", place="G1"))

    def handle(world: Any) -> None:
        with reading() as db:
            case_id = db.scalars(select(Case.id)).one()
        for login, answers in STEPS:
            world.complete(login, case_id, answers)

    open_site.run(handle)
    assert follow(browser, **keys).status_code == 303
    return browser


def rate(browser: Browser, **typed: Any) -> Any:
    page = browser.get(f"{MINE}/matter").text
    return browser.post(RATE, typed, token=token_in(page))


def ratings(site: Site) -> list[tuple[str, str]]:
    with site.app.app_context(), reading() as db:
        return [(one.source, one.opinion) for one in db.scalars(select(CitizenRating))]


def test_a_citizen_rates_once(open_site: Site, citizen: Browser) -> None:
    page = citizen.get(f"{MINE}/matter").text
    assert "问题解决了吗？" in page and "5 星，满意" in page
    assert rate(citizen, solved="yes", stars="5").status_code == 303
    page = citizen.get(f"{MINE}/matter").text
    assert "谢谢" in page and "已办结" in page and "问题解决了吗？" not in page
    again = citizen.post(RATE, {"solved": "no", "words": "不行"}, token=token_in(page))
    assert again.status_code == 409 and "现在不能评价" in again.text
    assert ratings(open_site) == [("site", "satisfied")]


def test_what_is_missing_is_said_and_what_was_typed_stays(citizen: Browser) -> None:
    page = rate(citizen, solved="no", words="还是坏的。")
    assert page.status_code == 422 and "还是坏的。" in page.text
    assert 'id="rating-reasons-error"' in page.text
    assert rate(citizen, solved="no", words="还是坏的。", reasons="没有解决").status_code == 303
    assert "正在处置" in citizen.get(f"{MINE}/matter").text


def test_the_county_publishes_its_rates(open_site: Site, citizen: Browser) -> None:
    rate(citizen, solved="yes", stars="5")
    page = open_site.browser().get("/c/620725/rates").text
    assert "网上反映的按时答复" in page and "不足十件" in page


def test_without_the_keys_nobody_rates(open_site: Site, citizen: Browser) -> None:
    stranger = open_site.browser()
    token = token_in(stranger.get(MINE).text)
    answer = stranger.post(RATE, {"solved": "yes", "stars": "5"}, token=token)
    assert answer.status_code == 303 and answer.headers["Location"].endswith(MINE)
    assert ratings(open_site) == []


def test_an_administrator_says_what_stars_mean(open_site: Site, citizen: Browser) -> None:
    open_site.run(lambda world: seat(world, "boss", "62", "admin"))
    admin = open_site.browser("boss")
    page = admin.get("/admin/public-site/stars")
    assert page.status_code == 200 and "星级对应的评价" in page.text
    typed = {f"stars{n}": "dissatisfied" for n in (1, 2, 3)} | {"stars4": "mostly"}
    wrong = admin.post("/admin/public-site/stars", typed | {"stars5": "nothing"})
    assert wrong.status_code == 422
    kept = admin.post("/admin/public-site/stars", typed | {"stars5": "satisfied"})
    assert kept.status_code == 303
    assert "4 星，基本满意" in citizen.get(f"{MINE}/matter").text
    rate(citizen, solved="yes", stars="4")
    assert ratings(open_site) == [("site", "mostly")]
