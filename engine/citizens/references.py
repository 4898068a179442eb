"""Reference and pass phrase of a report: made of what the device sent, so that twice is the same.

Only digests are kept. Whoever has the reference alone learns nothing: a wrong pass phrase, and a
reference that nobody has, take the same time and get the same answer.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import CitizenCase, CitizenFollow
from engine.records import vault

# Without letters and digits that look alike, written by hand or read out on the telephone.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 10, 5
DIGITS = 8
ONCE = re.compile(r"[0-9a-f]{32}")
NOBODY = "nobody's pass phrase"


def of_report(once: str) -> tuple[str, str]:
    """Return reference and pass phrase of what was sent under a client-made id."""
    number = int.from_bytes(_derived("reference", once))
    letters = ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        letters += LETTERS[rest]
    digits = str(int.from_bytes(_derived("pass", once)))[-DIGITS:]
    return f"{letters[:GROUP]}-{letters[GROUP:]}", f"{digits[:4]} {digits[4:]}"


def blinded(reference: str) -> str:
    """Return what a reference is kept and found as, however it was typed."""
    return vault.blind("reference", _plain(reference))


def hashed(phrase: str) -> str:
    """Return what a pass phrase is kept as."""
    return _hasher().hash(_plain(phrase))


def find(
    db: Session, county_id: int, reference: str, phrase: str
) -> CitizenCase | CitizenFollow | None:
    """Return what a reference and its pass phrase open: one's own case, or one that one follows.

    It takes the same time for every wrong pair.
    """
    mac = blinded(reference)
    own = select(CitizenCase).where(
        CitizenCase.county_id == county_id, CitizenCase.reference_mac == mac
    )
    others = select(CitizenFollow).where(
        CitizenFollow.county_id == county_id, CitizenFollow.reference_mac == mac
    )
    mine, followed = db.scalar(own), db.scalar(others)
    found = mine if mine is not None else followed
    kept = found.pass_hash if found is not None else _nobodys()
    try:
        _hasher().verify(kept, _plain(phrase))
    except VerificationError:
        return None
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()[:40]


def _derived(what: str, once: str) -> bytes:
    key = settings.current().index_key.encode()
    return hmac.new(key, f"citizen:{what}:{once}".encode(), hashlib.sha256).digest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash(NOBODY)
