"""Attachments: downloaded as files, never opened as pages of ours."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from engine import casefile, documents, filing, unmask
from engine.db import reading, transaction
from engine.errors import Rejected
from engine.policy import Actor
from webapp import logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint
from webapp.locales import say

# Pictures may show inside our own pages; everything else is only ever downloaded.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})


@blueprint.post("/tasks/<int:task_id>/files")
def add_file(task_id: int) -> Response:
    """Add files to the case of a task that I work on."""
    actor = current_actor()
    with reading() as db:
        case_id = casefile.case_of_task(db, task_id)
        logs.bind_case(case_id)
        casefile.open_file(db, actor, case_id)
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    if not uploads:
        flash(_("请先选择文件。"), "warning")
    for upload in uploads:
        _add(actor, task_id, upload)
    return redirect(url_for("desk.materials", case_id=case_id), 303)


def _add(actor: Actor, task_id: int, upload: FileStorage) -> None:
    name = upload.filename or ""
    try:
        with transaction() as db:
            filing.file(db, actor, task_id, cast(BinaryIO, upload.stream), name, now=now())
    except Rejected as error:
        words = say(next(iter(error.errors.values())))
        flash(_("%(name)s：%(words)s", name=name[:80], words=words), "danger")
    else:
        flash(_("%(name)s 已上传。", name=name[:80]), "success")


@blueprint.get("/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> Response:
    """The content of an attachment, under the name it was uploaded with."""
    with reading() as db:
        row = casefile.material(db, current_actor(), attachment_id)
    if row.case_id is not None:
        logs.bind_case(row.case_id)
    if (row.proof or {}).get("document"):
        # Made by the system out of everything that was said, names and numbers in clear.
        with transaction() as db:
            unmask.open_document(db, current_actor(), row, now=now())
    inline = "show" in request.args and row.mime in SHOWN
    response = send_file(
        documents.path_of(row),
        mimetype=row.mime,
        as_attachment=not inline,
        download_name=documents.name_of(row),
        conditional=True,
        etag=row.digest,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
