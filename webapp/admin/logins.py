"""By what somebody gets in: sessions and tokens to be ended, second factors that were lost."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access import sessions
from engine.accounts import second_factors
from engine.desk import account_access, appointments
from engine.errors import InvalidInput
from engine.models import GrantRequest, User
from engine.org import register
from engine.storage.db import reading, transaction
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.admin.passwords import asked_half, page
from webapp.change_forms import Answer, ChangeForm, carry_out
from webapp.clock import now
from webapp.locales import localize


@blueprint.post("/users/<int:user_id>/sessions/<int:session_id>/end")
@step_up.with_fresh_proof
def end_session(user_id: int, session_id: int) -> Answer:
    """End one session of somebody, or revoke a token."""
    try:
        with transaction() as db:
            mine = _in_reach(db, user_id)
            account_access.end_session(db, current_actor(), mine, session_id, now=now())
    except InvalidInput as error:
        flash(" ".join(localize(text) for text in error.errors.values()), "danger")
        return redirect(url_for("admin.user", user_id=user_id), 303)
    return _to(user_id, _("已退出，并已通知本人。"))


@blueprint.route("/users/<int:user_id>/sessions/end", methods=["GET", "POST"])
@step_up.with_fresh_proof
def end_sessions(user_id: int) -> Answer:
    """End every session and token of somebody."""
    one = _user(user_id)
    change = ChangeForm(
        title=_("退出所有登录：%(name)s", name=one.name),
        button=_("退出所有登录"),
        back=url_for("admin.user", user_id=user_id),
        consequence=(_("此人会立即退出所有设备，接口令牌同时作废，并收到通知。"),),
        danger=True,
    )

    def act(db: Session) -> int:
        mine = _in_reach(db, user_id)
        return account_access.end_sessions(db, current_actor(), mine, now=now())

    return carry_out(
        change, act, lambda ended: _to(user_id, _("已退出 %(count)s 个登录。", count=ended))
    )


@blueprint.route("/users/<int:user_id>/factors/clear", methods=["GET", "POST"])
@step_up.with_fresh_proof
def clear_factors(user_id: int) -> Answer:
    """Clear the second factors of somebody who has lost them."""
    one = _user(user_id)
    change = ChangeForm(
        title=_("清除二次验证：%(name)s", name=one.name),
        button=_("清除二次验证"),
        back=url_for("admin.user", user_id=user_id),
        consequence=(
            _("验证器应用、通行密钥和恢复码全部作废，此人立即退出所有设备，并收到通知。"),
            _("请先当面或通过电话核实确为本人。"),
            _("担任县级权限岗位的，须由另一名县级管理员确认，同时重置密码。"),
        ),
        danger=True,
    )

    def act(db: Session) -> GrantRequest | None:
        mine = _in_reach(db, user_id)
        return appointments.clear_factors(db, current_actor(), mine, now=now())

    def done(asked: GrantRequest | None) -> Answer:
        if asked is not None:
            return page(one, asked_half(asked.id), "first")
        return _to(user_id, _("已清除，并已通知本人。"))

    return carry_out(change, act, done)


def facts_of(db: Session, user: User) -> dict[str, Any]:
    """Sessions, tokens and factors of somebody, as the page of a user shows them."""
    rows = sessions.of_user(db, user.id, now())
    return {
        "browsers": [row for row in rows if row.kind == "browser"],
        "tokens": [row for row in rows if row.kind == "token"],
        "factors": second_factors.of_user(db, user.id),
        "oneself": user.id == current_actor().user_id,
    }


def _user(user_id: int) -> User:
    with reading() as db:
        return _in_reach(db, user_id)


def _in_reach(db: Session, user_id: int) -> User:
    return register.user_in(db, reach(), user_id, now())


def _to(user_id: int, words: str) -> Answer:
    flash(words, "success")
    return redirect(url_for("admin.user", user_id=user_id), 303)
