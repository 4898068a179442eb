"""What the tables of the exchange record call our words: one word and its code a line."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.insight.statistics import exchange
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_texts
from webapp.clock import now
from webapp.locales import localize


@blueprint.route("/exchange-codes", methods=["GET", "POST"])
def exchange_codes() -> Answer:
    """Show and keep the codes; they hold for every area at once."""
    require()
    with reading() as db:
        known = exchange.codes(db)
    fields = [
        ChangeField(
            name,
            localize(label),
            "area",
            value="\n".join(f"{value}={code}" for value, code in known[name].items()),
            longest=exchange.LONGEST_CODES,
            required=False,
        )
        for name, label in exchange.CATALOGUES.items()
    ]

    def act(db: Session) -> object:
        told = posted_texts(fields)
        return exchange.keep_codes(db, current_actor(), told, now=now())

    def done(_kept: object) -> Answer:
        flash(_("已保存交换代码表。"), "success")
        return redirect(url_for("admin.exchange_codes"), 303)

    change = ChangeForm(
        title=_("交换代码表"),
        button=_("保存"),
        back=url_for("admin.index"),
        consequence=(
            _(
                "每行一项，写成“名称=代码”，例如“邻里纠纷=0102”。"
                "代码以 GB/T 31000-2015 的文本为准。"
            ),
        ),
        fields=fields,
    )
    return carry_out(change, act, done)
