"""Dead letters: what could not be delivered, sent again one by one, ticked, or all."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.notices.channels import dead_letters as letters
from engine.notices.channels import register as channels
from engine.storage.db import reading, transaction
from engine.terms.channels import OUTBOX_CHANNELS
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.clock import now
from webapp.locales import localize

MOST_DIGITS = 18
# What the outbox does in the application, by the channel of its rows.


@blueprint.get("/notices/letters")
def dead_letters() -> str:
    """Dead letters outside, or those of the house."""
    require()
    side = letters.INSIDE if request.args.get("side") == letters.INSIDE else letters.OUTSIDE
    chosen, start = _number(request.args.get("channel")), _number(request.args.get("after"))
    with reading() as db:
        if side == letters.INSIDE:
            rows, after = letters.inside(db, after=start)
        else:
            rows, after = letters.outside(db, channel_id=chosen, after=start)
        return render_template(
            "admin/notices/letters.html",
            rows=rows,
            after=after,
            side=side,
            counts=letters.counts(db),
            channels=channels.all_channels(db),
            chosen=chosen,
        )


@blueprint.post("/notices/letters/resend")
def resend_letters() -> Response:
    """Send again what is ticked, or everything."""
    require()
    side = letters.INSIDE if request.form.get("side") == letters.INSIDE else letters.OUTSIDE
    actor_id, chosen = current_actor().user_id, _number(request.form.get("channel"))
    with transaction() as db:
        if request.form.get("all"):
            count = letters.resend_all(db, actor_id, side, channel_id=chosen, now=now())
        else:
            ids = [one for one in map(_number, request.form.getlist("letter")) if one]
            count = letters.resend(db, actor_id, side, ids, now=now())
    flash(
        _("已重新排队 %(count)s 条。", count=count) if count else _("未选中任何记录。"), "success"
    )
    return redirect(url_for("admin.dead_letters", side=side, channel=chosen), 303)


def _number(text: str | None) -> int | None:
    fits = text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if text and fits else None


def inside_words(channel: str) -> str:
    """Return what a row of the outbox does in the application."""
    return localize(OUTBOX_CHANNELS.get(channel, channel))


blueprint.add_app_template_filter(inside_words)
