"""Drafts of definitions: reading their files, saving them as the next revision, checking them."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from werkzeug.datastructures import Headers

from engine.drafting import drafts, prepublish_check, screening
from engine.models import ProcessDraft
from engine.storage.db import reading, transaction
from webapp import downloads
from webapp.account.people import current_actor, scoped
from webapp.api.refusals import refuses
from webapp.api.schemas import CheckResultSchema, DraftFiles, DraftSaved, DraftSaving
from webapp.clock import now

blueprint = Blueprint(
    "drafts", __name__, url_prefix="/api/v1/drafts", description="Drafts of definitions"
)


@blueprint.get("/<int:draft_id>/files")
@scoped("drafts.read")
@blueprint.response(200, DraftFiles)
@refuses(blueprint, 404)
def files(draft_id: int) -> tuple[dict[str, Any], int, Headers]:
    """Every file of the newest revision."""
    draft, content = _draft(draft_id)
    texts = {path: data.decode("utf-8", "replace") for path, data in content.items()}
    found = {"revision": draft.revision, "stage": draft.stage, "files": texts}
    return found, 200, downloads.headers("files.json")


@blueprint.put("/<int:draft_id>/files")
@scoped("drafts.write")
@blueprint.arguments(DraftSaving)
@blueprint.response(200, DraftSaved)
@refuses(
    blueprint,
    404,
    503,
    others={
        403: "The caller may read it and not write",
        409: "Somebody was faster, or it has ended",
        422: "A file that is not kept, and why",
    },
)
def save(body: dict[str, Any], draft_id: int) -> dict[str, Any]:
    """Keep changed files as the next revision; null deletes one."""
    actor = current_actor()
    draft, _content = _draft(draft_id)
    changes = {
        path: None if text is None else text.encode("utf-8", "replace")
        for path, text in body["files"].items()
    }
    # In a child process, so before the transaction.
    screening.screen(draft.process, {p: data for p, data in changes.items() if data is not None})
    with transaction() as db:
        saved = drafts.save(db, actor, draft_id, body["revision"], changes, now=now())
    return {"revision": saved.revision}


@blueprint.post("/<int:draft_id>/check")
@scoped("drafts.read")
@blueprint.response(200, CheckResultSchema)
@refuses(blueprint, 404, 503)
def check(draft_id: int) -> dict[str, Any]:
    """The findings of ``fengqiao check`` over the newest revision."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), draft_id, now=now())
    report = exhibit.prove().report
    return {"revision": exhibit.draft.revision, "ok": report.ok, **report.as_json()}


def _draft(draft_id: int) -> tuple[ProcessDraft, dict[str, bytes]]:
    with reading() as db:
        draft = drafts.visible(db, current_actor(), draft_id)
        return draft, drafts.files_of(db, draft)
