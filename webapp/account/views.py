"""Logging in and out, the language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from engine.accounts import logins, passkeys, proof_of_work, second_factors
from engine.citizens import sites
from engine.models import Setting, User
from engine.storage.db import reading, transaction
from webapp import resubmission
from webapp.account import identity, labels, throttle
from webapp.account.people import public, start_session
from webapp.clock import now
from webapp.locales import CHINESE, CHOSEN, LOCALES, SHOWN, localize

blueprint = Blueprint("account", __name__)
Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]
# How long the second step may come after the password.
PATIENCE = timedelta(minutes=5)


@blueprint.get("/login")
@public
def login() -> Answer:
    """The login page; demo logins are shown in demo databases only."""
    if current_user.is_authenticated:
        wanted = request.args.get("next")
        return redirect(local_path(wanted) if wanted else url_for("home.start"), 303)
    return login_page()


@blueprint.post("/login")
@public
def enter() -> Answer:
    """Check the password, then a second factor where there is one; start a fresh session."""
    name, typed = request.form.get("login", "").strip(), request.form.get("password", "")
    try:
        user = identity.checked(name, typed, request.form.get("work", ""))
    except throttle.TooManyAttempts as error:
        return login_page(localize(error.text), bits=error.bits), 429, identity.retry_after(error)
    except identity.DemoPassword as error:
        return login_page(localize(error.text)), 401
    if user is None:
        return login_page(_("用户名或密码不正确。"), bits=identity.demanded(name)), 401
    with transaction() as db:
        asked = second_factors.kinds(db, user.id)
        if not asked:
            identity.settle(db, user, typed)
            start_session(db, user.id)
        else:
            identity.half_way(db)
    if not asked:
        return _onward()
    session["pending"] = [str(user.id), now().timestamp()]
    return second_page(user)


@blueprint.post("/login/second")
@public
def second() -> Answer:
    """The second step of a log-in: a code, or a passkey."""
    user = _pending()
    if user is None:
        return login_page(_("请重新输入密码。")), 401
    try:
        proof = identity.second_proof(user)
    except throttle.TooManyAttempts as error:
        return (
            second_page(user, localize(error.text), bits=error.bits),
            429,
            identity.retry_after(error),
        )
    if proof is None:
        bits = identity.demanded(user.login)
        return second_page(user, localize(second_factors.WRONG_CODE), bits=bits), 401
    return entered(user, proof)


@blueprint.post("/login/passkey")
@public
def enter_by_passkey() -> Answer:
    """A passkey alone: the device has asked for a finger or a PIN."""
    user = identity.by_passkey(request.form.get("passkey", ""))
    if user is None:
        return login_page(localize(passkeys.WRONG)), 401
    return entered(user, "passkey")


@blueprint.post("/logout")
def logout() -> Answer:
    """End this session."""
    locale = current_user.locale
    with transaction() as db:
        logins.leave(db, current_user.id, current_user.session_id, now=now())
    logout_user()
    session.clear()
    # Only for the page that comes now: whoever logs in next has a language of their own.
    session[SHOWN] = locale
    flash(_("您已退出登录。"), "success")
    return redirect(url_for("account.login"), 303)


@blueprint.post("/language")
@public
def language() -> Answer:
    """Keep the chosen language in the session, and with who has logged in or will from here."""
    wanted = request.form.get("locale", CHINESE)
    if wanted in LOCALES:
        session[SHOWN] = wanted
        if current_user.is_authenticated:
            with transaction() as db:
                db.get_one(User, current_user.id).locale = wanted
        else:
            session[CHOSEN] = wanted
    return redirect(local_path(request.form.get("next")), 303)


def entered(user: User, proof: str) -> Answer:
    """Start the session, and go on with what was being done."""
    with transaction() as db:
        start_session(db, user.id, proof)
    return _onward()


def _onward() -> Answer:
    parcel = resubmission.opened(request.form.get("kept", ""), now())
    if parcel:
        return resubmission.again(parcel)
    wanted = request.form.get("next")
    return redirect(local_path(wanted) if wanted else url_for("home.start"), 303)


def local_path(wanted: str | None) -> str:
    """Return a path on this site, or the workbench: a login link never leads elsewhere."""
    inside = wanted and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    plain = inside and not any(ord(letter) < 32 for letter in wanted or "")
    return wanted if wanted and plain else url_for("desk.workbench")


def demo_logins() -> dict[str, Any] | None:
    """Return what the demo loader left for the login page; None in a real database, and in
    production, where it would tell strangers who works here.
    """
    if current_app.config["FENGQIAO"].production:
        return None
    with reading() as db:
        setting = db.get(Setting, "demo")
    return setting.value if setting else None


def login_page(message: str = "", *, bits: int = 0) -> str:
    """Return the login page, with a puzzle where one is asked for."""
    return render_template(
        "account/login.html",
        message=message,
        login=request.form.get("login", ""),
        demo=demo_logins(),
        role_work=labels.role_work,
        passkey=identity.ask_passkey(None),
        public_site=_has_public_site(),
        **_carried(bits),
    )


def _has_public_site() -> bool:
    with reading() as db:
        return bool(sites.open_counties(db))


def second_page(user: User, message: str = "", *, bits: int = 0) -> str:
    """Return the page of the second step."""
    with reading() as db:
        kinds = second_factors.kinds(db, user.id)
    return render_template(
        "account/second.html",
        message=message,
        kinds=kinds,
        passkey=identity.ask_passkey(user.id) if "passkey" in kinds else None,
        **_carried(bits),
    )


def _carried(bits: int) -> dict[str, Any]:
    """Return what goes along from page to page: where to, what was typed, the work that is asked
    for.
    """
    return {
        "next": request.values.get("next", ""),
        "word": request.form.get("kept", ""),
        "puzzle": proof_of_work.challenge(throttle.PURPOSE, bits, now=now()) if bits else "",
        "bits": bits,
    }


def _pending() -> User | None:
    """Return who has just given the right password and not yet the second proof."""
    number, at = session.get("pending") or ("0", 0.0)
    if now().timestamp() - at > PATIENCE.total_seconds():
        return None
    with reading() as db:
        user = db.get(User, int(number))
    return user if user is not None and identity.is_alive(user) else None
