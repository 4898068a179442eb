"""Whom of a case to tell, and by which way: what they chose, else the number that they left.

Addresses are opened here to see whether there are any, and again when a message is sent; nothing
of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import versions
from engine.models import Case, CasePerson, CitizenMessage
from engine.notices.channels.preferences import MAIL, Address
from engine.records import case_people, vault
from forms import Field, Form, people, telling

BROUGHT = ("applicant", "caller", "reporter")
PARTIES = (*BROUGHT, "respondent", "third_party")
NO_ADDRESS, NO_CHANNEL, ASKED, SECRET = "no_address", "no_channel", "asked", "confidential"
UNWANTED = "none"
ADULT = 18


@dataclass(frozen=True)
class CitizenRecipient:
    """One citizen to tell; ``way`` is sms, mail, person or none, ``reason`` why not by message.

    Two with one ``same`` share an address, and are written to once.
    """

    person_id: int | None
    way: str
    reason: str = ""
    same: str = ""


@dataclass(frozen=True)
class StatedWish:
    """What the opening form says of being told."""

    way: str | None
    mail: str
    safe: bool
    phone: str


def of_case(db: Session, case: Case, *, parties: bool, today: date) -> list[CitizenRecipient]:
    """Return whom to tell: those who brought the case, or all its parties; each address once."""
    wish = _wish(db, case)
    if wish.way == UNWANTED:
        return [CitizenRecipient(None, UNWANTED, ASKED)]
    if case.confidential and not (wish.safe and wish.way in ("sms", "mail")):
        return [CitizenRecipient(None, "person", SECRET)]
    if wish.way == "person":
        return [CitizenRecipient(None, "person", ASKED)]
    found = list(_people(db, case, wish, parties, today))
    if not found:
        found = [_by_form(wish)]
    once = {one.same or one.person_id or one.way: one for one in reversed(found)}
    return [one for one in found if once[one.same or one.person_id or one.way] is one]


def is_brought_by(db: Session, case: Case, phone_mac: str) -> bool:
    """Return whether the number that was left when a case was opened is this one."""
    phone = _wish(db, case).phone
    return bool(phone) and vault.blind("phone", phone) == phone_mac


def address_of(db: Session, message: CitizenMessage) -> Address:
    """Return where a message goes, read from the vault for this moment."""
    case = db.get_one(Case, message.case_id)
    wish = _wish(db, case)
    if message.way == "mail":
        return Address(mail=wish.mail)
    if message.person_id is None:
        return Address(phone=wish.phone)
    row = _current(db, db.get_one(CasePerson, message.person_id))
    return Address(phone=str(case_people.opened(row).get("phone", "")) if row else "")


def _people(
    db: Session, case: Case, wish: StatedWish, parties: bool, today: date
) -> Iterator[CitizenRecipient]:
    rows = case_people.of_case(db, case)
    beside: dict[int, list[CasePerson]] = {}
    for row in rows:
        if row.agent_of is not None:
            beside.setdefault(row.agent_of, []).append(row)
    mail = wish.mail if wish.way == "mail" else ""
    for row in rows:
        if row.agent_of is not None or row.role not in (PARTIES if parties else BROUGHT):
            continue
        if mail and row.role in BROUGHT:
            yield CitizenRecipient(row.id, "mail", same=mail)
            # One address was given: it is the first one's.
            mail = ""
        else:
            yield _by_phone(row, beside.get(row.id, ()), today)


def _by_phone(row: CasePerson, beside: Sequence[CasePerson], today: date) -> CitizenRecipient:
    """A minor is told through the guardian; who has no number, through whom they sent."""
    known = case_people.opened(row)
    guarded = [one for one in beside if one.role == people.GUARDIAN]
    asked = guarded if _is_minor(known, today) else [row, *beside]
    for one in asked:
        phone = str(case_people.opened(one).get("phone", ""))
        if phone:
            return CitizenRecipient(one.id, "sms", same=phone)
    return CitizenRecipient(row.id, "person", NO_ADDRESS)


def _is_minor(known: Mapping[str, Any], today: date) -> bool:
    years = people.age(known.get("birth"), today)
    return bool(known.get("minor")) or (years is not None and years < ADULT)


def _by_form(wish: StatedWish) -> CitizenRecipient:
    if wish.way == "mail" and wish.mail:
        return CitizenRecipient(None, "mail")
    if wish.phone:
        return CitizenRecipient(None, "sms")
    return CitizenRecipient(None, "person", NO_ADDRESS)


def _current(db: Session, row: CasePerson) -> CasePerson | None:
    """Return what is said of a person now: a number may have been put right since."""
    if row.ended_at is None:
        return row
    now = select(CasePerson).where(
        CasePerson.case_id == row.case_id,
        CasePerson.county_id == row.county_id,
        CasePerson.ended_at.is_(None),
        CasePerson.field == row.field,
        CasePerson.role == row.role,
        CasePerson.place == row.place,
    )
    return db.scalar(now.limit(1))


def _wish(db: Session, case: Case) -> StatedWish:
    published = versions.load(db, case.version_id)
    form = published.form(published.opens.form)
    answers = vault.answers_of(db, case).get(published.opens.id, {})
    mail = str(answers.get(telling.MAIL) or "")
    return StatedWish(
        telling.WAYS.get(str(answers.get(telling.BY))),
        mail if MAIL.fullmatch(mail) else "",
        answers.get(telling.SAFE) is True,
        next(_phones(form, answers), "") if form else "",
    )


def _phones(form: Form, answers: Mapping[str, Any]) -> Iterator[str]:
    """Yield numbers of the opening form outside of its people, who have rows of their own."""

    def walk(fields: Sequence[Field], given: Mapping[str, Any]) -> Iterator[str]:
        for field in fields:
            value = given.get(field.name)
            if value and field.kind == "list" and field.people is None:
                for one in value:
                    yield from walk(field.fields, one)
            elif value and field.kind == "phone":
                yield str(value)

    return walk(form.fields, answers)
