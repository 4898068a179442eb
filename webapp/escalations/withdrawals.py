"""False escalations, withdrawn together: what fired from when to when, and why it is undone."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import settings
from engine.access import policy
from engine.casework import withdrawals as engine_withdrawals
from engine.errors import InvalidInput, Refusal
from engine.storage.db import reading, transaction
from webapp import display
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.escalations import blueprint
from webapp.locales import localize
from webapp.query_numbers import whole

USUAL = timedelta(days=1)
MAY = "supervisor"


@blueprint.app_template_global()
def withdraws() -> bool:
    """Return whether the reader may withdraw escalations anywhere."""
    return MAY in current_actor().roles


@blueprint.route("/supervision/withdrawals", methods=["GET", "POST"])
def withdrawals() -> Response | str | tuple[str, int]:
    """What fired from when to when; withdrawing all of it takes one reason."""
    actor = current_actor()
    policy.require_role(actor, MAY)
    since, until = _moment("since", now() - USUAL), _moment("until", now())
    early_only = request.values.get("all") is None
    message, status = "", 200
    if request.method == "POST":
        try:
            with transaction() as db:
                number = engine_withdrawals.withdraw(
                    db,
                    actor,
                    since,
                    until,
                    request.form.get("reason", ""),
                    expected=request.form.get("expected", 0, type=whole),
                    now=now(),
                    early_only=early_only,
                )
            flash(_("已撤销 %(number)s 次升级。", number=number), "success")
            return redirect(url_for("escalations.withdrawals"), 303)
        except InvalidInput as refusal:
            message, status = " ".join(localize(text) for text in refusal.errors.values()), 422
        except Refusal as refusal:
            message, status = localize(refusal.text), 409
    with reading() as db:
        found = engine_withdrawals.find(db, actor, since, until, early_only=early_only)
    page = render_template(
        "escalations/withdrawals.html",
        found=found,
        since=since,
        until=until,
        typed=[f"{display.local(one):%Y-%m-%dT%H:%M}" for one in (since, until)],
        early_only=early_only,
        most=engine_withdrawals.MOST,
        message=message,
    )
    return page, status


def _moment(name: str, usual: datetime) -> datetime:
    """Return a moment that was typed in local time, or the usual one."""
    typed = request.values.get(name, "")
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return usual
    return moment.replace(tzinfo=settings.current().zone) if moment.tzinfo is None else moment
