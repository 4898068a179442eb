"""Powers that a second administrator confirms: what waits, one request, the decision."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.desk import appointments, grant_requests
from engine.errors import InvalidInput
from engine.models import GrantRequest, User
from engine.storage.db import reading, transaction
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.passwords import confirmed_half, page
from webapp.clock import now
from webapp.display import local_day, role_name
from webapp.locales import localize

Answer = Response | str | tuple[str, int]


@blueprint.get("/grants")
def grants() -> str:
    """What waits for confirmation in one's area, and what one asked for."""
    with reading() as db:
        rows = grant_requests.waiting(db, current_actor())
        return render_template("admin/grants.html", rows=rows, said=request_sentence)


@blueprint.get("/grants/<int:request_id>")
def grant(request_id: int) -> str:
    """One request: who asks what for whom, and whether one may decide on it."""
    actor = current_actor()
    with reading() as db:
        row = grant_requests.one(db, actor, request_id)
        fault = grant_requests.objection(db, actor, row, now())
        decider = db.get(User, row.decided_by) if row.decided_by is not None else None
        return render_template(
            "admin/grant.html",
            row=row,
            said=request_sentence,
            fault=fault,
            decider=decider,
            mine=row.by_id == actor.user_id,
        )


@blueprint.post("/grants/<int:request_id>/decide")
@step_up.with_fresh_proof
def decide_grant(request_id: int) -> Answer:
    """Confirm a request, or refuse it."""
    accepted = request.form.get("decision") == "confirm"
    half, hashed = confirmed_half(request_id)
    actor, here = current_actor(), url_for("admin.grant", request_id=request_id)
    try:
        with transaction() as db:
            row = appointments.decide(
                db, actor, request_id, accepted, password_hash=hashed, now=now()
            )
            user = db.get_one(User, row.user_id)
    except InvalidInput as error:
        flash(" ".join(localize(text) for text in error.errors.values()), "danger")
        return redirect(here, 303)
    if accepted and row.kind == "reset":
        return page(user, half, "second")
    flash(_("已确认，即时生效。") if accepted else _("已退回。"), "success")
    return redirect(url_for("admin.grants"), 303)


@blueprint.post("/grants/<int:request_id>/withdraw")
def withdraw_grant(request_id: int) -> Answer:
    """Take back what one asked for."""
    with transaction() as db:
        grant_requests.withdraw(db, current_actor(), request_id, now=now())
    flash(_("已撤回申请。"), "success")
    return redirect(url_for("admin.grants"), 303)


def request_sentence(row: GrantRequest) -> str:
    """Return what a request is about, as a sentence."""
    words = {"user": row.user.name, "unit": row.unit.name, "role": role_name(row.role)}
    if row.kind == "reset" and row.reason == appointments.FACTORS:
        return _("重置 %(user)s（%(unit)s %(role)s）的密码，并清除其二次验证", **words)
    if row.kind == "reset":
        return _("重置 %(user)s（%(unit)s %(role)s）的密码", **words)
    if row.kind == "deputy" and row.from_at is not None and row.until_at is not None:
        period = {"first": local_day(row.from_at), "until": local_day(row.until_at)}
        return _("由 %(user)s 代理 %(unit)s %(role)s（%(first)s 至 %(until)s）", **words, **period)
    return _("将 %(unit)s %(role)s 岗位分配给 %(user)s", **words)


def waiting_here() -> int:
    """Return how many requests wait for this person's decision."""
    with reading() as db:
        return grant_requests.count_waiting(db, current_actor())


def outcome_name(row: GrantRequest) -> str:
    """Return the outcome of a request."""
    names = {"confirmed": _("已确认"), "refused": _("已退回"), "withdrawn": _("已撤回")}
    return names.get(row.outcome or "", _("待确认"))


blueprint.app_context_processor(lambda: {"grants_waiting": waiting_here})
blueprint.add_app_template_filter(outcome_name, "grant_outcome")
