"""A process that nobody programmed: begun on a page, published by a second person, followed."""

from __future__ import annotations

import pytest

from engine.definitions import versions
from engine.models import Case, Task, Version
from engine.storage.db import reading
from tests.webapp.policy_desk import as_json, files, shown, staff, version_of
from tests.webapp.site import Site, plain

NEW = "/policy/drafts/new"
TYPED = {"process": "flood", "name": "防汛巡查", "name_en": "Flood watch"}


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


def begun(site: Site, **typed: object) -> int:
    """Begin a process; returns its draft."""
    answer = site.browser("editor").post(NEW, {**TYPED, **typed})
    assert answer.status_code == 303, plain(answer)
    return int(answer.headers["Location"].rstrip("/").split("/")[-1])


def published(site: Site, one: int) -> None:
    """Submitted by its author, published by the other."""
    for login, verb, fields in (
        ("editor", "submit", {"reason": "新的工作"}),
        ("publisher", "publish", {"where": "all"}),
    ):
        sent = {**fields, **(shown(site, one) if verb == "publish" else {})}
        answer = site.browser(login).post(f"/policy/drafts/{one}/{verb}", sent)
        assert answer.status_code == 303, plain(answer)


def test_it_is_begun_published_and_followed(site: Site) -> None:
    one = begun(site)
    checked = as_json(site.browser("editor"), "POST", f"/policy/drafts/{one}/check").get_json()
    assert [finding for file in checked["files"] for finding in file["findings"]] == []
    published(site, one)
    assert "防汛巡查" in plain(site.browser("editor").get("/policy/processes"))

    clerk = site.browser("dispatcher")
    assert "防汛巡查" in plain(clerk.get("/cases/new/flood"))
    opened = clerk.post("/cases/new/flood", {"summary": "河堤有渗水", "place": "G1"})
    assert opened.status_code == 303, plain(opened)
    with site.app.app_context(), reading() as db:
        case = db.query(Case).filter_by(process="flood").one()
        task = db.query(Task).filter_by(case_id=case.id, done_at=None).one()
        version = db.get_one(Version, case.version_id)
    assert "防汛" in case.number and case.title == "河堤有渗水"
    assert task.node_id == "handle" and version.name_en == "Flood watch"


def test_it_is_begun_like_one_that_is_there(site: Site) -> None:
    one = begun(site, like=version_of(site))
    found = files(site, one)
    assert found["process"] == "flood" and "processes/flood/flood.bpmn" in found["files"]
    with site.app.app_context(), reading() as db:
        assert len(found["files"]) == len(versions.files_of(db, version_of(site)))
    published(site, one)
    page = site.browser("worker").get("/cases/new/flood")
    assert page.status_code == 200 and "防汛巡查" in plain(page)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"process": "Flood"}, "小写英文字母"),
        ({"process": "../x"}, "小写英文字母"),
        ({"process": "escalation"}, "小写英文字母"),
        ({"process": "ticket"}, "已有这个代码"),
        ({"name": "  "}, "请填写名称"),
    ],
)
def test_it_says_what_will_not_do(site: Site, typed: dict[str, str], words: str) -> None:
    answer = site.browser("editor").post(NEW, {**TYPED, **typed})
    assert answer.status_code == 422 and words in plain(answer)


def test_it_is_like_nothing_that_is_not_there(site: Site) -> None:
    assert site.browser("editor").post(NEW, {**TYPED, "like": "1"}).status_code == 404


def test_it_is_begun_by_editors_alone(site: Site) -> None:
    assert NEW in site.browser("editor").get("/policy/processes").text
    assert NEW not in site.browser("publisher").get("/policy/processes").text
    assert site.browser("publisher").post(NEW, TYPED).status_code == 403
    assert site.browser("town_leader").get(NEW).status_code == 404
    assert site.browser("town_leader").post(NEW, TYPED).status_code == 404
