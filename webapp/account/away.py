"""I am away: who acts for me from when until when, and for the people whom I lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.desk import absences
from engine.models import Deputy, GrantRequest, User
from engine.org import candidates, register
from engine.org.register import PostRow
from engine.storage.db import reading, transaction
from feel.text import Text
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.account.views import blueprint
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    posted_text,
    value_or_error,
)
from webapp.clock import midnight, now
from webapp.display import local_day, role_name

NO_DATE = Text("请填写日期。", "Please give a date.")
USUAL = timedelta(days=3)


@blueprint.get("/profile/away")
def away() -> str:
    """Who acts for me, for whom I act, and who acts for my staff."""
    actor, moment = current_actor(), now()
    with reading() as db:
        user = db.get_one(User, current_user.id)
        return render_template(
            "account/away.html",
            own=absences.own(db, actor, moment),
            staff=absences.staff(db, actor, moment),
            standing_in=register.deputised_by(db, user, moment),
        )


@blueprint.route("/profile/away/new", methods=["GET", "POST"])
@step_up.with_fresh_proof
def new_absence() -> Answer:
    """I am away from..to, somebody acts for me in the posts that I tick."""
    with reading() as db:
        rows = absences.own(db, current_actor(), now())
        people = candidates.for_deputy(db, current_actor(), rows, now())
    posts = [(str(row.post.id), _post_name(row)) for row in rows]
    every = ",".join(value for value, _words in posts)
    asked = ChangeField("posts", _("岗位"), "checks", every, posts) if len(posts) > 1 else None
    change = _change(_("设置外出代理"), people, asked)

    def chosen() -> list[int]:
        ticked = request.form.getlist("posts")
        return [row.post.id for row in rows if asked is None or str(row.post.id) in ticked]

    return carry_out(change, _arranging(chosen), _redirect)


@blueprint.route("/profile/away/posts/<int:post_id>", methods=["GET", "POST"])
@step_up.with_fresh_proof
def staff_absence(post_id: int) -> Answer:
    """Appoint a deputy for one of my staff."""
    with reading() as db:
        row = absences.arrangeable(db, current_actor(), post_id, now())
        people = candidates.for_deputy(db, current_actor(), [row], now())
    name = row.user.name if row.user else ""
    change = _change(
        _("设置代理：%(name)s（%(post)s）", name=name, post=_post_name(row)), people, None
    )
    return carry_out(change, _arranging(lambda: [post_id]), _redirect)


@blueprint.post("/profile/away/deputies/<int:deputy_id>/end")
def end_absence(deputy_id: int) -> Response:
    """End a deputyship before its time."""
    with transaction() as db:
        absences.end(db, current_actor(), deputy_id, now=now())
    flash(_("代理已结束。"), "success")
    return redirect(url_for("account.away"), 303)


def _change(title: str, people: list[User], more: ChangeField | None) -> ChangeForm:
    today = now()
    return ChangeForm(
        title=title,
        button=_("设置代理"),
        back=url_for("account.away"),
        consequence=(_("代理期间双方均可办理，记录注明代何人办理；代理人将收到通知。"),),
        fields=(
            ChangeField(
                "user",
                _("代理人"),
                "select",
                options=[(one.login, f"{one.name}（{one.login}）") for one in people],
                help=_("本单位同事在前。"),
                blank=_("请选择"),
            ),
            *([more] if more else []),
            ChangeField("from_at", _("开始日期"), "date", local_day(today)),
            ChangeField("until_at", _("结束日期（含）"), "date", local_day(today + USUAL)),
            ChangeField("reason", _("事由"), required=False, longest=200),
        ),
    )


def _arranging(posts: Callable[[], list[int]]) -> Callable[[Session], list[Deputy | GrantRequest]]:
    def act(db: Session) -> list[Deputy | GrantRequest]:
        return absences.arrange(
            db,
            current_actor(),
            posts(),
            posted_text("user"),
            value_or_error(midnight(posted_text("from_at")), "from_at", NO_DATE),
            value_or_error(midnight(posted_text("until_at"), 1), "until_at", NO_DATE),
            posted_text("reason"),
            now=now(),
        )

    return act


def _post_name(row: PostRow) -> str:
    return f"{row.unit.name} {role_name(row.post.role)}"


def _redirect(made: list[Deputy | GrantRequest]) -> Response:
    if any(isinstance(one, GrantRequest) for one in made):
        flash(_("已提交；权限超出本单位的岗位由县级管理员确认后生效。"), "success")
    else:
        flash(_("已设置代理，代理人将收到通知。"), "success")
    return redirect(url_for("account.away"), 303)
