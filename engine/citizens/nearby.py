"""Already reported near here: what is public of it, and following it in place of a double.

Only kinds that the table of choices makes public are looked for, never what is confidential; what
is shown is the kind, the place as a village or grid, the day, and whether it is answered.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.citizens import references
from engine.definitions.citizen_choices import CitizenChoice
from engine.errors import InvalidInput, NotFound
from engine.models import Case, CitizenFollow, Unit, new_id
from engine.storage.db import one_at_a_time
from feel.text import Text

METRES, DAYS, MOST = 200, 30, 5
EARTH = 6_371_000
SIGNED_FOR, LONGEST_SIGN = timedelta(hours=1), 120
REQUIRED = Text("请填写。", "Please fill this in.")


@dataclass(frozen=True)
class NearbyCase:
    """What is public of a case near a point, and how far it is from there in metres."""

    case_id: int
    place: str
    opened_at: datetime
    is_answered: bool
    metres: int


def find(
    db: Session,
    county: Unit,
    choice: CitizenChoice,
    longitude: float,
    latitude: float,
    *,
    now: datetime,
) -> Sequence[NearbyCase]:
    """Return cases of this kind near a point, open or closed lately; the nearest first."""
    if not choice.public:
        return []
    high = math.degrees(METRES / EARTH)
    wide = high / max(math.cos(math.radians(latitude)), 0.01)
    found = select(Case).where(
        Case.county_id == county.id,
        Case.latitude.between(latitude - high, latitude + high),
        Case.longitude.between(longitude - wide, longitude + wide),
        Case.process == choice.process,
        Case.category == choice.category,
        ~Case.guarded,
        or_(Case.closed_at.is_(None), Case.closed_at > now - timedelta(days=DAYS)),
    )
    near = [
        _public(case, _metres(case, longitude, latitude))
        for case in db.scalars(found.order_by(Case.id.desc()).limit(200))
    ]
    return sorted((one for one in near if one.metres <= METRES), key=lambda one: one.metres)[:MOST]


def follow(db: Session, county: Unit, case_id: int, once: str, *, now: datetime) -> tuple[str, str]:
    """Follow a case that ``find`` has shown; return reference and pass phrase of the follower.

    Sent again it is the same. Raises InvalidInput, and NotFound for what may not be followed.
    """
    if not references.ONCE.fullmatch(once):
        raise InvalidInput({"": REQUIRED})
    one_at_a_time(db, int(once[:15], 16))
    case = db.get(Case, case_id)
    if case is None or case.county_id != county.id or case.guarded:
        raise NotFound(case_id)
    reference, phrase = references.of_report(once)
    mac = references.blinded(reference)
    known = select(CitizenFollow.id).where(CitizenFollow.reference_mac == mac)
    if db.scalar(known) is None:
        db.add(
            CitizenFollow(
                id=new_id(),
                county_id=county.id,
                case_id=case.id,
                reference_mac=mac,
                pass_hash=references.hashed(phrase),
                at=now,
            )
        )
    return reference, phrase


def sign(case_id: int, now: datetime) -> str:
    """Return a sign that this case was shown: for an hour it can be followed, and no other can."""
    head = f"{case_id}.{int(now.timestamp())}"
    return f"{head}.{_signature(head)}"


def signed(text: str, now: datetime) -> int:
    """Return the case that a sign is for. Raises NotFound for one that is forged, or too old."""
    head, _, signature = text[:LONGEST_SIGN].rpartition(".")
    if not text.isascii() or not hmac.compare_digest(signature, _signature(head)):
        raise NotFound()
    case_id, _, moment = head.partition(".")
    if not 0 <= now.timestamp() - int(moment) <= SIGNED_FOR.total_seconds():
        raise NotFound()
    return int(case_id)


def _signature(head: str) -> str:
    key = settings.current().secret_key.encode()
    return hmac.new(key, f"near:{head}".encode(), sha256).hexdigest()[:32]


def followers(db: Session, case: Case) -> int:
    """Return how many follow a case in place of reporting it again."""
    mine = (CitizenFollow.case_id == case.id, CitizenFollow.county_id == case.county_id)
    return db.scalar(select(func.count()).select_from(CitizenFollow).where(*mine)) or 0


def _public(case: Case, metres: int) -> NearbyCase:
    answered = case.answered_at is not None or case.closed_at is not None
    return NearbyCase(case.id, case.place_name, case.opened_at, answered, metres)


def _metres(case: Case, longitude: float, latitude: float) -> int:
    """Return the distance on the sphere, rounded up to tens: nobody learns the very point."""
    assert case.latitude is not None and case.longitude is not None
    here, there = math.radians(latitude), math.radians(case.latitude)
    high = math.sin((there - here) / 2) ** 2
    wide = math.sin(math.radians(case.longitude - longitude) / 2) ** 2
    arc = 2 * math.asin(math.sqrt(min(1.0, high + math.cos(here) * math.cos(there) * wide)))
    return math.ceil(arc * EARTH / 10) * 10
