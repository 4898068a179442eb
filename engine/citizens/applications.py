"""Application for mediation: both parties, what happened, what is asked; it opens a dispute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.casework.public_opening import open_for_citizen
from engine.citizens import references, reporting
from engine.citizens.reporting import ReportReceipt
from engine.definitions import rollouts, versions
from engine.errors import InvalidInput, NotFound
from engine.models import Case, Unit
from engine.storage.db import one_at_a_time
from feel.text import Text
from forms import phone as telephones
from forms.definition import FieldChoice
from forms.people import ORGANISATION, PERSON, ROLES

PROCESS, TYPE = "dispute", "dispute_type"
KINDS = (PERSON, ORGANISATION)
LONGEST = {"facts": 1500, "claim": 800, "name": 40, "other_name": 40, "address": 120}
LARGEST = 1_000_000_000
NO_AMOUNT = Text("请填写 0 以上的金额。", "Give an amount of 0 or more.")


@dataclass(frozen=True)
class MediationApplication:
    """What was sent, as it was typed. ``once`` is the id that the device made for it."""

    once: str
    type: str = ""
    place: str = ""
    facts: str = ""
    claim: str = ""
    amount: str = ""
    kind: str = PERSON
    name: str = ""
    phone: str = ""
    other_kind: str = PERSON
    other_name: str = ""
    other_phone: str = ""
    danger: bool = False


def types(db: Session, now: datetime) -> Sequence[FieldChoice]:
    """Return the types of disputes that the opening form offers. Raises NotFound."""
    version_id = rollouts.plan(db, PROCESS, now).everywhere
    if version_id is None:
        raise NotFound(PROCESS)
    published = versions.load(db, version_id)
    form = published.form(published.opens.form)
    return next((one.choices for one in form.fields if one.name == TYPE), ()) if form else ()


def check(db: Session, county: Unit, sent: MediationApplication, *, now: datetime) -> Unit:
    """Look an application over; return its place. Raises InvalidInput by its fields."""
    errors: dict[str, Text] = {}
    if sent.type not in {one.value for one in types(db, now)}:
        errors["type"] = reporting.CHOOSE
    for name in ("facts", "claim", "name", "phone", "other_name"):
        if not getattr(sent, name).strip():
            errors[name] = reporting.REQUIRED
    for name, most in LONGEST.items():
        if len(getattr(sent, name, "")) > most:
            errors[name] = reporting.TOO_LONG
    for name in ("phone", "other_phone"):
        if getattr(sent, name) and not telephones.valid(getattr(sent, name)):
            errors[name] = reporting.NO_PHONE
    for name in ("kind", "other_kind"):
        if getattr(sent, name) not in KINDS:
            errors[name] = reporting.CHOOSE
    if not _is_amount(sent.amount):
        errors["amount"] = NO_AMOUNT
    own = (Unit.code == sent.place, Unit.at_county == county.id, Unit.kind == "area")
    place = db.scalar(select(Unit).where(*own, Unit.ended_at.is_(None))) if sent.place else None
    if place is None:
        errors["place"] = reporting.NO_PLACE
    if errors or place is None:
        raise InvalidInput(errors)
    return place


def receive(
    db: Session, county: Unit, sent: MediationApplication, *, now: datetime
) -> ReportReceipt:
    """Open the dispute of an application, once. Raises InvalidInput, forms.InvalidAnswers."""
    if not references.ONCE.fullmatch(sent.once):
        raise InvalidInput({"": reporting.REQUIRED})
    one_at_a_time(db, int(sent.once[:15], 16))
    source = reporting.source_of(sent.once)
    known = db.scalar(select(Case).where(Case.county_id == county.id, Case.source == source))
    if known is None:
        place = check(db, county, sent, now=now)
        known = open_for_citizen(
            db, PROCESS, _answers(sent, place, now), place, now=now, source=source
        )
        reporting.keep_keys(db, known, sent.once, sent.phone, now=now)
    return ReportReceipt(known.number, *references.of_report(sent.once), known.unit.name)


def _answers(sent: MediationApplication, place: Unit, now: datetime) -> Mapping[str, Any]:
    return {
        "in_confidence": False,
        "channel": "当事人申请",
        "applied_on": settings.current().local_day(now).isoformat(),
        "application_form": "书面",
        # No names in a title.
        "summary": f"{sent.type}（网上申请）",
        TYPE: sent.type,
        "place": place.code,
        "facts": sent.facts,
        "claim": sent.claim,
        "amount": sent.amount or "0",
        "people_count": 2,
        "parties": [
            _party("applicant", sent.kind, sent.name, sent.phone),
            _party("respondent", sent.other_kind, sent.other_name, sent.other_phone),
        ],
        "tell_by": "短信",
        "on_spot": False,
        "violence": sent.danger,
        "self_harm": False,
        "gathering": False,
        "pending_elsewhere": "没有",
        "other_willing": "尚未征求",
    }


def _party(role: str, kind: str, name: str, phone: str) -> Mapping[str, Any]:
    known = {"side": ROLES[role].zh, "party_kind": kind, "party_name": name.strip()}
    return known | ({"party_phone": phone} if phone else {})


def _is_amount(text: str) -> bool:
    plain = text.strip() or "0"
    whole, _, part = plain.partition(".")
    if not (plain.isascii() and whole.isdigit() and (not part or part.isdigit())):
        return False
    return len(part) <= 2 and len(whole) < 12 and int(whole) <= LARGEST
