"""Asking again who sits there, before what a script in a page must not be able to do alone.

Marked views accept a form only within ten minutes of a password or a second factor. Later the
form is sealed and kept, the person proves to be there, and the form is sent as it was. A few hand
out so much that they ask before they are only opened.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine.access import sessions
from engine.accounts import proof_of_work, second_factors
from engine.models import User
from engine.storage.db import reading, transaction
from webapp import resubmission
from webapp.account import identity, throttle
from webapp.account.views import blueprint, local_path
from webapp.clock import now
from webapp.locales import localize
from webapp.resubmission import UnsentForm

View = TypeVar("View", bound=Callable[..., Any])
Answer = Response | str | tuple[str, int] | tuple[Response, int] | tuple[str, int, dict[str, str]]
FRESH = timedelta(minutes=10)
HARMLESS = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask) -> None:
    """Ask before every marked view; after the login and the token against forgery."""
    app.before_request(_ask_where_marked)


def with_fresh_proof(view: View) -> View:
    """Mark a view whose forms are accepted from somebody alone who has just proved to be there."""
    return proven_where(lambda **_arguments: True)(view)


def proven_where(needed: Callable[..., bool]) -> Callable[[View], View]:
    """Return the same where ``needed`` says so, which is given the view's arguments."""

    def mark(view: View) -> View:
        view.proven = needed  # type: ignore[attr-defined]
        return view

    return mark


def proven_to_read(needed: Callable[..., bool]) -> Callable[[View], View]:
    """Return the same for a page or file that is only opened; after the proof it is opened
    again.
    """

    def mark(view: View) -> View:
        view.proven_to_read = True  # type: ignore[attr-defined]
        return proven_where(needed)(view)

    return mark


def is_fresh() -> bool:
    """Return whether the last proof is younger than ten minutes."""
    return now() - current_user.proved_at < FRESH


def ask() -> Answer:
    """Ask for a proof, and keep the form that waits for it."""
    if resubmission.wants_json():
        words = _("请先再次确认身份，然后重试。")
        return jsonify(error="proof", message=words), 403
    if request.method in HARMLESS:
        return _page("", back=local_path(request.full_path).rstrip("?")), 403
    parcel = resubmission.parcel_of_request(even_empty=True)
    return _page(parcel.seal(now(), current_user.id) if parcel else ""), 403


@blueprint.get("/proof")
def prove() -> Answer:
    """The page that asks, for whoever comes without a form."""
    return _page("")


@blueprint.post("/proof")
def accept_proof() -> Answer:
    """Take a password, a code or a passkey, and go on with what was being done."""
    word = request.form.get("kept", "")
    with reading() as db:
        user = db.get_one(User, current_user.id)
    try:
        proof = _proof_of_form(user)
    except throttle.TooManyAttempts as error:
        page = _page(word, localize(error.text), bits=error.bits)
        return page, 429, identity.retry_after(error)
    if proof is None:
        return _page(word, _("密码或验证码不正确。"), bits=identity.demanded(user.login)), 401
    with transaction() as db:
        sessions.note_proof(db, current_user.session_id, proof, now=now())
    parcel = resubmission.opened(word, now(), current_user.id)
    if parcel is not None:
        return _resent(parcel)
    return redirect(local_path(request.form.get("next")), 303)


def _ask_where_marked() -> Answer | None:
    view = current_app.view_functions.get(request.endpoint or "")
    needed = getattr(view, "proven", None)
    if needed is None or not current_user.is_authenticated:
        return None
    if request.method in HARMLESS and not hasattr(view, "proven_to_read"):
        return None
    if is_fresh() or not needed(**(request.view_args or {})):
        return None
    return ask()


def _proof_of_form(user: User) -> str | None:
    """Return what the form proves. Raises TooManyAttempts."""
    typed = request.form.get("password", "")
    if not typed:
        return identity.second_proof(user)
    known = identity.checked(user.login, typed, request.form.get("work", ""))
    if known is None:
        return None
    with transaction() as db:
        identity.settle(db, user)
    return "password"


def _resent(parcel: UnsentForm) -> str:
    return render_template("errors/again.html", parcel=parcel, proven=True)


def _page(word: str, message: str = "", *, bits: int = 0, back: str = "") -> str:
    with reading() as db:
        kinds = second_factors.kinds(db, current_user.id)
    return render_template(
        "account/proof.html",
        message=message,
        word=word,
        next=back or request.values.get("next", ""),
        kinds=kinds,
        passkey=identity.ask_passkey(current_user.id) if "passkey" in kinds else None,
        puzzle=proof_of_work.challenge(throttle.PURPOSE, bits, now=now()) if bits else "",
        bits=bits,
    )
