"""Drafts through the interface for programs: read, saved, checked, and hidden from others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webapp.policy_desk import draft, staff
from tests.webapp.site import Site
from tests.webapp.test_api import call, token

DIAGRAM = "processes/ticket/ticket.bpmn"


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


def ask(site: Site, method: str, path: str, login: str = "editor", **options: Any) -> Any:
    return call(site, method, f"/api/v1/drafts/{path}", headers=token(site, login), **options)


def test_it_reads_saves_and_checks(site: Site) -> None:
    one = draft(site)
    text = ask(site, "GET", f"{one}/files").json["files"][DIAGRAM]
    body = {"revision": 1, "files": {DIAGRAM: text.replace('role="grid_leader"', 'role="king"')}}
    assert ask(site, "PUT", f"{one}/files", json=body).json == {"revision": 2}

    found = ask(site, "POST", f"{one}/check").json
    assert (found["revision"], found["ok"]) == (2, False)
    rules = {finding["rule"] for file in found["files"] for finding in file["findings"]}
    assert "unknown-role" in rules


def test_it_tells_the_slower_one(site: Site) -> None:
    one = draft(site)
    body = {"revision": 1, "files": {"forms/ticket/withdraw.json": None}}
    assert ask(site, "PUT", f"{one}/files", json=body).status_code == 200
    late = {"revision": 1, "files": {"forms/ticket/rate.json": None}}
    assert ask(site, "PUT", f"{one}/files", "second_editor", json=late).status_code == 409


def test_it_says_why_a_file_is_not_kept(site: Site) -> None:
    one = draft(site)
    body = {"revision": 1, "files": {DIAGRAM: "<!DOCTYPE d><x/>"}}
    refused = ask(site, "PUT", f"{one}/files", json=body)
    assert refused.status_code == 422 and refused.json["errors"][DIAGRAM]
    assert ask(site, "GET", f"{one}/files").json["revision"] == 1


def test_it_is_read_by_publishers_and_hidden_from_others(site: Site) -> None:
    one = draft(site)
    body = {"revision": 1, "files": {"forms/ticket/withdraw.json": None}}
    assert ask(site, "GET", f"{one}/files", "publisher").status_code == 200
    assert ask(site, "PUT", f"{one}/files", "publisher", json=body).status_code == 403
    for method, path in (("GET", "files"), ("PUT", "files"), ("POST", "check")):
        options = {"json": body} if method == "PUT" else {}
        answer = ask(site, method, f"{one}/{path}", "town_leader", **options)
        assert answer.status_code == 404, path


def test_it_refuses_what_is_nested_too_deeply(site: Site) -> None:
    """The reader of JSON fails with an error of its own kind; nobody gets a 500 for it."""
    one, deep = draft(site), b"[" * 200_000
    headers = {**token(site, "editor"), "Content-Type": "application/json"}
    answer = call(site, "PUT", f"/api/v1/drafts/{one}/files", headers=headers, data=deep)
    assert answer.status_code == 400 and answer.json["message"]
