"""Letters, more photos and the wish to withdraw, on the citizen's page and on the staff's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.models import Case, CitizenPhoto
from engine.storage.db import reading
from tests.webapp.site import Browser, Site
from tests.webapp.test_citizens import MINE, follow, keys_of, open_site, picture, send, token_in

__all__ = ["open_site"]
LETTERS = f"{MINE}/letters"


@pytest.fixture
def citizen(open_site: Site) -> Browser:
    browser = open_site.browser()
    assert follow(browser, **keys_of(send(browser))).status_code == 303
    return browser


def write(browser: Browser, **typed: Any) -> Any:
    page = browser.get(f"{MINE}/matter").text
    return browser.post(LETTERS, typed, token=token_in(page))


def test_a_question_is_answered_on_the_page(open_site: Site, citizen: Browser) -> None:
    assert write(citizen, kind="words", text="<b>几号修？</b>").status_code == 303
    case_id = open_site.run(lambda _world: _case_id())
    staff = open_site.browser("grid_leader")
    page = staff.get(f"/cases/{case_id}/told").text
    assert "&lt;b&gt;几号修？" in page and "群众" in page
    assert staff.post(f"/cases/{case_id}/told", {"text": "明天。"}).status_code == 303
    assert staff.post(f"/cases/{case_id}/told", {"text": " "}).status_code == 303
    page = citizen.get(f"{MINE}/matter").text
    # The unit, never the person.
    assert "明天。" in page and "<strong>南湖村</strong>" in page and "员工" not in page
    assert "群众在网上留言" in staff.get(f"/cases/{case_id}/story").text
    assert open_site.browser("sibling").post(
        f"/cases/{case_id}/told", {"text": "x"}
    ).status_code == 404  # fmt: skip
    assert "给群众留言" not in open_site.browser("county_leader").get(f"/cases/{case_id}/told").text


def _case_id() -> int:
    with reading() as db:
        return db.scalars(select(Case.id)).one()


def test_photos_and_withdrawal_are_sent_after(open_site: Site, citizen: Browser) -> None:
    assert write(citizen, kind="photos", photos=(picture(), "a.jpg")).status_code == 303
    assert write(citizen, kind="photos").status_code == 422
    assert write(citizen, kind="withdrawal", text="修好了").status_code == 303
    assert write(citizen, kind="withdrawal", text="修好了").status_code == 409
    assert write(citizen, kind="other", text="x").status_code == 404
    assert write(citizen, kind="words", text="").status_code == 422
    with open_site.app.app_context(), reading() as db:
        assert len(list(db.scalars(select(CitizenPhoto)))) == 1
    page = open_site.browser("grid_leader").get(
        f"/cases/{open_site.run(lambda _w: _case_id())}/told"
    )
    assert "申请撤回：请核对后" in page.text


def test_without_the_keys_nobody_writes(open_site: Site, citizen: Browser) -> None:
    stranger = open_site.browser()
    token = token_in(stranger.get(MINE).text)
    answer = stranger.post(LETTERS, {"kind": "words", "text": "x"}, token=token)
    assert answer.status_code == 303 and answer.headers["Location"].endswith(MINE)
