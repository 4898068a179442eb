"""Users: find, create with a password to be changed, rename, new password, end."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import org
from engine.desk import appointments, dismissals
from engine.models import GrantRequest, User
from engine.org import register
from engine.storage.db import reading
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint, logins, reach
from webapp.admin.passwords import asked_half, fresh_password, page
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now


@blueprint.get("/users")
def users() -> str:
    """Users by name or login."""
    text = request.args.get("q", "").strip()[:60]
    with reading() as db:
        rows, after = register.find_users(
            db, reach(), text, now=now(), after=request.args.get("after", "")
        )
    return render_template("admin/users.html", rows=rows, after=after, text=text)


@blueprint.get("/users/<int:user_id>")
def user(user_id: int) -> str:
    """One user: posts, past and present, whom they stand in for, and by what they get in."""
    with reading() as db:
        one = register.user_in(db, reach(), user_id, now())
        return render_template(
            "admin/user.html",
            user=one,
            posts=register.seats_of(db, one, now()),
            standing_in=register.deputised_by(db, one, now()),
            signed=register.signed_tasks(db, one.id),
            **logins.facts_of(db, one),
        )


@blueprint.route("/users/new", methods=["GET", "POST"])
@step_up.with_fresh_proof
def new_user() -> Answer:
    """Add somebody; the first password is shown once and must be changed at login."""
    change = ChangeForm(
        title=_("新增人员"),
        button=_("新增"),
        back=url_for("admin.users"),
        consequence=(_("初始密码只显示一次，本人首次登录时必须修改。权限由岗位决定。"),),
        fields=(
            ChangeField("name", _("姓名"), longest=64),
            ChangeField("login", _("用户名"), longest=64, help=_("小写字母、数字、点和横线。")),
        ),
    )
    password, hashed = fresh_password()

    def act(db: Session) -> User:
        return org.create_user(
            db,
            current_actor().user_id,
            login=posted_text("login"),
            name=posted_text("name"),
            password_hash=hashed,
            now=now(),
            unit_id=reach().home,
        )

    return carry_out(change, act, lambda made: page(made, password))


@blueprint.route("/users/<int:user_id>/rename", methods=["GET", "POST"])
def rename_user(user_id: int) -> Answer:
    """Correct a name."""
    one = _user(user_id)
    change = ChangeForm(
        title=_("更正姓名：%(name)s", name=one.name),
        button=_("更正"),
        back=url_for("admin.user", user_id=user_id),
        fields=(ChangeField("name", _("姓名"), value=one.name, longest=64),),
    )

    def act(db: Session) -> None:
        mine = register.user_in(db, reach(), user_id, now())
        org.rename_user(db, current_actor().user_id, mine, posted_text("name"), now=now())

    return carry_out(change, act, lambda _done: _to(user_id, _("已更正。")))


@blueprint.route("/users/<int:user_id>/password", methods=["GET", "POST"])
@step_up.with_fresh_proof
def reset_password(user_id: int) -> Answer:
    """Give somebody a new first password; all their sessions end."""
    one = _user(user_id)
    change = ChangeForm(
        title=_("重置密码：%(name)s", name=one.name),
        button=_("重置密码"),
        back=url_for("admin.user", user_id=user_id),
        consequence=(_("此人会立即退出所有设备，须用新的初始密码登录并修改。"),),
        danger=True,
    )
    password, hashed = fresh_password()

    def act(db: Session) -> GrantRequest | None:
        mine = register.user_in(db, reach(), user_id, now())
        return appointments.reset_password(db, current_actor(), mine, hashed, now=now())

    def done(asked: GrantRequest | None) -> Answer:
        if asked is not None:
            return page(one, asked_half(asked.id), "first")
        return page(one, password)

    return carry_out(change, act, done)


@blueprint.route("/users/<int:user_id>/end", methods=["GET", "POST"])
@step_up.with_fresh_proof
def end_user(user_id: int) -> Answer:
    """End a user: posts become vacant, signed tasks go back to their queues."""
    with reading() as db:
        one = register.user_in(db, reach(), user_id, now())
        held = sum(row.post.until_at is None for row in register.seats_of(db, one, now()))
        signed = register.signed_tasks(db, one.id)
    change = ChangeForm(
        title=_("停用人员：%(name)s", name=one.name),
        button=_("确认停用"),
        back=url_for("admin.user", user_id=user_id),
        consequence=(
            _("担任的岗位 %(count)s 个转为空缺", count=held),
            _("已签收未办结的环节 %(count)s 个退回待签收，期限照常计算", count=signed),
            _("立即退出所有设备，不能再登录"),
        ),
        danger=True,
    )

    def act(db: Session) -> int:
        mine = register.user_in(db, reach(), user_id, now())
        return dismissals.end_user(db, current_actor(), mine, now=now())

    return carry_out(change, act, lambda _count: _to(user_id, _("已停用。")))


def _user(user_id: int) -> User:
    with reading() as db:
        return register.user_in(db, reach(), user_id, now())


def _to(user_id: int, words: str) -> Answer:
    flash(words, "success")
    return redirect(url_for("admin.user", user_id=user_id), 303)
