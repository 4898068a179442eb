"""Drafts as the editor sees them: loaded, saved by revision, checked, shared by two people."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.definitions import versions
from engine.models import DraftFile, ProcessDraft, Version
from engine.storage.db import reading, transaction
from tests.engine.bpmn.check.hostile import entities, not_xml
from tests.webapp.policy_desk import as_json, draft, files, save, staff, version_of
from tests.webapp.site import Site
from webapp.policy.editor import NEXT_STEPS

DIAGRAM = "processes/ticket/ticket.bpmn"
ADDRESSES = (
    ("GET", "/policy/processes"),
    ("GET", "/policy/drafts/{}"),
    ("GET", "/policy/drafts/{}/files"),
    ("PUT", "/policy/drafts/{}/files"),
    ("POST", "/policy/drafts/{}/check"),
    ("POST", "/policy/drafts/{}/here"),
)


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


def test_it_gives_the_editor_files_and_words(site: Site) -> None:
    found = files(site, draft(site))

    with site.app.app_context(), reading() as db:
        frozen = versions.files_of(db, version_of(site))
    assert {path: text.encode() for path, text in found["files"].items()} == frozen
    assert found["revision"] == 1 and found["process"] == "ticket"
    context = found["context"]
    assert "ticket/accept" in {form["key"] for form in context["forms"]}
    fields = {field["name"]: field for field in context["fields"]["ticket/accept"]}
    assert fields["acceptance"]["kind"] == "choice"
    assert "上报分流" in {choice["value"] for choice in fields["acceptance"]["choices"]}
    assert {"hand_up"} <= {action["name"] for action in context["actions"]}


def test_it_offers_every_next_step(site: Site) -> None:
    """A step whose page was renamed would vanish from the editor without a word."""
    known = site.app.view_functions
    assert [endpoint for endpoint, _words in NEXT_STEPS if endpoint not in known] == []
    page = site.browser("editor").get(f"/policy/drafts/{draft(site)}")
    assert all(str(words) in page.text for _endpoint, words in NEXT_STEPS)


def test_it_saves_a_revision_and_keeps_the_older_one(site: Site) -> None:
    one = draft(site)
    before = files(site, one)["files"][DIAGRAM]
    after = before.replace('name="受理"', 'name="受理核实"')
    assert after != before

    saved = save(site, one, 1, {DIAGRAM: after})
    assert (saved.status_code, saved.get_json()["revision"]) == (200, 2)
    assert files(site, one)["files"][DIAGRAM] == after
    older = site.browser("editor").get(f"/policy/drafts/{one}/files?revision=1").get_json()
    assert older["files"][DIAGRAM] == before


def test_it_deletes_a_file_and_makes_no_revision_of_nothing(site: Site) -> None:
    one = draft(site)
    path = "forms/ticket/withdraw.json"
    same = files(site, one)["files"][path]
    assert save(site, one, 1, {path: same}).get_json()["revision"] == 1
    assert save(site, one, 1, {path: None}).get_json()["revision"] == 2
    assert path not in files(site, one)["files"]


def test_it_tells_the_slower_one_who_was_faster(site: Site) -> None:
    one = draft(site)
    text = files(site, one)["files"][DIAGRAM]
    assert save(site, one, 1, {DIAGRAM: text + "\n"}).status_code == 200

    late = save(site, one, 1, {DIAGRAM: text + "\n\n"}, login="second_editor")
    assert late.status_code == 409
    assert late.get_json()["revision"] == 2 and late.get_json()["by"] == "员工editor"
    assert files(site, one)["files"][DIAGRAM] == text + "\n"


def test_it_tells_two_people_of_each_other(site: Site) -> None:
    one = draft(site)
    as_json(site.browser("editor"), "POST", f"/policy/drafts/{one}/here")
    heard = as_json(site.browser("second_editor"), "POST", f"/policy/drafts/{one}/here").get_json()
    assert {person["name"]: person["me"] for person in heard["people"]} == {
        "员工editor": False,
        "员工second_editor": True,
    }


def test_it_checks_a_draft_in_both_languages(site: Site) -> None:
    one = draft(site)
    fine = as_json(site.browser("editor"), "POST", f"/policy/drafts/{one}/check").get_json()
    assert all(file["ok"] for file in fine["files"])
    text = files(site, one)["files"][DIAGRAM]
    save(site, one, 1, {DIAGRAM: text.replace('role="grid_leader"', 'role="king"')})

    found = as_json(site.browser("editor"), "POST", f"/policy/drafts/{one}/check").get_json()
    findings = [finding for file in found["files"] for finding in file["findings"]]
    wrong = next(finding for finding in findings if finding["rule"] == "unknown-role")
    assert found["revision"] == 2 and wrong["message"]["zh_CN"] and wrong["remedy"]["en"]


@pytest.mark.parametrize("name", ["laughs.bpmn", "passwd.bpmn", "xinclude.bpmn"])
def test_it_stores_nothing_hostile(site: Site, name: str) -> None:
    refused(site, "processes/ticket/ticket.bpmn", entities()[name])


@pytest.mark.parametrize("name", ["picture.bpmn", "deep.bpmn", "broken.json", "deep.json"])
def test_it_stores_nothing_that_cannot_be_read(site: Site, name: str) -> None:
    folder = "forms" if name.endswith(".json") else "processes"
    refused(site, f"{folder}/ticket/{name}", not_xml()[name])


@pytest.mark.parametrize(
    "path",
    ["processes/dispute/dispute.bpmn", "../x.bpmn", "processes/ticket/../../x.bpmn", "x.bpmn", ""],
)
def test_it_keeps_no_file_of_another_place(site: Site, path: str) -> None:
    refused(site, path, files(site, draft(site))["files"][DIAGRAM].encode())


def refused(site: Site, path: str, content: bytes) -> None:
    one = draft(site)
    answer = save(site, one, 1, {path: content.decode("utf-8", "replace")})
    assert answer.status_code == 422
    assert all(words["zh_CN"] and words["en"] for words in answer.get_json()["errors"].values())
    with site.app.app_context(), reading() as db:
        assert db.get_one(ProcessDraft, one).revision == 1
        assert db.scalar(select(DraftFile).where(DraftFile.revision > 1)) is None


@pytest.mark.parametrize(
    "body", [None, [], {}, {"revision": 1}, {"revision": 1, "files": {"a": 1}}]
)
def test_it_refuses_what_is_no_save(site: Site, body: object) -> None:
    one = draft(site)
    answer = as_json(site.browser("editor"), "PUT", f"/policy/drafts/{one}/files", body)
    assert answer.status_code == 400


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_it_shows_drafts_to_nobody_else(site: Site, method: str, address: str) -> None:
    path = address.format(draft(site))
    stranger = site.browser("town_leader")
    body = {"revision": 1, "files": {}}
    answer = stranger.get(path) if method == "GET" else as_json(stranger, method, path, body)
    assert answer.status_code == 404


def test_it_lets_a_publisher_read_and_not_write(site: Site) -> None:
    one = draft(site)
    text = files(site, one, "publisher")["files"][DIAGRAM]
    assert save(site, one, 1, {DIAGRAM: text + "\n"}, login="publisher").status_code == 403


def test_it_asks_for_the_token_of_the_page(site: Site) -> None:
    one = draft(site)
    answer = as_json(
        site.browser("editor"), "PUT", f"/policy/drafts/{one}/files", {"revision": 1}, token="x"
    )
    assert answer.status_code in (400, 401)


def test_the_database_wants_two_people_for_a_version(site: Site) -> None:
    """Whatever the code does: who wrote it never published it."""
    editor = site.world.logins["editor"]
    with (
        site.app.app_context(),
        pytest.raises(IntegrityError),
        transaction() as db,
    ):
        version = db.get_one(Version, version_of(site))
        version.author_id = version.publisher_id = editor
