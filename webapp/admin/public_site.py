"""Whether citizens of a county can report and follow on the public site."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select

from engine.citizens import sites
from engine.errors import NotFound
from engine.models import Unit
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.change_forms import Answer
from webapp.clock import now


@blueprint.get("/public-site")
def public_site() -> str:
    """Show the counties that one looks after, each with its switch."""
    with reading() as db:
        rows = [(one, sites.is_open(db, one.id)) for one in db.scalars(own_counties())]
    return render_template("admin/public_site.html", rows=rows)


@blueprint.post("/public-site")
def switch_public_site() -> Answer:
    """Open or close the site of one of them."""
    on = request.form.get("on") == "yes"
    with transaction() as db:
        found = db.scalar(own_counties().where(Unit.code == request.form.get("county", "")))
        if found is None:
            raise NotFound()
        sites.switch(db, current_actor().user_id, found, on, now=now())
        name = found.name
    words = _("%(name)s的公众服务已开通。") if on else _("%(name)s的公众服务已关闭。")
    flash(words % {"name": name}, "success")
    return redirect(url_for("admin.public_site"), 303)


def own_counties() -> Select[tuple[Unit]]:
    """Return the counties that the administrator looks after, by code."""
    counties = (Unit.level == "county", Unit.kind == "area", Unit.ended_at.is_(None))
    return select(Unit).where(*counties, reach().inside()).order_by(Unit.code)
