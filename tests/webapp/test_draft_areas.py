"""A draft belongs to the unit for which it is drawn: those of another county have no part in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from engine.models import DraftFile, DraftRemark, Outbox, Post, ProcessDraft, Unit, User, new_id
from engine.roles import EDITOR, PUBLISHER
from engine.storage.db import reading, transaction
from tests.webapp.policy_desk import as_json, draft, files, shown, staff, version_of
from tests.webapp.site import Site
from tests.webapp.test_admin import appoint
from tests.webapp.test_duties import neighbour
from tests.webapp.test_review import post, submitted

FOREIGN = (("foreign_editor", EDITOR), ("foreign_publisher", PUBLISHER))
STRANGE = "620723"


@pytest.fixture(autouse=True)
def two_counties(site: Site) -> None:
    """Both have people who draw and people who publish; somebody does one here and one there."""
    staff(site)
    neighbour(site)
    for login, role in FOREIGN:
        appoint(site, login, STRANGE, role)


def seat(site: Site, login: str, code: str, role: str) -> None:
    """One more post for somebody who has one elsewhere."""

    def write(_world: object) -> None:
        with transaction() as db:
            unit = db.scalars(select(Unit.id).where(Unit.code == code)).one()
            user = db.scalars(select(User.id).where(User.login == login)).one()
            now = site.world.now
            db.add(Post(id=new_id(), unit_id=unit, role=role, user_id=user, from_at=now))

    site.run(write)


def addresses(site: Site) -> Iterator[tuple[str, str]]:
    """Every address of pages and interface that names a draft, with its methods."""
    for rule in site.app.url_map.iter_rules():
        if "/drafts/<int:" in rule.rule:
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT"}):
                yield method, re.sub(r"<int:(id|draft_id)>", "{draft}", rule.rule)


def standing(site: Site, one: int) -> tuple[object, ...]:
    """What a draft is, what was saved in it and said about it."""
    with site.app.app_context(), reading() as db:
        row = db.get_one(ProcessDraft, one)
        counted = [
            db.scalar(select(func.count()).select_from(table).where(table.draft_id == one))
            for table in (DraftFile, DraftRemark)
        ]
        return row.stage, row.revision, row.approver_id, row.ended_at, *counted


@pytest.mark.parametrize("login", [login for login, _role in FOREIGN])
def test_no_address_lets_those_of_another_county_at_a_draft(site: Site, login: str) -> None:
    one = submitted(site)
    before = standing(site, one)
    tried = 0
    for method, path in addresses(site):
        path = path.replace("{draft}", str(one)).replace("<stem>", "happy")
        browser = site.browser(login)
        if method == "POST" and path.startswith("/policy") and "preview" not in path:
            body = {**shown(site, one), "body": "外县", "reason": "外县", "where": "all"}
            answer = browser.post(path, body)
        else:
            sent = {"form": "{}"} if "preview" in path else {"revision": 1, "files": {}}
            answer = as_json(browser, method, path, sent if method != "GET" else None)
        assert answer.status_code == 404, (method, path)
        tried += 1
    assert tried > 15
    assert standing(site, one) == before


def test_it_is_in_no_list_of_another_county_and_nobody_there_is_told(site: Site) -> None:
    one = submitted(site)
    for login, _role in FOREIGN:
        for path in ("/policy/processes", "/policy/processes/ticket"):
            assert f"/drafts/{one}" not in site.browser(login).get(path).text
    assert f"/drafts/{one}" in site.browser("publisher").get("/policy/processes").text
    with site.app.app_context(), reading() as db:
        told = set(db.scalars(select(Outbox.user_id).where(Outbox.key == "draft.submitted")))
    assert told == {site.world.logins["publisher"]}


def test_each_power_counts_where_its_post_is(site: Site) -> None:
    """Who draws here and publishes there changes nothing of theirs, nor approves ours."""
    appoint(site, "both", STRANGE, EDITOR)
    seat(site, "both", "620725", PUBLISHER)
    ours = draft(site)
    found = files(site, ours, "both")
    path = f"/policy/drafts/{ours}/files"
    body = {"revision": found["revision"], "files": {"forms/ticket/accept.json": None}}
    assert as_json(site.browser("both"), "PUT", path, body).status_code == 403
    assert post(site, "both", ours, "discard").status_code == 403
    theirs = submitted(site, "foreign_editor")
    assert post(site, "both", theirs, "publish", where="all").status_code == 403
    assert version_of(site) == shown(site, theirs)["compared"]


def test_those_above_see_to_the_drafts_below(site: Site) -> None:
    appoint(site, "city_publisher", "6207", PUBLISHER)
    one = submitted(site)
    assert post(site, "city_publisher", one, "send-back", body="请补充").status_code == 303
