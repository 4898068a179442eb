"""My matters: opened by a telephone that was confirmed, or with reference and pass phrase.

What was opened stays open on this device for a quarter of an hour, a telephone for half an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.citizens import attempts, following, letters, phones, ratings, references
from engine.errors import NotFound
from engine.models import Case, CitizenFollow, Unit
from engine.storage.db import reading, transaction
from engine.terms.opinions import OPINIONS
from webapp.account.people import public
from webapp.citizens import address, blueprint, county, effort, strain
from webapp.clock import now
from webapp.locales import localize

Answer = Response | str | tuple[str, int]
# Of a session: the case that was opened, one that is followed, the telephone that was confirmed;
# each until when.
OPENED, FOLLOWED, CONFIRMED = "citizen", "followed", "telephone"
PATIENCE, LASTING = timedelta(minutes=15), timedelta(minutes=30)
LONGEST = 40


@blueprint.get("/<code>/mine")
@public
def mine(code: str) -> Answer:
    """Ask for a telephone, or for reference and pass phrase; where one is confirmed, its cases."""
    where = county(code)
    if confirmed() is not None:
        return redirect(url_for("citizens.matters", code=code), 303)
    return mine_page(where)


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
            attempts.note(db, "follow", keys, now=now(), effort=effort())
    except attempts.TooOften as error:
        return mine_page(where, localize(error.text), bits=error.bits, strained="reference"), 429
    with reading() as db:
        found = references.find(db, where.id, reference, phrase)
    if found is None:
        return mine_page(where, _("查询码或者口令不正确。")), 422
    if isinstance(found, CitizenFollow):
        session[FOLLOWED] = [str(found.case_id), (now() + PATIENCE).timestamp()]
        return redirect(url_for("citizens.followed", code=code), 303)
    return _open(code, found.case_id)


@blueprint.get("/<code>/mine/followed")
@public
def followed(code: str) -> Answer:
    """What is public of a case that somebody follows who has not reported it."""
    where, case_id = county(code), _case_of(code, FOLLOWED)
    if case_id is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    with reading() as db:
        shown = following.public_view(db, case_id)
    return render_template("citizens/followed.html", county=where, shown=shown)


@blueprint.get("/<code>/mine/matters")
@public
def matters(code: str) -> Answer:
    """The cases of the telephone that was confirmed on this device."""
    where, mac = county(code), confirmed()
    if mac is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    with reading() as db:
        found = [
            (case_id, following.view(db, case_id)) for case_id in phones.cases_of(db, where.id, mac)
        ]
    return render_template("citizens/matters.html", county=where, found=found)


@blueprint.post("/<code>/mine/matters")
@public
def open_matter(code: str) -> Answer:
    """Open one of them."""
    where, mac = county(code), confirmed()
    if mac is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    with reading() as db:
        own = {str(one): one for one in phones.cases_of(db, where.id, mac)}
    case_id = own.get(request.form.get("case", ""))
    if case_id is None:
        raise NotFound()
    return _open(code, case_id)


@blueprint.get("/<code>/mine/matter")
@public
def matter(code: str) -> Answer:
    """The case that this device has opened."""
    where, case_id = county(code), opened(code)
    if case_id is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    return matter_page(where, case_id)


def matter_page(
    where: Unit,
    case_id: int,
    *,
    rating: Mapping[str, str] | None = None,
    letter: Mapping[str, str] | None = None,
) -> str:
    """Return the page of an opened case; ``rating`` and ``letter`` say what was wrong with one."""
    with reading() as db:
        shown = following.view(db, case_id)
        offered = ratings.offer(db, case_id, now())
        said = letters.of_case(db, case_id)
    return render_template(
        "citizens/matter.html",
        county=where,
        shown=shown,
        offered=offered,
        opinion_name=_opinion_name,
        errors=rating or {},
        said=said,
        letter=letter or {},
        listed=confirmed() is not None,
    )


def _opinion_name(key: str) -> str:
    return localize(OPINIONS[key])


@blueprint.post("/<code>/mine/leave")
@public
def leave_mine(code: str) -> Answer:
    """Close it: the next who takes this device sees nothing."""
    county(code)
    for name in (OPENED, FOLLOWED, CONFIRMED):
        session.pop(name, None)
    return redirect(url_for("citizens.home", code=code), 303)


def opened(code: str) -> int | None:
    """Return the case that this device has opened in this county and not left, while it lasts."""
    return _case_of(code, OPENED)


def _case_of(code: str, name: str) -> int | None:
    number, until = session.get(name) or ("0", 0.0)
    if now().timestamp() > until:
        return None
    where = county(code)
    with reading() as db:
        case = db.get(Case, int(number))
    return case.id if case is not None and case.county_id == where.id else None


def confirmed() -> str | None:
    """Return the digest of the telephone that was confirmed on this device, while it lasts."""
    mac, until = session.get(CONFIRMED) or ("", 0.0)
    return str(mac) if mac and now().timestamp() <= until else None


def remember(mac: str) -> None:
    """Keep a telephone as confirmed on this device."""
    session[CONFIRMED] = [mac, (now() + LASTING).timestamp()]


def mine_page(
    where: Unit,
    message: str = "",
    *,
    bits: int = 0,
    strained: str = "",
    errors: Mapping[str, str] | None = None,
) -> str:
    """Return the page that asks how one wants to come in; ``strained`` is the way that was tried
    too often.
    """
    with reading() as db:
        by_phone = phones.offered(db, where)
    return render_template(
        "citizens/mine.html",
        county=where,
        message=message,
        by_phone=by_phone,
        errors=errors or {},
        reference=request.form.get("reference", "")[:LONGEST],
        phone=request.form.get("phone", "")[:LONGEST],
        strained=strained,
        **strain(bits),
    )


def _open(code: str, case_id: int) -> Response:
    session[OPENED] = [str(case_id), (now() + PATIENCE).timestamp()]
    return redirect(url_for("citizens.matter", code=code), 303)
