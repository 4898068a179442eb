"""Already reported near here: shown before a report is sent, and followed in place of a double."""

from __future__ import annotations

from flask import render_template, request

from engine.citizens import attempts, nearby, reporting
from engine.citizens.reporting import ReportReceipt
from engine.errors import NotFound
from engine.storage.db import reading, transaction
from webapp.account.people import public
from webapp.citizens import address, blueprint, county, device, effort
from webapp.clock import now
from webapp.locales import localize


@blueprint.get("/<code>/near")
@public
def near(code: str) -> str:
    """A part of a page: what was reported near a point, of the kind that was chosen."""
    where = county(code)
    try:
        longitude = float(request.args.get("longitude", ""))
        latitude = float(request.args.get("latitude", ""))
    except ValueError:
        raise NotFound() from None
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise NotFound()
    with reading() as db:
        choice = reporting.choices(db, now()).choice("report", request.args.get("choice", ""))
        found = nearby.find(db, where, choice, longitude, latitude, now=now()) if choice else []
    once = request.args.get("once", "")[:32]
    words = {"county": where, "near": found, "near_token": near_token, "once": once}
    return render_template("citizens/_near.html", **words)


@blueprint.post("/<code>/near")
@public
def follow_near(code: str) -> tuple[str, int] | str:
    """Follow what somebody else reported."""
    where = county(code)
    case_id = nearby.signed(request.form.get("follow", ""), now())
    keys = {"address": address(), "device": device()}
    try:
        with transaction() as db:
            attempts.note(db, "report", keys, now=now(), effort=effort())
    except attempts.TooOften as error:
        words = localize(error.text)
        return render_template("citizens/refusal.html", county=where, message=words), 429
    with transaction() as db:
        keys_of = nearby.follow(db, where, case_id, request.form.get("once", ""), now=now())
    receipt = ReportReceipt("", *keys_of, "")
    return render_template("citizens/received.html", county=where, kind="follow", receipt=receipt)


def near_token(case_id: int) -> str:
    """Return a sign that this case was shown."""
    return nearby.sign(case_id, now())
