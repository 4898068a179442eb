"""Templates of papers at the policy desk: uploaded, refused, seen, published by another, used."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from sqlalchemy import select

from engine.documents.papers.catalogue import KINDS
from engine.documents.templates import starters
from engine.models import Case, Paper, PaperSignature
from engine.storage.db import reading
from tests.engine.documents.test_templates import said
from tests.webapp.policy_desk import shown, staff
from tests.webapp.site import Site, plain
from tests.webapp.test_papers_page import begun

DATA = starters.starter(KINDS["application"])


def desk(site: Site) -> str:
    """The address of a draft of the templates, begun by an editor."""
    staff(site)
    return another(site)


def another(site: Site) -> str:
    begun = site.browser("editor").post("/policy/paper-templates")
    return str(begun.headers["Location"])


def sent(data: bytes) -> dict[str, Any]:
    return {"template": (io.BytesIO(data), "a.docx")}


# Each look at a template is a process of its own.
@pytest.mark.timeout(600)
def test_a_template_is_published_by_a_second_person_and_papers_are_set_with_it(
    site: Site,
) -> None:
    path = desk(site)
    editor, publisher = site.browser("editor"), site.browser("publisher")
    draft_id = int(path.rstrip("/").split("/")[-2])
    assert "人民调解协议书" in plain(editor.get(path))
    # Nothing is typed without a file to begin with, which is refused by nobody.
    begin = editor.get(f"{path}/application.docx")
    assert begin.data == DATA and begin.mimetype.endswith("wordprocessingml.document")
    assert editor.post(f"{path}/application", sent(begin.data)).status_code == 303
    assert "本县模板" in plain(editor.get(f"{path}/application"))
    assert editor.get(f"/policy/drafts/{draft_id}").headers["Location"].endswith("/templates")
    assert editor.post(f"/policy/drafts/{draft_id}/submit", {"reason": "换版式"}).status_code == 303
    published = publisher.post(f"/policy/drafts/{draft_id}/publish", shown(site, draft_id))
    assert published.status_code == 303, plain(published)

    case_id, paper = begun(site, "application")
    mediator = site.browser("worker")
    assert mediator.post(f"{paper}/final").status_code == 303
    with site.app.app_context(), reading() as db:
        row = db.scalars(select(Paper)).one()
        number = db.get_one(Case, case_id).number
        assert row.sheet == hashlib.sha256(DATA).hexdigest()
        # A Word file leaves no boxes for names: they are on a page behind it.
        (place,) = db.scalars(select(PaperSignature)).all()
        assert (place.key, place.page) == ("party-0", 1)
    again = another(site)
    # A case that editors see is shown with its people covered; another is not found.
    assert "没有您看得到的这个编号" in plain(editor.get(f"{again}/application?case=none"))
    page = editor.get(f"{again}/application?case={number}")
    assert page.status_code == 200 and "欧阳秀兰" not in page.text


def test_a_hostile_template_is_refused_with_its_place_and_nothing_is_kept(site: Site) -> None:
    path = desk(site)
    editor = site.browser("editor")
    refused = editor.post(f"{path}/agreement", sent(said("{{ ''.__class__ }}")))
    assert refused.status_code == 422
    words = plain(refused)
    assert "正文“{{ words.facts }}" in words and "模板里不能用“__class__”" in words
    assert editor.post(f"{path}/agreement", sent(b"PK nonsense")).status_code == 422
    assert editor.post(f"{path}/agreement").status_code == 422
    assert "本县模板" not in plain(editor.get(path))
    assert (
        editor.post(f"{path}/agreement", sent(starters.starter(KINDS["agreement"]))).status_code
        == 303
    )
    # What another saved meanwhile is not overwritten.
    stale = {**sent(DATA), "revision": "1"}
    assert editor.post(f"{path}/application", stale).status_code == 409
    assert editor.post(f"{path}/agreement", {"revert": "yes"}).status_code == 303
    assert "本县模板" not in plain(editor.get(path))
    assert editor.get(f"{path}/unknown").status_code == 404
    for page in ("trial", "scenarios"):
        assert editor.get(f"{path.removesuffix('/templates')}/{page}").status_code == 404


def test_nobody_else_sees_the_templates(site: Site) -> None:
    path = desk(site)
    for login in ("worker", "county_leader"):
        assert site.browser(login).get(path).status_code == 404
        assert site.browser(login).post(f"{path}/agreement", sent(DATA)).status_code == 404
