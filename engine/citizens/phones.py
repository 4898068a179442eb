"""A telephone confirmed by a code, and the cases that it then opens.

Whoever asks for a code gets the same answer in the same time, whether the number has cases or
not: only the code itself, typed on the device that asked, opens the list.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, or_, select, union, update
from sqlalchemy.orm import Session

from engine import settings
from engine.citizens import attempts
from engine.errors import InvalidInput, NotFound
from engine.models import (
    BlindIndex,
    Case,
    CasePerson,
    Channel,
    CitizenCase,
    CitizenCode,
    Unit,
    new_id,
)
from engine.notices.catalogue import rendering
from engine.notices.channels import sending
from engine.notices.channels.message import ChannelSnapshot, Message
from engine.notices.channels.preferences import Address
from engine.notices.telling import recipients
from engine.notices.telling.recipients import BROUGHT
from engine.records import vault
from engine.records.bindings import of_citizen_code
from feel.text import Text
from forms import phone as telephones

DIGITS = 6
LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=1)
MOST_TRIES = 5
MOST_CASES = 50
WORDS = "citizen.code"
NO_PHONE = Text("手机号码不正确。", "This is no telephone number.")


@dataclass(frozen=True)
class CodeRequest:
    """A code on its way; ``code`` is there only where the page shows it, in a demo."""

    id: int
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class CodeLetter:
    """A code that is to be sent, and over which channel."""

    id: int
    way: ChannelSnapshot
    message: Message


def offered(db: Session, county: Unit) -> bool:
    """Return whether a telephone can be confirmed here: by a message, or in a demo by the page."""
    return not settings.current().production or _channel(db, county) is not None


def check(phone: str) -> None:
    """Refuse what is no telephone number. Raises InvalidInput."""
    if not telephones.valid(phone):
        raise InvalidInput({"phone": NO_PHONE})


def ask(db: Session, county: Unit, phone: str, locale: str, *, now: datetime) -> CodeRequest:
    """Make a code for a telephone; the worker sends it, a demo shows it. Raises NotFound where no
    telephone can be confirmed.
    """
    if not offered(db, county):
        raise NotFound(county.id)
    db.execute(delete(CitizenCode).where(CitizenCode.until_at < now - KEPT))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = CitizenCode(
        id=new_id(),
        county_id=county.id,
        phone_mac=vault.blind("phone", phone),
        state="shown",
        at=now,
        until_at=now + LIFETIME,
    )
    row.code_mac = _mac(row.id, code)
    if _channel(db, county) is not None:
        told = {"phone": phone, "code": code, "locale": locale}
        row.payload, row.state = vault.seal(told, of_citizen_code(row)), "waiting"
    db.add(row)
    return CodeRequest(row.id, "" if settings.current().production else code)


def confirm(db: Session, county: Unit, code_id: int, typed: str, *, now: datetime) -> str | None:
    """Return the digest of the telephone that a code confirms; None for whatever is wrong.

    A code counts once, for ten minutes and five tries.
    """
    counted = (
        update(CitizenCode)
        .where(
            CitizenCode.id == code_id,
            CitizenCode.county_id == county.id,
            CitizenCode.until_at > now,
            CitizenCode.tries < MOST_TRIES,
        )
        .values(tries=CitizenCode.tries + 1)
        .returning(CitizenCode.code_mac, CitizenCode.phone_mac)
    )
    row = db.execute(counted).first()
    plain = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())[:DIGITS]
    if row is None or not hmac.compare_digest(row.code_mac, _mac(code_id, plain)):
        return None
    db.execute(update(CitizenCode).where(CitizenCode.id == code_id).values(tries=MOST_TRIES))
    attempts.add(db, "code", "phone", row.phone_mac, now=now)
    return str(row.phone_mac)


def cases_of(db: Session, county_id: int, phone_mac: str) -> Sequence[int]:
    """Return the cases that a confirmed telephone brought in, newest first.

    From the site, or when somebody of ours took them in; never confidential ones, nor those in
    which it is the other side's.
    """
    reported = select(CitizenCase.case_id).where(
        CitizenCase.county_id == county_id, CitizenCase.phone_mac == phone_mac
    )
    called = select(CasePerson.case_id).where(
        CasePerson.county_id == county_id,
        CasePerson.phone_mac == phone_mac,
        CasePerson.role.in_(BROUGHT),
        CasePerson.ended_at.is_(None),
    )
    indexed = select(BlindIndex.case_id).where(
        BlindIndex.county_id == county_id, BlindIndex.kind == "phone", BlindIndex.mac == phone_mac
    )
    own = set(db.scalars(union(reported, called)))
    mine = select(Case).where(
        Case.id.in_(union(reported, called, indexed).subquery().select()),
        Case.county_id == county_id,
        ~Case.guarded,
    )
    newest = mine.order_by(Case.opened_at.desc(), Case.id.desc()).limit(MOST_CASES)
    # The index knows every number of a case, a witness's too: the one that was left must be this.
    return [
        case.id
        for case in db.scalars(newest)
        if case.id in own or recipients.is_brought_by(db, case, phone_mac)
    ]


def waiting(db: Session, most: int = 100) -> list[int]:
    """Return codes that are still to be sent, oldest first."""
    found = select(CitizenCode.id).where(CitizenCode.state == "waiting")
    return list(db.scalars(found.order_by(CitizenCode.id).limit(most)))


def claim(db: Session, code_id: int, now: datetime) -> CodeLetter | None:
    """Return a code as a message, and forget the number; None where there is nothing to send.

    Whoever claims it sends it, once; what gets lost is asked for again.
    """
    row = db.get(CitizenCode, code_id, with_for_update=True)
    if row is None or row.payload is None:
        return None
    channel = _channel(db, db.get_one(Unit, row.county_id))
    told = vault.unseal(row.payload, of_citizen_code(row))
    row.payload, row.state = None, "sent"
    if channel is None or row.until_at <= now:
        row.state = "failed"
        return None
    values = rendering.values({"text": told["code"]}, told["locale"])
    text = rendering.render(rendering.overrides(db), WORDS, told["locale"], "text", values)
    message = Message(
        key=str(row.id), kind=WORDS, subject="", text=text, at=now, to=Address(phone=told["phone"])
    )
    return CodeLetter(row.id, sending.way_of(channel), message)


def give_up(db: Session, code_id: int) -> None:
    """Note that a code could not be sent."""
    db.execute(update(CitizenCode).where(CitizenCode.id == code_id).values(state="failed"))


def _channel(db: Session, county: Unit) -> Channel | None:
    """Return the way by which citizens of a county get messages; its own before everybody's."""
    active = select(Channel).where(
        Channel.audience == "citizen",
        Channel.kind == "http",
        Channel.active_from.is_not(None),
        or_(Channel.unit_id.is_(None), Channel.unit_id == county.id),
    )
    return db.scalars(active.order_by(Channel.unit_id.is_(None), Channel.id).limit(1)).first()


def _mac(code_id: int, code: str) -> str:
    key = settings.current().index_key.encode()
    return hmac.new(key, f"citizen:code:{code_id}:{code}".encode(), sha256).hexdigest()
