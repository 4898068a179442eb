"""Signing on one's own telephone: a link opens one place of one paper, without an account.

The token stands behind the # of the address, which no server and no log gets to see; a script
sends it once, and the session of the browser holds it for half an hour.
"""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.documents.papers import printing
from engine.documents.papers.catalogue import KINDS
from engine.documents.signing import signatures
from engine.documents.signing.signatures import LinkedPlace
from engine.errors import InvalidInput, NotFound
from engine.models import Attachment
from engine.records import attachments
from engine.storage.db import reading, transaction
from webapp import downloads
from webapp.account.people import public
from webapp.clock import now
from webapp.desk import blueprint
from webapp.desk.signing import posted_device, posted_strokes
from webapp.locales import localize

Answer = Response | str | tuple[str, int]
OPENED, PATIENCE, LONGEST = "signing", timedelta(minutes=30), 100


@blueprint.get("/sign")
@public
def linked_signing() -> str:
    """A page whose script sends the token of the address."""
    return render_template("desk/linked.html", fault="")


@blueprint.post("/sign")
@public
def open_link() -> Answer:
    """Open a place; whatever is wrong with a token, the answer is the same."""
    token = request.form.get("token", "")[:LONGEST]
    try:
        with reading() as db:
            signatures.linked(db, token, now=now())
    except NotFound:
        return _refuse()
    session[OPENED] = [token, (now() + PATIENCE).timestamp()]
    return redirect(url_for("desk.linked_paper"), 303)


@blueprint.get("/sign/paper")
@public
def linked_paper() -> Answer:
    """The paper as it is, and the pad."""
    try:
        place = _opened()
    except NotFound:
        return _refuse()
    return _pad(place, "")


@blueprint.get("/sign/paper/pages.png")
@public
def linked_picture() -> Response:
    """The pages of the paper as a picture. Raises NotFound."""
    place = _opened()
    with reading() as db:
        path = attachments.path_of(db.get_one(Attachment, place.attachment_id))
    return downloads.picture(printing.pictured(path.read_bytes()))


@blueprint.post("/sign/paper")
@public
def sign_linked() -> Answer:
    """Keep the signature; the link is spent."""
    try:
        place = _opened()
        with transaction() as db:
            signatures.sign_by_link(db, _token(), posted_strokes(), posted_device(), now=now())
    except NotFound:
        return _refuse()
    except InvalidInput as error:
        return _pad(place, localize(next(iter(error.errors.values())))), 422
    session.pop(OPENED, None)
    return render_template("desk/linked_done.html", title=KINDS[place.paper.kind].title)


def _token() -> str:
    token, until = session.get(OPENED, ("", 0))
    if until < now().timestamp():
        session.pop(OPENED, None)
        raise NotFound(None)
    return str(token)


def _opened() -> LinkedPlace:
    with reading() as db:
        return signatures.linked(db, _token(), now=now())


def _refuse() -> Answer:
    words = _("链接无效、已经用过或者过期。请向调解员索取新的链接，也可以在纸上签名。")
    return render_template("desk/linked.html", fault=words), 404


def _pad(place: LinkedPlace, fault: str) -> str:
    title = KINDS[place.paper.kind].title
    return render_template("desk/linked_paper.html", place=place, title=title, fault=fault)
