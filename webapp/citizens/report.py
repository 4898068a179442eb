"""Report, enquiry, and report of wrongdoing: one form each, sent once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request
from sqlalchemy import select

from engine.citizens import attempts, nearby, photos, references, reporting, spots
from engine.citizens.nearby import NearbyCase
from engine.citizens.reporting import CitizenReport, ReportReceipt
from engine.definitions import citizen_choices
from engine.errors import DomainError, InvalidInput, NotFound
from engine.models import Unit
from engine.records import vault
from engine.storage.db import reading, transaction
from forms import InvalidAnswers
from webapp.account.people import public
from webapp.citizens import address, blueprint, county, device, effort, strain
from webapp.citizens.mine import confirmed
from webapp.citizens.near import near_token
from webapp.citizens.places import places_of
from webapp.clock import now
from webapp.locales import localize

Answer = str | tuple[str, int]
PLAIN = (
    "choice",
    "details",
    "place",
    "address",
    "name",
    "phone",
    "against",
    "against_person",
    "spot",
)
LONGEST_FIELD = 4000
REPORT = "report"


@blueprint.get("/<code>/report/<kind>")
@public
def report(code: str, kind: str) -> Answer:
    """An empty form, or with what a code at a place says."""
    where, kind = county(code), _require_kind(kind)
    with reading() as db:
        spot = spots.find(db, where.id, request.args.get("spot", "")[:12])
    typed: dict[str, str] = {}
    if kind == REPORT and spot is not None and spot.withdrawn_at is None:
        typed = {"choice": spot.choice, "place": spot.unit.code, "address": spot.name}
        typed["spot"] = spot.code
    return _page(where, kind, typed, secrets.token_hex(16))


@blueprint.post("/<code>/report/<kind>")
@public
def send_report(code: str, kind: str) -> Answer:
    """Take a report in, once; sent again it says the same."""
    where, kind = county(code), _require_kind(kind)
    typed = {name: request.form.get(name, "").strip()[:LONGEST_FIELD] for name in PLAIN}
    given = request.form.get("once", "")
    once = given if references.ONCE.fullmatch(given) else secrets.token_hex(16)
    try:
        sent = _report(kind, typed, once)
        near = _near(where, sent)
        if near and not sent.photos:
            # Nothing is lost by asking; where photos came along it is said afterwards.
            return _page(where, kind, typed, once, near=near)
        receipt = _received(where, sent)
    except attempts.TooOften as error:
        return _page(where, kind, typed, once, {"": error.text}, bits=error.bits), 429
    except InvalidInput as error:
        return _page(where, kind, typed, once, error.errors), 422
    except InvalidAnswers as error:
        words = {"": next(iter(error.errors.values()))}
        return _page(where, kind, typed, once, words), 422
    except NotFound:
        raise
    except DomainError as error:
        return _page(where, kind, typed, once, {"": error.text}), 422
    return render_template(
        "citizens/received.html", county=where, kind=kind, receipt=receipt, near=near
    )


def _near(where: Unit, sent: CitizenReport) -> Sequence[NearbyCase]:
    """Return what was reported near there already; nothing where somebody has seen it."""
    if sent.kind != REPORT or sent.longitude is None or sent.latitude is None:
        return []
    if request.form.get("near") == "seen":
        return []
    with reading() as db:
        choice = reporting.choices(db, now()).choice(REPORT, sent.choice)
        if choice is None:
            return []
        return nearby.find(db, where, choice, sent.longitude, sent.latitude, now=now())


def _received(where: Unit, sent: CitizenReport) -> ReportReceipt:
    # A form with a mistake is no attempt: people correct it as often as they must.
    with reading() as db:
        reporting.check(db, where, sent, now=now())
    keys = {"address": address(), "device": device(), "number": sent.phone}
    # A telephone that nobody has confirmed is anybody's: it refuses nobody.
    if sent.phone and confirmed() == vault.blind("phone", sent.phone):
        keys["phone"] = sent.phone
    with transaction() as db:
        attempts.note(db, "report", keys, now=now(), effort=effort())
    with transaction() as db:
        return reporting.receive(db, where, sent, now=now())


def _report(kind: str, typed: Mapping[str, str], once: str) -> CitizenReport:
    # Where somebody stood tells who they are: a report of wrongdoing has a place, and no position.
    point = _position() if kind == "report" else (None, None)
    uploads = [one for one in request.files.getlist("photos") if one.filename]
    contents = tuple(one.read(photos.LARGEST + 1) for one in uploads[: photos.MOST + 1])
    return CitizenReport(
        kind=kind,
        once=once,
        longitude=point[0],
        latitude=point[1],
        danger=request.form.get("danger") == "yes",
        photos=contents,
        **typed,
    )


def _position() -> tuple[float | None, float | None]:
    try:
        longitude = float(request.form.get("longitude", ""))
        latitude = float(request.form.get("latitude", ""))
    except ValueError:
        return None, None
    # Also false for what is not a number.
    on_earth = -180 <= longitude <= 180 and -90 <= latitude <= 90
    return (longitude, latitude) if on_earth else (None, None)


def _require_kind(kind: str) -> str:
    if kind not in citizen_choices.KINDS:
        raise NotFound(kind)
    return kind


def _page(
    where: Unit,
    kind: str,
    typed: Mapping[str, str],
    once: str,
    errors: Mapping[str, Any] | None = None,
    *,
    bits: int = 0,
    near: Sequence[NearbyCase] = (),
) -> str:
    with reading() as db:
        choices = reporting.choices(db, now()).by_kind[kind]
        places = places_of(db, where)
        offices = _departments(db, where) if kind == "whistle" else []
    said = {name: localize(text) for name, text in (errors or {}).items()}
    return render_template(
        "citizens/report.html",
        county=where,
        kind=kind,
        choices=choices,
        places=places,
        offices=offices,
        typed=typed,
        latitude=request.form.get("latitude", "")[:20],
        longitude=request.form.get("longitude", "")[:20],
        danger=request.form.get("danger") == "yes",
        errors=said,
        once=once,
        near=near,
        near_token=near_token,
        near_seen=bool(near) or request.form.get("near") == "seen",
        **strain(bits),
        longest=reporting.LONGEST,
    )


def _departments(db: Any, where: Unit) -> list[Unit]:
    """Return the departments of the county, as people choose whom a report is about."""
    own = (Unit.at_county == where.id, Unit.kind == "department", Unit.ended_at.is_(None))
    return list(db.scalars(select(Unit).where(*own).order_by(Unit.code)))
