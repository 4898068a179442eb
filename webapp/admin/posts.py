"""Posts and deputies: create, fill, vacate, end, stand in for a time."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import org
from engine.desk import appointments, dismissals
from engine.models import Deputy, GrantRequest, Post, Unit, User
from engine.org import candidates, register
from engine.org.reach import reach_of
from engine.org.register import PostRow
from engine.storage.db import reading
from feel.text import Text
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.admin.labels import role_options
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    choice,
    posted_text,
    value_or_error,
    within_reach,
)
from webapp.clock import midnight, now
from webapp.display import local_day, role_name

NO_USER = Text("没有这个用户名，或不在您的管理范围内。", "No such user within your reach.")
NO_DATE = Text("请填写日期。", "Please give a date.")


@blueprint.route("/units/<int:unit_id>/posts/new", methods=["GET", "POST"])
@step_up.with_fresh_proof
def new_post(unit_id: int) -> Answer:
    """Add a post to a unit, held or vacant."""
    with reading() as db:
        unit = register.unit_in(db, reach(), unit_id)
        people = _people(db, unit)
        wide = reach_of(current_actor(), senior=True).covers(db, unit_id)
    change = ChangeForm(
        title=_("新增岗位：%(name)s", name=unit.name),
        button=_("新增岗位"),
        back=url_for("admin.unit", unit_id=unit_id),
        fields=(
            ChangeField("role", _("角色"), "select", options=role_options(wide=wide)),
            choice(
                "user",
                _("人员"),
                people,
                required=False,
                help_text=_("不填则岗位空缺，超期升级时跳过。"),
            ),
        ),
    )

    def act(db: Session) -> Post | GrantRequest:
        return appointments.appoint(
            db,
            current_actor(),
            register.unit_in(db, reach(), unit_id),
            posted_text("role"),
            _chosen(db) if posted_text("user") else None,
            now=now(),
        )

    return carry_out(change, act, lambda made: _redirect(unit_id, made, _("已新增岗位。")))


@blueprint.route("/posts/<int:post_id>/fill", methods=["GET", "POST"])
@step_up.with_fresh_proof
def fill_post(post_id: int) -> Answer:
    """Put somebody into a vacant post."""
    row, people = _row(post_id)
    change = ChangeForm(
        title=_("分配岗位：%(unit)s %(role)s", unit=row.unit.name, role=role_name(row.post.role)),
        button=_("分配岗位"),
        back=url_for("admin.unit", unit_id=row.unit.id),
        fields=(choice("user", _("人员"), people),),
    )

    def act(db: Session) -> Post | GrantRequest:
        mine = register.post_in(db, reach(), post_id, now())
        return appointments.appoint(
            db,
            current_actor(),
            mine.unit,
            mine.post.role,
            _chosen(db),
            post=mine.post,
            now=now(),
        )

    return carry_out(change, act, lambda made: _redirect(row.unit.id, made, _("已分配岗位。")))


@blueprint.route("/posts/<int:post_id>/vacate", methods=["GET", "POST"])
@step_up.with_fresh_proof
def vacate_post(post_id: int) -> Answer:
    """Take the holder out; the post stays."""
    row, _people_near = _row(post_id)
    change = ChangeForm(
        title=_("解除岗位：%(unit)s %(role)s", unit=row.unit.name, role=role_name(row.post.role)),
        button=_("确认解除"),
        back=url_for("admin.unit", unit_id=row.unit.id),
        consequence=(*_leaving(row), _("岗位保留，转为空缺。")),
        danger=True,
    )

    def act(db: Session) -> Post:
        mine = register.post_in(db, reach(), post_id, now())
        return dismissals.vacate(db, current_actor(), mine.post, now=now())

    return carry_out(change, act, lambda _post: _to(row.unit.id, _("已解除岗位。")))


@blueprint.route("/posts/<int:post_id>/end", methods=["GET", "POST"])
@step_up.with_fresh_proof
def end_post(post_id: int) -> Answer:
    """Abolish the post."""
    row, _people_near = _row(post_id)
    change = ChangeForm(
        title=_("停用岗位：%(unit)s %(role)s", unit=row.unit.name, role=role_name(row.post.role)),
        button=_("确认停用岗位"),
        back=url_for("admin.unit", unit_id=row.unit.id),
        consequence=(*_leaving(row), _("岗位停用后，可重新设立。")),
        danger=True,
    )

    def act(db: Session) -> None:
        mine = register.post_in(db, reach(), post_id, now())
        dismissals.abolish(db, current_actor(), mine.post, now=now())

    return carry_out(change, act, lambda _done: _to(row.unit.id, _("已停用岗位。")))


@blueprint.route("/posts/<int:post_id>/deputy", methods=["GET", "POST"])
@step_up.with_fresh_proof
def new_deputy(post_id: int) -> Answer:
    """Appoint a deputy for the holder, for a period."""
    row, _people_near = _row(post_id)
    with reading() as db:
        fitting = candidates.for_deputy(db, current_actor(), [row], now())
    people = [(user.login, user.name) for user in fitting]
    today = now()
    change = ChangeForm(
        title=_("代理：%(unit)s %(role)s", unit=row.unit.name, role=role_name(row.post.role)),
        button=_("设置代理"),
        back=url_for("admin.unit", unit_id=row.unit.id),
        consequence=(_("代理期间双方均可办理，记录注明代何人办理；代理人将收到通知。"),),
        fields=(
            choice("user", _("人员"), people),
            ChangeField("from_at", _("开始日期"), "date", local_day(today)),
            ChangeField(
                "until_at", _("结束日期（含）"), "date", local_day(today + timedelta(days=7))
            ),
            ChangeField("reason", _("事由"), required=False, longest=200),
        ),
    )

    def act(db: Session) -> Deputy | GrantRequest:
        return appointments.depute(
            db,
            current_actor(),
            register.post_in(db, reach(), post_id, now()),
            _chosen(db),
            value_or_error(midnight(posted_text("from_at")), "from_at", NO_DATE),
            value_or_error(midnight(posted_text("until_at"), 1), "until_at", NO_DATE),
            posted_text("reason"),
            now=now(),
        )

    done = _("已设置代理，代理人将收到通知。")
    return carry_out(change, act, lambda made: _redirect(row.unit.id, made, done))


@blueprint.route("/deputies/<int:deputy_id>/end", methods=["GET", "POST"])
@step_up.with_fresh_proof
def end_deputy(deputy_id: int) -> Answer:
    """End a deputyship before its time."""
    with reading() as db:
        _deputy, row = register.deputy_in(db, reach(), deputy_id, now())
    change = ChangeForm(
        title=_("结束代理：%(unit)s %(role)s", unit=row.unit.name, role=role_name(row.post.role)),
        button=_("结束代理"),
        back=url_for("admin.unit", unit_id=row.unit.id),
        danger=True,
    )

    def act(db: Session) -> None:
        mine, _post = register.deputy_in(db, reach(), deputy_id, now())
        org.end_deputy(db, current_actor().user_id, mine, now=now())

    return carry_out(change, act, lambda _done: _to(row.unit.id, _("代理已结束。")))


def _row(post_id: int) -> tuple[PostRow, list[tuple[str, str]]]:
    with reading() as db:
        row = register.post_in(db, reach(), post_id, now())
        return row, _people(db, row.unit)


def _people(db: Session, unit: Unit) -> list[tuple[str, str]]:
    return [(user.login, user.name) for user in candidates.for_post(db, reach(), unit, now())]


def _leaving(row: PostRow) -> tuple[str, ...]:
    if row.user is None:
        return ()
    with reading() as db:
        signed = register.signed_tasks(db, row.user.id, row.unit.id, row.post.role)
    words = _("%(name)s 不再担任此岗位", name=row.user.name)
    return words, _("已签收未办结的环节 %(count)s 个退回待签收，期限照常计算", count=signed)


def _chosen(db: Session) -> User:
    """Return the user whose login was typed. Raises InvalidInput."""
    user_id = db.scalar(select(User.id).where(User.login == posted_text("user").lower()))
    user = within_reach(lambda: register.user_in(db, reach(), user_id or 0, now()))
    return value_or_error(user, "user", NO_USER)


def _to(unit_id: int, words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("admin.unit", unit_id=unit_id), 303)


def _redirect(unit_id: int, made: Post | Deputy | GrantRequest, words: str) -> Response:
    """Report that it is done, or that a second administrator has to confirm it."""
    if isinstance(made, GrantRequest):
        words = _("已提交，由另一名县级管理员确认后生效。")
    return _to(unit_id, words)
