"""Keys by which programs send reports of citizens (Open311): issued once, counted, revoked."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.citizens import georeport
from engine.errors import InvalidInput, NotFound
from engine.storage.db import reading, transaction
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.spots import asked_county
from webapp.change_forms import Answer
from webapp.clock import now
from webapp.locales import localize


@blueprint.get("/public-site/keys")
def georeport_keys() -> Answer:
    """The keys of a county, with what each has brought in."""
    return _page("", "", 200)


@blueprint.post("/public-site/keys")
@step_up.with_fresh_proof
def issue_key() -> Answer:
    """Issue one; it is shown this once."""
    try:
        with transaction() as db:
            where, name = asked_county(db), request.form.get("name", "")
            key = georeport.issue(db, current_actor().user_id, where, name, now=now())
    except InvalidInput as error:
        return _page("", localize(error.errors["name"]), 422)
    return _page(key, "", 200)


@blueprint.post("/public-site/keys/revoke")
@step_up.with_fresh_proof
def revoke_key() -> Answer:
    """Take one back."""
    chosen = request.form.get("key", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        raise NotFound()
    with transaction() as db:
        where = asked_county(db)
        georeport.revoke(db, current_actor().user_id, where, int(chosen), now=now())
        code = where.code
    flash(_("已停用。"), "success")
    return redirect(url_for("admin.georeport_keys", county=code), 303)


def _page(key: str, fault: str, status: int) -> Answer:
    with reading() as db:
        where = asked_county(db)
        rows = georeport.keys(db, where)
    words = {"county": where, "rows": rows, "key": key, "fault": fault}
    return render_template("admin/georeport_keys.html", **words), status
