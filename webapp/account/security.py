"""My log-ins: sessions and tokens with their last use, authenticator apps, passkeys, codes."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import sessions
from engine.accounts import logins, passkeys, second_factors
from engine.errors import InvalidInput, NotFound
from engine.models import User
from engine.records import vault
from engine.records.bindings import Binding, bound
from engine.storage.db import reading, transaction
from webapp.account import identity, step_up
from webapp.account.labels import SCOPE_NAMES
from webapp.account.people import BEARER_FORM, lacks_factor, origin
from webapp.account.views import blueprint
from webapp.clock import now
from webapp.locales import localize
from webapp.qr import as_svg
from webapp.query_numbers import whole

Answer = Response | str | tuple[str, int]
# A form's secret stays good for so long.
PATIENCE = timedelta(minutes=30)
DAYS = (7, 30, 90, 180, 365)
# More than any token may last.
MOST_DAYS = 10_000


@blueprint.get("/profile/security")
def security() -> Answer:
    """Everything by which somebody gets in as me."""
    return _page()


@blueprint.post("/profile/security/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Answer:
    """End one of my sessions, or revoke a token."""
    with transaction() as db:
        logins.end_one(db, current_user.id, current_user.id, session_id, now=now())
    return _back(_("已退出。"))


@blueprint.post("/profile/security/sessions/end")
def end_sessions() -> Answer:
    """End every session and token of mine except this session."""
    mine, this = current_user.id, current_user.session_id
    with transaction() as db:
        ended = logins.end_all(db, mine, mine, now=now(), but=this)
    return _back(_("已退出其他 %(count)s 个登录。", count=ended))


@blueprint.post("/profile/security/tokens")
@step_up.with_fresh_proof
def issue_token() -> Answer:
    """Issue a token, which the answer shows once."""
    try:
        with transaction() as db:
            row, key = logins.issue_token(
                db,
                current_user.id,
                request.form.get("name", ""),
                request.form.getlist("scopes"),
                now=now(),
                lasting=timedelta(days=min(request.form.get("days", 0, type=whole), MOST_DAYS)),
                origin=origin(),
                proof=current_user.proof,
            )
    except InvalidInput as error:
        return _page({name: localize(text) for name, text in error.errors.items()}), 422
    token = BEARER_FORM.format(user=current_user.id, key=key)
    return render_template("account/token.html", token=token, row=row)


@blueprint.get("/profile/security/app")
def new_app() -> Answer:
    """Set up an authenticator app: its secret as a code to scan."""
    secret = second_factors.fresh_secret()
    return _app_page(secret)


@blueprint.post("/profile/security/app")
@step_up.with_fresh_proof
def add_app() -> Answer:
    """Keep the app once it shows a right code."""
    secret = _opened(request.form.get("secret", ""))
    if secret is None:
        return redirect(url_for("account.new_app"), 303)
    try:
        with transaction() as db:
            name, code = request.form.get("name", ""), request.form.get("code", "")
            second_factors.add_app(db, current_user.id, name, secret, code, now=now())
            codes = _first_codes(db, "totp")
    except InvalidInput as error:
        return _app_page(secret, {name: localize(text) for name, text in error.errors.items()}), 422
    return _added(codes)


@blueprint.post("/profile/security/passkey")
@step_up.with_fresh_proof
def add_passkey() -> Answer:
    """Keep a new passkey."""
    party, challenge = identity.party(), session.pop("challenge", "")
    if party is None:
        raise NotFound()
    try:
        with transaction() as db:
            name, answer = request.form.get("name", ""), request.form.get("passkey", "")
            passkeys.register(db, current_user.id, name, answer, challenge, party, now=now())
            codes = _first_codes(db, "passkey")
    except InvalidInput as error:
        return _page({name: localize(text) for name, text in error.errors.items()}), 422
    return _added(codes)


@blueprint.post("/profile/security/factors/<int:factor_id>/remove")
@step_up.with_fresh_proof
def remove_factor(factor_id: int) -> Answer:
    """Remove an app or a passkey."""
    with transaction() as db:
        second_factors.remove(db, current_user.id, current_user.id, factor_id, now=now())
    return _back(_("已删除。"))


@blueprint.post("/profile/security/codes")
@step_up.with_fresh_proof
def fresh_codes() -> Answer:
    """New recovery codes; those of before count no more."""
    with transaction() as db:
        if not second_factors.kinds(db, current_user.id):
            raise NotFound()
        codes = second_factors.fresh_codes(db, current_user.id, now=now())
    return render_template("account/codes.html", codes=codes)


def _first_codes(db: Session, proof: str) -> list[str]:
    """After a new factor this session counts as proved by it; the first brings recovery codes.

    Sessions that were begun with the password alone end with the first factor.
    """
    user_id, this = current_user.id, current_user.session_id
    sessions.note_proof(db, this, proof, now=now())
    db.flush()
    if len(second_factors.of_user(db, user_id)) > 1:
        return []
    logins.end_all(db, user_id, user_id, now=now(), but=this)
    return second_factors.fresh_codes(db, user_id, now=now())


def _added(codes: list[str]) -> Answer:
    if codes:
        return render_template("account/codes.html", codes=codes)
    return _back(_("已添加。"))


def _page(errors: dict[str, str] | None = None) -> str:
    user_id, party = current_user.id, identity.party()
    asked = None
    with reading() as db:
        rows = sessions.of_user(db, user_id, now())
        factors = second_factors.of_user(db, user_id)
        left = second_factors.codes_left(db, user_id) if factors else 0
        if party is not None:
            asked = passkeys.ask_to_register(db, db.get_one(User, user_id), party)
    if asked is not None:
        session["challenge"] = asked.challenge
    return render_template(
        "account/security.html",
        browsers=[row for row in rows if row.kind == "browser"],
        tokens=[row for row in rows if row.kind == "token"],
        factors=factors,
        codes_left=left,
        passkey=asked.options if asked else None,
        scopes=SCOPE_NAMES,
        days=DAYS,
        needs_factor=lacks_factor(),
        errors=errors or {},
    )


def _app_page(secret: str, errors: dict[str, str] | None = None) -> str:
    address = second_factors.address(secret, current_user.login)
    return render_template(
        "account/app.html",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        sealed=_seal_secret(secret),
        code=as_svg(address),
        errors=errors or {},
    )


def _seal_secret(secret: str) -> str:
    """Return the secret for a hidden field: nobody can have me keep one that they chose."""
    content = {"secret": secret, "at": now().isoformat()}
    return urlsafe_b64encode(vault.seal(content, _bound())).decode("ascii")


def _bound() -> Binding:
    return bound("new-app", current_user.id)


def _opened(word: str) -> str | None:
    try:
        content = vault.unseal(urlsafe_b64decode(word.encode()), _bound())
    except (vault.UnopenedPayload, ValueError):
        return None
    late = now() - datetime.fromisoformat(content["at"]) > PATIENCE
    return None if late else str(content["secret"])


def _back(words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("account.security"), 303)
