"""My name, posts, language and password."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine.access import former_passwords
from engine.accounts import logins
from engine.models import User
from engine.records import audit
from engine.storage.db import reading, transaction
from webapp import passwords
from webapp.account import identity, throttle
from webapp.account.people import current_actor, start_session
from webapp.account.views import blueprint
from webapp.clock import now
from webapp.locales import localize

Answer = Response | str | tuple[str, int]


@blueprint.get("/profile")
def profile() -> Answer:
    """Name, posts, language and password."""
    return _page({})


@blueprint.post("/profile/password")
def password() -> Answer:
    """Change the password; every other session of the user ends, tokens too."""
    current, fresh = request.form.get("current", ""), request.form.get("password", "")
    try:
        errors = _objections(current, fresh, request.form.get("repeated", ""))
    except throttle.TooManyAttempts as error:
        return _page({"current": localize(error.text)}), 429
    if errors:
        return _page(errors), 422
    hashed = passwords.hashed(fresh)
    with transaction() as db:
        user = db.get_one(User, current_user.id)
        former_passwords.replace(db, user, hashed, now=now())
        user.must_change = False
        audit.record_admin(db, "user.password_changed", user.id, {"user": user.id}, at=now())
        logins.end_all(db, user.id, user.id, now=now())
        start_session(db, user.id, current_user.proof)
    flash(_("密码已修改，其他设备上的登录已失效。"), "success")
    return redirect(url_for("account.profile"), 303)


def _objections(current: str, fresh: str, repeated: str) -> dict[str, str]:
    """Return what is wrong, by field. Raises TooManyAttempts: here, too, a password can be
    guessed.
    """
    with reading() as db:
        user = db.get_one(User, current_user.id)
        former = former_passwords.hashes(db, user.id)
    errors = {}
    if identity.checked(user.login, current) is None:
        errors["current"] = _("当前密码不正确。")
    else:
        with transaction() as db:
            identity.settle(db, user)
    objection = passwords.objection(fresh, user.login, user.name)
    if objection:
        errors["password"] = localize(objection)
    elif passwords.matches(user.password_hash, fresh):
        errors["password"] = _("新密码不能与当前密码相同。")
    elif not errors and any(passwords.matches(one, fresh) for one in former):
        errors["password"] = _("新密码不能与最近用过的密码相同。")
    if fresh != repeated:
        errors["repeated"] = _("两次输入的新密码不一致。")
    return errors


def _page(errors: dict[str, str]) -> str:
    days = current_app.config["FENGQIAO"].password_days
    return render_template(
        "account/profile.html", errors=errors, actor=current_actor(), password_days=days
    )
