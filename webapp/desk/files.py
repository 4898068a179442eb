"""Attachments: added by form or script, shown on our own pages or downloaded."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from engine.access.actors import Actor
from engine.casework import attaching, photo_position, unmask
from engine.errors import InvalidInput, NotFound
from engine.models import Attachment, Case
from engine.reading import casefile
from engine.reading import materials as materials_of
from engine.records import attachments, photos
from engine.storage.db import reading, transaction
from webapp import display, downloads, logs, resubmission
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page
from webapp.locales import localize

Answer = Response | str | tuple[Response, int]

# What shows or plays as a part of our own pages, by the name that browsers know it under.
SHOWN = {
    "image/jpeg": "image/jpeg",
    "image/png": "image/png",
    "image/webp": "image/webp",
    "audio/mpeg": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/ogg": "audio/ogg",
    "audio/x-wav": "audio/wav",
    "video/mp4": "video/mp4",
    "video/quicktime": "video/mp4",
}


@blueprint.get("/cases/<int:case_id>/materials")
def materials(case_id: int) -> str:
    """The attachments of the case."""
    actor = current_actor()
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "materials")
        items = materials_of.materials(db, page.file)
    return render_template(
        "desk/materials.html",
        page=page,
        case=page.file.case,
        items=items,
        plays=SHOWN,
        may_locate=photo_position.may_decide(actor, page.file.open),
    )


@blueprint.post("/tasks/<int:task_id>/files")
def add_file(task_id: int) -> Answer:
    """Add files to the case of a task that I work on; a script sends them one by one."""
    actor = current_actor()
    with reading() as db:
        case_id = casefile.case_of_task(db, task_id)
        logs.bind_case(case_id)
        casefile.open_file(db, actor, case_id)
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    if resubmission.wants_json():
        return _json_result(actor, task_id, uploads)
    if not uploads:
        flash(_("请先选择文件。"), "warning")
    for upload in uploads:
        fault = _fault(actor, task_id, upload)
        name = (upload.filename or "")[:80]
        if fault:
            flash(_("%(name)s：%(words)s", name=name, words=fault), "danger")
        else:
            flash(_("%(name)s 已上传。", name=name), "success")
    return redirect(url_for("desk.materials", case_id=case_id), 303)


@blueprint.post("/attachments/<int:attachment_id>/position")
def place_photo(attachment_id: int) -> Response:
    """Make the place that a photo brought the place of its case, or let it go."""
    take = request.form.get("take") == "yes"
    with transaction() as db:
        row = photo_position.decide(db, current_actor(), attachment_id, take, now=now())
        case_id = row.case_id
    flash(_("已设为事项位置。") if take else _("没有采用，不再保留这个位置。"), "success")
    return redirect(url_for("desk.materials", case_id=case_id), 303)


def _names_people(attachment_id: int) -> bool:
    """Return whether an attachment is a paper of the system's own, names and numbers in clear."""
    with reading() as db:
        row = db.get(Attachment, attachment_id)
        return row is not None and unmask.names_people(row)


@blueprint.get("/attachments/<int:attachment_id>")
@step_up.proven_to_read(_names_people)
def attachment(attachment_id: int) -> Response:
    """The content of an attachment, whole or the range that a player asks for.

    A picture of a confidential case bears who looks at it, and when.
    """
    with reading() as db:
        row = materials_of.material(db, current_actor(), attachment_id)
        guarded = row.case_id is not None and db.get_one(Case, row.case_id).guarded
    if row.case_id is not None:
        logs.bind_case(row.case_id)
    if unmask.names_people(row):
        with transaction() as db:
            unmask.open_document(db, current_actor(), row, now=now())
    mime = SHOWN.get(row.mime, row.mime)
    name = attachments.name_of(row)
    if guarded and row.mime in photos.FORMATS:
        words = f"{current_user.login} {display.exact(now())}"
        return downloads.download(
            photos.watermark(attachments.path_of(row), row.mime, words), name, mime
        )
    return downloads.download(attachments.path_of(row), name, mime, digest=row.digest)


@blueprint.get("/attachments/<int:attachment_id>/picture")
def picture(attachment_id: int) -> str:
    """A photo as large as the window, on a page of ours. Raises NotFound for other files."""
    with reading() as db:
        row = materials_of.material(db, current_actor(), attachment_id)
    if row.case_id is None or not row.mime.startswith("image/"):
        raise NotFound(attachment_id)
    logs.bind_case(row.case_id)
    return render_template("desk/picture.html", row=row, name=attachments.name_of(row))


def _json_result(actor: Actor, task_id: int, uploads: list[FileStorage]) -> tuple[Response, int]:
    """Return what a script shows beside each file: saved, or the words of the refusal."""
    faults = [_fault(actor, task_id, upload) for upload in uploads] or [_("请先选择文件。")]
    message = next((fault for fault in faults if fault), "")
    return jsonify(saved=not message, message=message), 422 if message else 200


def _fault(actor: Actor, task_id: int, upload: FileStorage) -> str:
    """Add one file; why it was refused, or nothing."""
    name = upload.filename or ""
    try:
        # In a child process, so before the transaction.
        ready = attachments.make_ready(cast(BinaryIO, upload.stream))
        with transaction() as db:
            attaching.file(db, actor, task_id, ready, name, now=now())
    except InvalidInput as error:
        return localize(next(iter(error.errors.values())))
    return ""
