"""No byte that a person made leaves as a page: the whole URL map is walked for it."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.models import Attachment, Notice, Unit, Version
from engine.storage.db import reading
from tests.conftest import ROOT
from tests.webapp.policy_desk import draft, staff
from tests.webapp.site import Site
from webapp.downloads import NOTHING

# What sends files; the walk finds every other one, and then this list is out of date.
FILES = {
    "desk.attachment": "image/jpeg",
    "desk.diagram_file": "application/bpmn+xml",
    "drafts.files": "application/json",
    "escalations.board_workbook": None,
    "policy.draft_diagram": "application/bpmn+xml",
    "policy.files": "application/json",
    "policy.version_diagram": "application/bpmn+xml",
    "reports.workbook": None,
}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Answers to scripts and to the machine: our own words in JSON or plain text, no file in them.
ANSWERS = {"application/json", "text/plain", "text/xml"}
# Who is asked for the addresses of which part; the grid leader for all others.
PEOPLE = {
    "policy": "editor",
    "drafts": "editor",
    "reports": "county_supervisor",
    "escalations": "county_supervisor",
}


@pytest.fixture
def known(site: Site) -> dict[str, Any]:
    """A value for every argument of an address, of things that exist."""
    staff(site)
    case_id = site.run(lambda world: world.open(photos=[world.photo()]))
    task_id = site.run(lambda world: world.task(case_id).id)
    one = draft(site)
    with site.app.app_context(), reading() as db:
        attachment = db.scalars(select(Attachment.id)).first()
        version = db.scalars(select(Version.id).where(Version.process == "ticket")).first()
        unit = db.scalars(select(Unit.id)).first()
        notice = db.scalars(select(Notice.id)).first()
    return {
        "case_id": case_id,
        "task_id": task_id,
        "attachment_id": attachment,
        "draft_id": one,
        "draft": one,
        "version": version,
        "unit_id": unit,
        "user_id": site.world.logins["worker"],
        "notice_id": notice or 1,
        "process": "ticket",
        "message": "withdraw",
        "move": "urge",
        "filename": "nothing.css",
    }


def addresses(site: Site, known: dict[str, Any]) -> list[tuple[str, str]]:
    """Endpoint and path of every address that answers GET."""
    listed = []
    with site.app.test_request_context():
        for rule in site.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()):
                continue
            found = {name: known.get(name, 1) for name in rule.arguments}
            if "id" in found:
                found["id"] = known["version" if "/versions/" in rule.rule else "draft"]
            _domain, path = rule.build(found) or ("", "")
            listed.append((rule.endpoint, path))
    return listed


def guarded(answer: TestResponse) -> bool:
    """Whether a browser may neither run nor load anything of it."""
    headers = answer.headers
    return headers["Content-Security-Policy"] == NOTHING and (
        headers["X-Content-Type-Options"] == "nosniff"
    )


def test_it_sends_no_file_that_could_become_a_page(site: Site, known: dict[str, Any]) -> None:
    sent: dict[str, str] = {}
    for endpoint, path in addresses(site, known):
        login = PEOPLE.get(endpoint.partition(".")[0], "grid_leader")
        answer = site.browser(login).get(path)
        if endpoint == "static" or answer.mimetype == "text/html" or answer.status_code == 204:
            continue
        assert guarded(answer), path
        if "Content-Disposition" in answer.headers:
            assert answer.headers["Content-Disposition"].startswith("attachment"), path
            assert answer.status_code == 200, path
            sent[endpoint] = answer.mimetype
        else:
            assert answer.mimetype in ANSWERS, path
    assert sent == {endpoint: mime or WORKBOOK for endpoint, mime in FILES.items()}


def test_it_guards_a_range_and_an_unchanged_file_alike(site: Site, known: dict[str, Any]) -> None:
    leader, path = site.browser("grid_leader"), f"/attachments/{known['attachment_id']}"
    whole = leader.get(path)
    part = leader.get(path, headers={"Range": "bytes=0-9"})
    same = leader.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (whole.status_code, part.status_code, same.status_code) == (200, 206, 304)
    assert guarded(part) and part.headers["Content-Disposition"].startswith("attachment")
    assert guarded(same)


def test_it_shows_a_photo_on_a_page_of_ours(site: Site, known: dict[str, Any]) -> None:
    path = f"/attachments/{known['attachment_id']}"
    page = site.browser("grid_leader").get(f"{path}/picture")
    assert page.status_code == 200 and f'src="{path}"' in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert site.browser("water_handler").get(f"{path}/picture").status_code == 404


def test_it_builds_such_answers_in_one_place() -> None:
    """Nothing but ``downloads`` sends bytes with a media type of its own."""
    senders = {"send_file", "send_from_directory", "Response", "make_response"}
    allowed = {"webapp/downloads.py", "webapp/metrics.py"}
    found = {}
    for path in (ROOT / "webapp").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        calls = [
            getattr(node.func, "id", getattr(node.func, "attr", ""))
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
        ]
        if name not in allowed and senders & set(calls):
            found[name] = senders & set(calls)
    assert found == {}
