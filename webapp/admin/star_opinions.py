"""Which opinion each number of stars is, so that call-backs and the public site make one rate."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.casework.ratings import set_star_opinions, star_opinions
from engine.storage.db import reading
from engine.terms.opinions import OPINIONS
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out
from webapp.clock import now
from webapp.locales import localize


@blueprint.route("/public-site/stars", methods=["GET", "POST"])
def star_opinions_page() -> Answer:
    """Show and change them; they hold for every area at once."""
    require()
    with reading() as db:
        kept = star_opinions(db)
    names = [(key, localize(words)) for key, words in OPINIONS.items()]
    change = ChangeForm(
        title=_("星级对应的评价"),
        button=_("保存"),
        back=url_for("admin.public_site"),
        consequence=(_("群众在网上打的星按此换算为满意、基本满意、不满意；只影响此后的评价。"),),
        fields=[
            ChangeField(f"stars{stars}", _("%(stars)s 星", stars=stars), "select", key, names)
            for stars, key in sorted(kept.items(), reverse=True)
        ],
    )

    def act(db: Session) -> Mapping[int, str]:
        return set_star_opinions(db, current_actor().user_id, request.form, now=now())

    def done(_result: Mapping[int, str]) -> Answer:
        flash(_("已保存。"), "success")
        return redirect(url_for("admin.star_opinions_page"), 303)

    return carry_out(change, act, done)
