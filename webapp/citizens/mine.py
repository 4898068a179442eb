"""My matters: opened with reference and pass phrase, for a quarter of an hour on this device."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.citizens import attempts, following, ratings, references
from engine.models import CitizenCase, Unit
from engine.storage.db import reading, transaction
from engine.terms.opinions import OPINIONS
from webapp.account.people import public
from webapp.citizens import address, blueprint, county
from webapp.clock import now
from webapp.locales import localize

Answer = Response | str | tuple[str, int]
# Of a session: the row that was opened, and until when; neither number nor reference.
OPENED = "citizen"
PATIENCE = timedelta(minutes=15)
LONGEST = 40


@blueprint.get("/<code>/mine")
@public
def mine(code: str) -> Answer:
    """Ask for reference and pass phrase."""
    return _page(county(code))


@blueprint.post("/<code>/mine")
@public
def open_mine(code: str) -> Answer:
    """Open a case; whatever is wrong, the answer is the same."""
    where = county(code)
    reference = request.form.get("reference", "")[:LONGEST]
    phrase = request.form.get("phrase", "")[:LONGEST]
    keys = {"address": address(), "reference": references.blinded(reference)}
    try:
        with transaction() as db:
            attempts.note(db, "follow", keys, now=now(), answer=request.form.get("work", ""))
    except attempts.TooOften as error:
        return _page(where, localize(error.text), bits=error.bits), 429
    with reading() as db:
        found = references.find(db, where.id, reference, phrase)
    if found is None:
        return _page(where, _("查询码或者口令不正确。")), 422
    session[OPENED] = [str(found.id), (now() + PATIENCE).timestamp()]
    return redirect(url_for("citizens.matter", code=code), 303)


@blueprint.get("/<code>/mine/matter")
@public
def matter(code: str) -> Answer:
    """The case that this device has opened."""
    where, row_id = county(code), opened(code)
    if row_id is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    return matter_page(where, row_id)


def matter_page(where: Unit, row_id: int, *, rating: Mapping[str, str] | None = None) -> str:
    """Return the page of an opened case; ``rating`` says what was wrong with one."""
    with reading() as db:
        shown = following.view(db, row_id)
        offered = ratings.offer(db, db.get_one(CitizenCase, row_id), now())
    return render_template(
        "citizens/matter.html",
        county=where,
        shown=shown,
        offered=offered,
        opinion_name=_opinion_name,
        errors=rating or {},
    )


def _opinion_name(key: str) -> str:
    return localize(OPINIONS[key])


@blueprint.post("/<code>/mine/leave")
@public
def leave_mine(code: str) -> Answer:
    """Close it: the next who takes this device sees nothing."""
    county(code)
    session.pop(OPENED, None)
    return redirect(url_for("citizens.home", code=code), 303)


def opened(code: str) -> int | None:
    """Return what this device has opened in this county and not left, while it lasts."""
    number, until = session.get(OPENED) or ("0", 0.0)
    if now().timestamp() > until:
        return None
    where = county(code)
    with reading() as db:
        row = db.get(CitizenCase, int(number))
    return row.id if row is not None and row.county_id == where.id else None


def _page(where: Unit, message: str = "", *, bits: int = 0) -> str:
    return render_template(
        "citizens/mine.html",
        county=where,
        message=message,
        reference=request.form.get("reference", "")[:LONGEST],
        bits=bits,
        puzzle=attempts.challenge(bits, now()),
    )
