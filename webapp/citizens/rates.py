"""How the county does by what citizens brought in, for everybody to read."""

from __future__ import annotations

from flask import render_template

from engine.citizens import rates as citizen_rates
from engine.storage.db import reading
from webapp.account.people import public
from webapp.citizens import blueprint, county
from webapp.clock import now


@blueprint.get("/<code>/rates")
@public
def rates(code: str) -> str:
    """Shares of the last ninety days, each with its numbers."""
    where = county(code)
    with reading() as db:
        found = citizen_rates.of_county(db, where, now=now())
    return render_template(
        "citizens/rates.html", county=where, found=found, days=citizen_rates.DAYS
    )
