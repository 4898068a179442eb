"""Ratings by citizens: those of call-backs and those of the site are one row each, one rate.

Where only stars are given a table says which opinion they are; an administrator edits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.casework.case_work import CaseWork
from engine.errors import InvalidInput
from engine.models import CitizenRating, Setting, new_id
from engine.records import audit
from engine.storage import pending_rows
from engine.terms.opinions import (
    BY_WORD,
    CALL_BACK,
    DISSATISFIED,
    MOST_STARS,
    MOSTLY,
    OPINIONS,
    SATISFIED,
    SITE,
)
from feel.text import Text
from forms import Form

KEY = "stars"
PRESETS: Mapping[int, str] = {
    1: DISSATISFIED,
    2: DISSATISFIED,
    3: MOSTLY,
    4: SATISFIED,
    5: SATISFIED,
}
ORDER = tuple(OPINIONS)
NOT_RISING = Text("星级越高，评价不能越低。", "More stars cannot mean a lower opinion.")
UNKNOWN = Text("请选择。", "Please choose.")


def star_opinions(db: Session) -> Mapping[int, str]:
    """Return which opinion each number of stars is."""
    row = db.get(Setting, KEY)
    return {int(stars): key for stars, key in row.value.items()} if row is not None else PRESETS


def set_star_opinions(
    db: Session, actor_id: int, typed: Mapping[str, str], *, now: datetime
) -> Mapping[int, str]:
    """Keep what an administrator chose for each number of stars, by ``stars1`` to ``stars5``.

    Raises InvalidInput with a text for each that is no opinion, or lower than that of fewer stars.
    """
    wrong: dict[str, Text] = {}
    found: dict[str, str] = {}
    least = len(ORDER)
    for stars in range(1, MOST_STARS + 1):
        name, opinion = f"stars{stars}", typed.get(f"stars{stars}", "")
        if opinion not in OPINIONS:
            wrong[name] = UNKNOWN
        elif ORDER.index(opinion) > least:
            wrong[name] = NOT_RISING
        else:
            least = ORDER.index(opinion)
        found[str(stars)] = opinion
    if wrong:
        raise InvalidInput(wrong)
    db.merge(Setting(key=KEY, value=found, changed_at=now))
    audit.record_admin(db, "stars.opinions", actor_id, found, at=now)
    return star_opinions(db)


def note(db: Session, work: CaseWork, form: Form | None, clean: Mapping[str, Any]) -> None:
    """Keep the rating that a step's answers hold, if it is one in which the citizen is asked."""
    rating = form.rating if form is not None else {}
    if not rating:
        return
    said = {role: clean.get(field.name) for role, field in rating.items()}
    opinion, stars = BY_WORD.get(str(said.get("opinion"))), said.get("stars")
    if opinion is None and stars is not None and said.get("opinion") is None:
        opinion = star_opinions(db)[int(stars)]
    if opinion is not None:
        solved = said.get("solved")
        keep(db, work, opinion, stars, solved if isinstance(solved, bool) else None)


def keep(
    db: Session, work: CaseWork, opinion: str, stars: int | None, solved: bool | None
) -> CitizenRating:
    """Add one rating of a case, by whoever works on it: its citizen, or who called back."""
    by_citizen = work.actor is not None and work.actor.citizen_of is not None
    row = CitizenRating(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        source=SITE if by_citizen else CALL_BACK,
        opinion=opinion,
        stars=stars,
        is_solved=solved,
        at=work.now,
    )
    pending_rows.add(db, row)
    return row
