"""Login, logout, language, profile and password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.accounts import logins
from engine.models import Setting, User
from engine.records import audit
from engine.storage.db import reading, transaction
from webapp import passwords, resubmission
from webapp.account import throttle
from webapp.account.people import current_actor, origin, public, start_session
from webapp.clock import now
from webapp.locales import CHINESE, LOCALES, say

blueprint = Blueprint("account", __name__)
Answer = Response | str | tuple[str, int]


@blueprint.get("/login")
@public
def login() -> Answer:
    """The login page; demo logins are shown in demo databases only."""
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")), 303)
    return _login_page()


@blueprint.post("/login")
@public
def enter() -> Answer:
    """Check the password and start a fresh session."""
    name, password = request.form.get("login", "").strip(), request.form.get("password", "")
    try:
        user = checked(name, password)
    except throttle.TooManyAttempts as error:
        return _login_page(say(error.text)), 429
    if user is None:
        return _login_page(_("用户名或密码不正确。")), 401
    with transaction() as db:
        throttle.forget(db, name)
        if passwords.is_outdated(user.password_hash):
            db.merge(user).password_hash = passwords.hashed(password)
        start_session(db, user.id)
    parcel = resubmission.opened(request.form.get("kept", ""), now())
    if parcel:
        return resubmission.again(parcel)
    return redirect(local_path(request.form.get("next")), 303)


@blueprint.post("/logout")
def logout() -> Answer:
    """End this session."""
    locale = current_user.locale
    with transaction() as db:
        logins.leave(db, current_user.id, current_user.session_id, now=now())
    logout_user()
    session.clear()
    session["locale"] = locale
    flash(_("您已退出登录。"), "success")
    return redirect(url_for("account.login"), 303)


@blueprint.post("/language")
@public
def language() -> Answer:
    """Keep the chosen language in the session and, when logged in, with the user."""
    wanted = request.form.get("locale", CHINESE)
    if wanted in LOCALES:
        session["locale"] = wanted
        if current_user.is_authenticated:
            with transaction() as db:
                _mine(db).locale = wanted
    return redirect(local_path(request.form.get("next")), 303)


@blueprint.get("/profile")
def profile() -> Answer:
    """Name, posts, language and password."""
    return _profile_page({})


@blueprint.post("/profile/password")
def password() -> Answer:
    """Change the password; every other session of the user ends."""
    current, fresh = request.form.get("current", ""), request.form.get("password", "")
    errors = _objections(current, fresh, request.form.get("repeated", ""))
    if errors:
        return _profile_page(errors), 422
    with transaction() as db:
        user = _mine(db)
        user.password_hash, user.must_change = passwords.hashed(fresh), False
        audit.record_admin(db, "user.password_changed", user.id, {"user": user.id}, at=now())
        logins.end_all(db, user.id, user.id, now=now())
        start_session(db, user.id, current_user.proof)
    flash(_("密码已修改，其他设备上的登录已失效。"), "success")
    return redirect(url_for("account.profile"), 303)


def local_path(wanted: str | None) -> str:
    """A path on this site, or the workbench: a login link never leads elsewhere."""
    inside = wanted and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    plain = inside and not any(ord(letter) < 32 for letter in wanted or "")
    return wanted if wanted and plain else url_for("desk.workbench")


def demo_logins() -> dict[str, Any] | None:
    """What the demo loader left for the login page; None in a real database."""
    with reading() as db:
        setting = db.get(Setting, "demo")
    return setting.value if setting else None


def checked(name: str, typed: str) -> User | None:
    """The user of that login if the password is right. Raises TooManyAttempts."""
    name = name.replace("\x00", "")
    with transaction() as db:
        throttle.note_attempt(db, name, request.remote_addr or "", now=now())
        user = db.scalar(select(User).where(User.login == name))
    alive = user is not None and (user.ended_at is None or user.ended_at > now())
    # Outside of the transaction: a slow hash must not hold the database.
    if passwords.matches(user.password_hash if user and alive else None, typed):
        return user
    with transaction() as db:
        known = user.id if user is not None else None
        logins.refuse(db, known, now=now(), origin=origin(), reason="password")
    return None


def _login_page(message: str = "") -> str:
    return render_template(
        "account/login.html",
        message=message,
        login=request.form.get("login", ""),
        next=request.values.get("next", ""),
        word=request.form.get("kept", ""),
        demo=demo_logins(),
    )


def _profile_page(errors: dict[str, str]) -> str:
    return render_template("account/profile.html", errors=errors, actor=current_actor())


def _mine(db: Session) -> User:
    user = db.get(User, current_user.id)
    assert user is not None
    return user


def _objections(current: str, fresh: str, repeated: str) -> dict[str, str]:
    with reading() as db:
        user = _mine(db)
    errors = {}
    if not passwords.matches(user.password_hash, current):
        errors["current"] = _("当前密码不正确。")
    objection = passwords.objection(fresh, user.login, user.name)
    if objection:
        errors["password"] = say(objection)
    elif passwords.matches(user.password_hash, fresh):
        errors["password"] = _("新密码不能与当前密码相同。")
    if fresh != repeated:
        errors["repeated"] = _("两次输入的新密码不一致。")
    return errors
