"""Which units see a case: rows of access, granted as the case comes to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine.access import confidentiality
from engine.models import Case, CaseAccess, Unit
from engine.storage import pending_rows


def grant(db: Session, case: Case, unit: Unit, reason: str, now: datetime) -> None:
    """Grant a unit access to a case; granting twice counts once.

    Not a unit that a confidential case goes round, nor one for its place alone.
    """
    if case.guarded and (reason == "place" or confidentiality.avoids(case, unit)):
        return
    access = CaseAccess(
        county_id=case.county_id, case_id=case.id, unit_id=unit.id, reason=reason, from_at=now
    )
    access.stamp(unit)
    pending_rows.add(db, access, once=True)
