"""Pages for citizens: reporting without an account, and following what was reported.

For phones first; none needs a script. Only counties whose site is open have them: every other
address is as if there were nothing.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.citizens import attempts, patience, photos, sites
from engine.models import Unit
from engine.storage.db import reading
from webapp.account.people import public
from webapp.clock import now

blueprint = Blueprint("citizens", __name__, url_prefix="/c")
# Of a session: what tells this device from others, and nothing of who has it.
DEVICE = "device"
# Twice what is accepted: photos that are too large are refused on the form, with what was typed.
LARGEST_BODY = 2 * photos.MOST * photos.LARGEST


@blueprint.url_value_preprocessor
def _allow_photos(_endpoint: str | None, _values: Any) -> None:
    # Before the token of the form is looked for, which reads the whole of it.
    request.max_content_length = LARGEST_BODY


@blueprint.get("/")
@public
def counties() -> Response | str:
    """The counties whose sites are open; where there is one, its page."""
    with reading() as db:
        found = sites.open_counties(db)
    if len(found) == 1:
        return redirect(url_for("citizens.home", code=found[0].code), 303)
    return render_template("citizens/counties.html", counties=found)


@blueprint.get("/<code>/")
@public
def home(code: str) -> str:
    """What can be done here."""
    return render_template("citizens/home.html", county=county(code))


def county(code: str) -> Unit:
    """Return the county with an open site. Raises NotFound."""
    with reading() as db:
        return sites.county(db, code)


def device() -> str:
    """Return what this browser is counted by; a new one where it has none."""
    if DEVICE not in session:
        session[DEVICE] = secrets.token_hex(8)
    return str(session[DEVICE])


def strain(bits: int) -> dict[str, Any]:
    """Return what a page needs that asks for work, or for a while of patience."""
    moment, said = now(), request.form.get("patience", "")
    note = patience.renew(said, address(), moment) if bits else ""
    return {"bits": bits, "puzzle": attempts.challenge(bits, moment), "patience": note}


def effort() -> attempts.AttemptEffort:
    """Return what was sent along by somebody who comes too often."""
    return attempts.AttemptEffort(request.form.get("work", ""), request.form.get("patience", ""))


def address() -> str:
    """Return what this network is counted by."""
    return request.remote_addr or ""


# Each module registers its views on the blueprint.
from webapp.citizens import (  # noqa: E402,F401
    letters,
    mediation,
    mine,
    near,
    phone,
    rates,
    rating,
    report,
    spot,
)
