"""Drafts of definitions: reading their files, saving them as the next revision, checking them."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from engine import drafts, proofs, screening
from engine.db import reading, transaction
from engine.models import ProcessDraft
from webapp.account.people import current_actor
from webapp.api.schemas import Checked, DraftFiles, DraftSaved, DraftSaving, Refused
from webapp.clock import now

blueprint = Blueprint(
    "drafts", __name__, url_prefix="/api/v1/drafts", description="Drafts of definitions"
)


@blueprint.get("/<int:draft_id>/files")
@blueprint.response(200, DraftFiles)
@blueprint.alt_response(401, schema=Refused, description="No valid token or session")
@blueprint.alt_response(404, schema=Refused, description="Missing, or not the caller's to see")
def files(draft_id: int) -> dict[str, Any]:
    """Every file of the newest revision."""
    draft, content = _draft(draft_id)
    texts = {path: data.decode("utf-8", "replace") for path, data in content.items()}
    return {"revision": draft.revision, "stage": draft.stage, "files": texts}


@blueprint.put("/<int:draft_id>/files")
@blueprint.arguments(DraftSaving)
@blueprint.response(200, DraftSaved)
@blueprint.alt_response(401, schema=Refused, description="No valid token or session")
@blueprint.alt_response(403, schema=Refused, description="The caller may read it and not write")
@blueprint.alt_response(404, schema=Refused, description="Missing, or not the caller's to see")
@blueprint.alt_response(409, schema=Refused, description="Somebody was faster, or it has ended")
@blueprint.alt_response(422, schema=Refused, description="A file that is not kept, and why")
@blueprint.alt_response(503, schema=Refused, description="The checker is busy; try again")
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
@blueprint.response(200, Checked)
@blueprint.alt_response(401, schema=Refused, description="No valid token or session")
@blueprint.alt_response(404, schema=Refused, description="Missing, or not the caller's to see")
@blueprint.alt_response(503, schema=Refused, description="The checker is busy; try again")
def check(draft_id: int) -> dict[str, Any]:
    """The findings of ``fengqiao check`` over the newest revision."""
    with reading() as db:
        exhibit = proofs.exhibit(db, current_actor(), draft_id, now=now())
    report = exhibit.prove().report
    return {"revision": exhibit.draft.revision, "ok": report.ok, **report.as_json()}


def _draft(draft_id: int) -> tuple[ProcessDraft, dict[str, bytes]]:
    with reading() as db:
        draft = drafts.visible(db, current_actor(), draft_id)
        return draft, drafts.files_of(db, draft)
