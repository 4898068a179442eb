"""What the editor asks for: the files of a draft, saving them, their check, who is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from engine.drafting import drafts, prepublish_check, screening
from engine.models import ProcessDraft
from engine.storage.db import reading, transaction
from webapp import downloads
from webapp.account.people import current_actor, unattended
from webapp.clock import now
from webapp.locales import localize
from webapp.policy import blueprint, vocabulary

Answer = Response | tuple[Response, int]


@blueprint.get("/drafts/<int:id>/files")
def files(id: int) -> Answer:
    """Every file of the newest revision, and the words that the editor offers."""
    with reading() as db:
        draft = drafts.visible(db, current_actor(), id)
        content = drafts.files_of(db, draft, _revision(draft))
        present = drafts.visitors(db, id, now())
    answer = jsonify(
        revision=draft.revision,
        process=draft.process,
        title=draft.title,
        stage=draft.stage,
        files={path: data.decode("utf-8", "replace") for path, data in content.items()},
        context=vocabulary.of(content),
        people=_people(present),
    )
    answer.headers.update(downloads.headers("files.json"))
    return answer


@blueprint.put("/drafts/<int:id>/files")
def save(id: int) -> Answer:
    """Keep changed files as the next revision; 409 where somebody was faster."""
    revision, changes = _posted_files()
    with reading() as db:
        process = drafts.visible(db, current_actor(), id).process
    try:
        # In a child process, so before the transaction.
        screening.screen(process, {path: one for path, one in changes.items() if one is not None})
        with transaction() as db:
            draft = drafts.save(db, current_actor(), id, revision, changes, now=now())
    except drafts.OutdatedDraft as error:
        told = {"revision": error.revision, "by": error.by, "at": error.at.isoformat()}
        return jsonify(message=localize(error.text), **told), 409
    except drafts.InvalidInput as error:
        errors = {path: text.json() for path, text in error.errors.items()}
        return jsonify(message=localize(error.text), errors=errors), 422
    return jsonify(revision=draft.revision, saved_at=draft.changed_at.isoformat())


@blueprint.post("/drafts/<int:id>/check")
def check(id: int) -> Answer:
    """The document of ``fengqiao check --json`` over the newest revision."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), id, now=now())
    report = exhibit.prove().report
    return jsonify(revision=exhibit.draft.revision, **report.as_json())


@blueprint.post("/drafts/<int:id>/here")
@unattended
def report_draft_presence(id: int) -> Answer:
    """Record that the draft is open in a page; return who else has it open."""
    with transaction() as db:
        draft = drafts.visible(db, current_actor(), id)
        present = drafts.arrive(db, current_actor(), id, now=now())
    return jsonify(revision=draft.revision, stage=draft.stage, people=_people(present))


def _people(present: list[drafts.DraftReader]) -> list[dict[str, Any]]:
    mine = current_actor().user_id
    return [
        {"name": one.name, "me": one.user_id == mine, "seen_at": one.seen_at.isoformat()}
        for one in present
    ]


def _revision(draft: ProcessDraft) -> int:
    """Return the revision asked for in the address, else the newest."""
    asked = request.args.get("revision", "")
    known = asked.isascii() and asked.isdigit() and len(asked) < 9
    return min(int(asked), draft.revision) if known else draft.revision


def _posted_files() -> tuple[int, dict[str, bytes | None]]:
    document = request.get_json(silent=True)
    if not isinstance(document, Mapping):
        raise BadRequest()
    revision, sent = document.get("revision"), document.get("files")
    if not isinstance(revision, int) or not isinstance(sent, Mapping):
        raise BadRequest()
    if not all(text is None or isinstance(text, str) for text in sent.values()):
        raise BadRequest()
    # A lone surrogate is no text; as a question mark it fails the check instead of the server.
    return revision, {
        path: None if text is None else text.encode("utf-8", "replace")
        for path, text in sent.items()
    }
