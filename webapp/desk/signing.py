"""Signing a final paper at a desk: who has signed, pad, link for a telephone, scan, seal."""

from __future__ import annotations

import json
from typing import Any, BinaryIO, cast

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.casework import unmask
from engine.documents.papers import printing, writing
from engine.documents.papers.catalogue import KINDS
from engine.documents.signing import sealing, signatures, signers
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Attachment, Case, Paper, PaperSignature
from engine.records import attachments
from engine.storage.db import reading, transaction
from webapp import downloads, logs, qr
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page
from webapp.locales import localize
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]


@blueprint.get("/papers/<int:paper_id>/signing")
def signing(paper_id: int) -> Answer:
    """Who signs a paper, and who has."""
    return _page(paper_id)


@blueprint.get("/signatures/<int:signature_id>")
def signature(signature_id: int) -> Answer:
    """The paper with a pad, for one who sits at this desk."""
    return _pad(signature_id)


@blueprint.post("/signatures/<int:signature_id>")
def add_signature(signature_id: int) -> Answer:
    """Keep a signature."""
    try:
        with transaction() as db:
            paper = signatures.sign(
                db, current_actor(), signature_id, posted_strokes(), posted_device(), now=now()
            )
            paper_id = paper.id
    except InvalidInput as error:
        return _pad(signature_id, localize(next(iter(error.errors.values()))))
    except Conflict as error:
        flash(localize(error.text), "warning")
        return redirect(url_for("desk.signing", paper_id=_paper_of(signature_id)), 303)
    flash(_("已签名。"), "success")
    return redirect(url_for("desk.signing", paper_id=paper_id), 303)


@blueprint.post("/signatures/<int:signature_id>/link")
def signature_link(signature_id: int) -> Answer:
    """Make a link for the signer's own telephone; it is shown once."""
    paper_id = _paper_of(signature_id)
    base = current_app.config["FENGQIAO"].public_url
    if not base:
        # What a request claims to be the host's name goes into no link.
        words = _("没有配置系统的对外地址，不能生成链接。请联系管理员，或者在本机、纸上签名。")
        return _page(paper_id, words, 409)
    try:
        with transaction() as db:
            token = signatures.invite(db, current_actor(), signature_id, now=now())
    except Conflict as error:
        return _page(paper_id, localize(error.text), 409)
    address = f"{base}{url_for('desk.linked_signing')}#{token}"
    return _page(paper_id, link=address, place=signature_id)


@blueprint.post("/papers/<int:paper_id>/scan")
def scan_paper(paper_id: int) -> Answer:
    """Take the paper as it was signed by hand."""
    actor, upload = current_actor(), request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise InvalidInput({"file": signatures.NO_SCAN})
        ready = attachments.make_ready(cast(BinaryIO, upload.stream))
        with transaction() as db:
            signatures.take_scan(db, actor, paper_id, ready, upload.filename, now=now())
    except (InvalidInput, Conflict) as error:
        return _page(paper_id, _words(error), status_of(error))
    flash(_("已收下签好的纸质文书。"), "success")
    return redirect(url_for("desk.signing", paper_id=paper_id), 303)


@blueprint.post("/papers/<int:paper_id>/seal")
@step_up.with_fresh_proof
def seal_paper(paper_id: int) -> Answer:
    """Put all signatures and the seal into the paper's file."""
    actor = current_actor()
    try:
        with reading() as db:
            about = sealing.prepare(db, actor, paper_id)
        # Drawing and signing take a second: nobody waits for the case's lock meanwhile.
        made = sealing.seal(about, now())
        with transaction() as db:
            sealing.finish(db, actor, about, made, now=now())
    except (InvalidInput, Conflict) as error:
        return _page(paper_id, _words(error), status_of(error))
    flash(_("已盖章，放在材料里。"), "success")
    return redirect(url_for("desk.signing", paper_id=paper_id), 303)


def _in_other_hands(signature_id: int) -> bool:
    with reading() as db:
        row = db.get(PaperSignature, signature_id)
        return row is None or not unmask.holds(db, current_actor(), db.get_one(Case, row.case_id))


@blueprint.get("/signatures/<int:signature_id>/pages.png")
@step_up.proven_to_read(_in_other_hands)
def signature_picture(signature_id: int) -> Response:
    """The pages of the paper that is signed, as a picture; who opens it is recorded."""
    actor = current_actor()
    with transaction() as db:
        row, paper = _place(db, signature_id)
        if not unmask.holds(db, actor, db.get_one(Case, row.case_id)):
            raise NotAllowed("paper", paper.id)
        filed = db.get_one(Attachment, paper.attachment_id)
        unmask.open_document(db, actor, filed, now=now())
        path = attachments.path_of(filed)
    return downloads.picture(printing.pictured(path.read_bytes()))


def posted_strokes() -> Any:
    """Return what the pad sent; None where it is no JSON."""
    try:
        return json.loads(request.form.get("strokes", ""))
    except ValueError:
        return None


def posted_device() -> str:
    """Return what the browser calls itself; only a keyed digest of it is kept."""
    return (request.user_agent.string or "")[:300]


def _words(error: InvalidInput | Conflict) -> str:
    texts = error.errors.values() if isinstance(error, InvalidInput) else [error.text]
    return localize(next(iter(texts)))


def _place(db: Any, signature_id: int) -> tuple[PaperSignature, Paper]:
    row = db.get(PaperSignature, signature_id)
    if row is None or row.key == signers.SEAL:
        raise NotFound(signature_id)
    return row, db.get_one(Paper, row.paper_id)


def _paper_of(signature_id: int) -> int:
    with reading() as db:
        return _place(db, signature_id)[1].id


def _pad(signature_id: int, fault: str = "") -> Answer:
    actor = current_actor()
    with reading() as db:
        row, paper = _place(db, signature_id)
        page = case_page.head(db, actor, row.case_id, None, "papers")
        case = page.file.case
        if not unmask.holds(db, actor, case):
            raise NotAllowed("paper", paper.id)
        signer = signers.signer(row)
    if signer.signed or paper.sealed_at is not None:
        return redirect(url_for("desk.signing", paper_id=paper.id), 303)
    shown = render_template(
        "desk/signature.html",
        page=page,
        case=case,
        paper=paper,
        title=KINDS[paper.kind].title,
        signer=signer,
        fault=fault,
    )
    return shown, 422 if fault else 200


def _page(
    paper_id: int, fault: str = "", status: int = 200, *, link: str = "", place: int | None = None
) -> Answer:
    actor = current_actor()
    with reading() as db:
        paper = writing.final(db, actor, paper_id)
        page = case_page.head(db, actor, paper.case_id, None, "papers")
        case = page.file.case
        holds = unmask.holds(db, actor, case)
        rows = signers.rows(db, paper)
        found = [signers.signer(row) for row in rows if row.key != signers.SEAL]
        has_seal = any(row.key == signers.SEAL for row in rows)
        seals = sealing.may_seal(actor, paper, has_seal=has_seal, holds=holds)
    logs.bind_case(paper.case_id)
    shown = render_template(
        "desk/signing.html",
        page=page,
        case=case,
        paper=paper,
        title=KINDS[paper.kind].title,
        signers=found,
        names=holds,
        mine=holds and paper.sealed_at is None,
        has_seal=has_seal,
        seals=seals and paper.sealed_at is None,
        fault=fault,
        link=link,
        place=place,
        code=qr.as_svg(link) if link else "",
        hours=signatures.LINK_HOURS,
    )
    return shown, status
