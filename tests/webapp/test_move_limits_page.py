"""The county's allowances on their page: kept, refused with words, and in force at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.casework.moves.move_limits import PRESETS, REASONS, MoveLimits, move_limits
from engine.models import AdminEvent
from engine.storage.db import reading
from engine.worktime import Limit
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_admin import appoint

PAGE = "/admin/allowances"
TYPED = {
    "evidence": "7",
    "evidence_unit": "working_days",
    "expertise": "",
    "expertise_unit": "days",
    "party": "3",
    "party_unit": "days",
    "reopen": "20",
    "reopen_unit": "days",
}


@pytest.fixture
def admin(site: Site) -> Browser:
    """The county's administrator."""
    appoint(site, "boss", "620725")
    return site.browser("boss")


def kept(site: Site) -> MoveLimits:
    with site.app.app_context(), reading() as db:
        return move_limits(db)


def test_it_shows_what_is_in_force(admin: Browser) -> None:
    page = admin.get(PAGE)

    assert all(words.zh in plain(page) for words in REASONS.values())
    assert 'value="10"' in page.text and 'value="15"' in page.text


def test_it_keeps_what_was_typed_and_records_it(site: Site, admin: Browser) -> None:
    assert admin.post(PAGE, TYPED).status_code == 303

    pauses = {"evidence": Limit(7, "working_days"), "party": Limit(3, "days")}
    assert kept(site) == MoveLimits(pauses, Limit(20, "days"))
    with site.app.app_context(), reading() as db:
        kinds = list(db.scalars(select(AdminEvent.kind)))
    assert kinds.count("moves.allowances") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reopen", ""),
        ("reopen", "0"),
        ("party", "-1"),
        ("party", "1.5"),
        ("party", "99999999"),
        ("party_unit", "moons"),
    ],
)
def test_it_refuses_what_is_no_limit(site: Site, admin: Browser, field: str, value: str) -> None:
    refused = admin.post(PAGE, {**TYPED, field: value})

    said = "最多 4 位" if value.isdigit() and len(value) > 4 else "请填写 1 以上的整数和单位"
    assert refused.status_code == 422 and said in plain(refused)
    assert kept(site) == PRESETS


def test_it_is_for_administrators_of_the_whole_county(site: Site) -> None:
    appoint(site, "t2-boss", "T2")

    assert site.browser("t2-boss").get(PAGE).status_code == 404
    assert site.browser("worker").get(PAGE).status_code == 404
