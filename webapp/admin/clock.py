"""A held clock: what the worker would fire if it went on, and the word that lets it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.access import policy
from engine.errors import Refusal
from engine.operations import clock_guard
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.clock import now
from webapp.locales import localize

KINDS = {
    "timer": _l("流程定时"),
    "sign_warn": _l("签收将到期"),
    "sign_due": _l("签收到期"),
    "warn": _l("办理将到期"),
    "due": _l("办理到期"),
    "citizen_due": _l("答复时限到期"),
    "rung": _l("升级"),
    "resume": _l("恢复计时"),
    "co_due": _l("协办到期"),
    "demand_due": _l("督办单、中心呼到期"),
    "demand_rung": _l("督办单、中心呼升级"),
}


@blueprint.get("/operations/clock")
def clock() -> str:
    """Why nothing fires, how much would, and the first of it."""
    require()
    with reading() as db:
        held = clock_guard.current_hold(db)
        named = policy.mentioned(current_actor())
        counts, rows = clock_guard.would_fire(db, held.now, named) if held else ({}, [])
    return render_template("admin/clock.html", held=held, counts=counts, rows=rows, kinds=KINDS)


@blueprint.post("/operations/clock")
def confirm_clock() -> Response:
    """Allow the worker to go on."""
    require()
    try:
        with transaction() as db:
            found = clock_guard.confirm(db, current_actor().user_id, now=now())
    except Refusal as refusal:
        flash(localize(refusal.text), "warning")
    else:
        flash(
            ngettext(
                "已确认，后台服务将处理 %(count)s 项。",
                "已确认，后台服务将处理 %(count)s 项。",
                found.count,
                count=found.count,
            ),
            "success",
        )
    return redirect(url_for("admin.clock"), 303)
