"""A code at a place was scanned: the report with the place filled in, or that it is withdrawn."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.citizens import spots
from engine.errors import NotFound
from engine.storage.db import reading
from webapp.account.people import public
from webapp.citizens import blueprint, county


@blueprint.get("/<code>/q/<spot>")
@public
def spot(code: str, spot: str) -> Response | tuple[str, int]:
    """Open the report at this place."""
    where = county(code)
    with reading() as db:
        found = spots.find(db, where.id, spot.upper())
    if found is None:
        raise NotFound()
    if found.withdrawn_at is not None:
        words = _("这个二维码已经停用。您可以直接上报，选择所在的村（社区）。")
        return render_template("citizens/refusal.html", county=where, message=words), 410
    target = url_for("citizens.report", code=code, kind="report", spot=found.code)
    return redirect(target, 303)
