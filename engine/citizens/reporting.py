"""What a citizen sends: a report, an enquiry, or a report of wrongdoing; each becomes a case.

The table of choices says which process; the answers are those of its own opening form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.public_opening import open_for_citizen
from engine.citizens import masking, photos, references, spots
from engine.definitions import citizen_choices, rollouts, versions
from engine.definitions.citizen_choices import CitizenChoice, CitizenChoices
from engine.errors import InvalidInput, NotFound
from engine.geo import boundaries
from engine.models import Case, CitizenCase, Unit, new_id
from engine.records import vault
from engine.storage.db import one_at_a_time
from feel.text import Text
from forms import phone as telephones

CONSENT = "2026-12"
LONGEST, LONGEST_ADDRESS, LONGEST_NAME = 1500, 120, 30
# Below these a ticket finds its grid; a place that is larger goes to the hotline.
GRIDS = ("village", "grid")
REQUIRED = Text("请填写。", "Please fill this in.")
CHOOSE = Text("请选择。", "Please choose.")
NO_PHONE = Text("手机号码不正确。", "This is no telephone number.")
NO_PLACE = Text(
    "请定位，或者选择所在的村（社区）。", "Give the position, or choose the village or community."
)
NAMED_ONLY = Text(
    "这类事项需要联系您核实，请留下手机号码。",
    "This kind of matter needs a telephone number, so that you can be asked.",
)
TOO_LONG = Text("太长了，请缩短。", "This is too long.")


@dataclass(frozen=True)
class CitizenReport:
    """What was sent, as it was typed. ``once`` is the id that the device made for it.

    ``against`` is the code of the unit that a report of wrongdoing is about: the case goes round
    it. ``against_person`` are words.
    """

    kind: str
    choice: str
    details: str
    once: str
    place: str = ""
    longitude: float | None = None
    latitude: float | None = None
    address: str = ""
    name: str = ""
    phone: str = ""
    against: str = ""
    against_person: str = ""
    danger: bool = False
    # The code at the place that was scanned.
    spot: str = ""
    photos: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ReportReceipt:
    """What the citizen takes away; the same whenever the same report is sent again."""

    number: str
    reference: str
    phrase: str
    unit: str


def choices(db: Session, now: datetime) -> CitizenChoices:
    """Return the choices in force. Raises NotFound before any table was published."""
    version_id = rollouts.plan(db, citizen_choices.CITIZENS, now).everywhere
    if version_id is None:
        raise NotFound(citizen_choices.CITIZENS)
    (content,) = versions.files_of(db, version_id).values()
    return citizen_choices.load(content)


def check(db: Session, county: Unit, report: CitizenReport, *, now: datetime) -> None:
    """Look a report over before it counts as an attempt; nothing is written.

    Raises InvalidInput with the fields of the report.
    """
    _checked(db, report, now)
    _place(db, county, report)
    _against(db, county, report)


def receive(db: Session, county: Unit, report: CitizenReport, *, now: datetime) -> ReportReceipt:
    """Open the case of a report, once; return how to come back to it.

    Raises InvalidInput with the fields of the report.
    """
    if not references.ONCE.fullmatch(report.once):
        raise InvalidInput({"": REQUIRED})
    # Sent twice at once it is one case: the second waits here, and finds it.
    one_at_a_time(db, int(report.once[:15], 16))
    source = source_of(report.once)
    known = db.scalar(select(Case).where(Case.county_id == county.id, Case.source == source))
    if known is not None:
        return _receipt(known, report)
    choice = _checked(db, report, now)
    place = _place(db, county, report)
    _against(db, county, report)
    process = choice.process if place.level in GRIDS else "hotline"
    answers = ANSWERS[process](report, choice, place)
    case = open_for_citizen(db, process, answers, place, now=now, source=source)
    case.latitude, case.longitude = report.latitude, report.longitude
    photos.keep(db, case, report.photos, now=now)
    keep_keys(db, case, report.once, report.phone, now=now)
    spots.count(db, county.id, report.spot)
    return _receipt(case, report)


def _receipt(case: Case, report: CitizenReport) -> ReportReceipt:
    return ReportReceipt(case.number, *references.of_report(report.once), case.unit.name)


def source_of(once: str) -> str:
    """Return what makes the case of a client-made id known again."""
    return f"citizen:{vault.blind('citizen.once', once)}"


def keep_keys(db: Session, case: Case, once: str, phone: str, *, now: datetime) -> None:
    """Keep what opens a case to its citizen: digests, and never a number of a confidential one."""
    reference, phrase = references.of_report(once)
    found_by = vault.blind("phone", phone) if phone and not case.confidential else None
    db.add(
        CitizenCase(
            id=new_id(),
            county_id=case.county_id,
            case_id=case.id,
            reference_mac=references.blinded(reference),
            pass_hash=references.hashed(phrase),
            phone_mac=found_by,
            confidential=case.confidential,
            consent=CONSENT,
            at=now,
        )
    )


def _checked(db: Session, report: CitizenReport, now: datetime) -> CitizenChoice:
    """Return the choice of a report whose fields hold. Raises InvalidInput."""
    errors: dict[str, Text] = {}
    choice = choices(db, now).choice(report.kind, report.choice)
    if choice is None:
        errors["choice"] = CHOOSE
    if not report.details.strip():
        errors["details"] = REQUIRED
    for name, most in (
        ("details", LONGEST),
        ("address", LONGEST_ADDRESS),
        ("name", LONGEST_NAME),
        ("against_person", LONGEST_NAME * 2),
    ):
        if len(getattr(report, name)) > most:
            errors[name] = TOO_LONG
    if report.phone and not telephones.valid(report.phone):
        errors["phone"] = NO_PHONE
    elif choice is not None and not choice.anonymous and not report.phone:
        errors["phone"] = NAMED_ONLY
    if not report.place and report.longitude is None:
        errors["place"] = NO_PLACE
    photos.check(report.photos)
    if errors or choice is None:
        raise InvalidInput(errors)
    return choice


def _place(db: Session, county: Unit, report: CitizenReport) -> Unit:
    """Return the place that was chosen, else the one of the position. Raises InvalidInput."""
    if report.place:
        own = (Unit.code == report.place, Unit.at_county == county.id, Unit.kind == "area")
        found = db.scalar(select(Unit).where(*own, Unit.ended_at.is_(None)))
        if found is None:
            raise InvalidInput({"place": NO_PLACE})
        return found
    assert report.longitude is not None and report.latitude is not None
    return boundaries.locate(db, county.id, report.longitude, report.latitude).unit


def _against(db: Session, county: Unit, report: CitizenReport) -> None:
    if report.against:
        own = (Unit.code == report.against, Unit.at_county == county.id, Unit.ended_at.is_(None))
        if db.scalar(select(Unit.id).where(*own)) is None:
            raise InvalidInput({"against": CHOOSE})


def _as_ticket(report: CitizenReport, choice: CitizenChoice, place: Unit) -> Mapping[str, Any]:
    answers: dict[str, Any] = {
        "in_confidence": False,
        "summary": _title(report, choice),
        "category": choice.category,
        "setting": choice.setting,
        "details": report.details,
        "danger": report.danger,
        "place": place.code,
        "address": report.address,
        "channel": "群众反映",
        "has_reporter": bool(report.phone),
        "settled": False,
    }
    if report.phone:
        answers |= {"reporter_name": report.name or "群众", "reporter_phone": report.phone}
    return answers


def _as_order(report: CitizenReport, choice: CitizenChoice, place: Unit) -> Mapping[str, Any]:
    whistle = choice.request == "举报"
    named = "实名保密" if whistle else "实名公开"
    answers: dict[str, Any] = {
        "request_kind": choice.request or "求助",
        "identity": named if report.phone else "匿名",
        "details": report.details,
        # What is reported in confidence is told by no title.
        "summary": "网上举报" if whistle else _title(report, choice),
        "topic": choice.topic,
        "item": "目录外",
        "urgent": report.danger,
        "place": place.code,
        "address": report.address,
        "answered_now": False,
        "channel": "网站",
        "area": "乡镇农村" if place.level in GRIDS else "城区",
        "call_back_wanted": bool(report.phone),
    }
    if whistle:
        answers |= {"against": report.against or None, "against_person": report.against_person}
    if report.phone:
        answers |= {"caller_phone": report.phone, "caller_name": report.name or "群众"}
    return answers


ANSWERS = {"ticket": _as_ticket, "hotline": _as_order}


def _title(report: CitizenReport, choice: CitizenChoice) -> str:
    return f"{choice.name}：{masking.first_words(report.details)}"[:60]
