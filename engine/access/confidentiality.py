"""The gate of confidential cases: whom a case goes round, and who may know its reporter.

Posts of one's own count here, never those that somebody else's absence lends: whoever stands in
for a person gets that person's work, and not what was confided to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from engine.access.actors import AREA_KINDS, Actor, Seat, recent_since, stayed_to_the_end
from engine.models import Case, Confidentiality, Disclosure, Post, Unit
from engine.models.base import STAMPED_LEVELS
from engine.roles.registry import with_verb
from engine.terms.levels import LEVELS

# Who keeps reporters, and who takes reports and calls back: those have spoken with them.
OFFICERS = with_verb("keep_reporter")
TAKES_REPORTS = with_verb("unmask_reporter")
# The category that a case begins with as confidential, whatever else is said.
REPORT = "举报"


@dataclass(frozen=True)
class Concealment:
    """What of a case somebody may not learn: nothing, or who reported it and all that tells."""

    hides: bool = False

    def covers_opening(self, case: Case, user_id: int | None, at: datetime | None) -> bool:
        """Return whether this hides who did something: the one who opened the case, while opening
        it.
        """
        return self.hides and user_id is not None and (user_id, at) == _opening(case)


NOTHING_CONCEALED = Concealment()
CONCEALED = Concealment(hides=True)


def concealment(db: Session, actor: Actor, case: Case) -> Concealment:
    """Return the concealment of a case before an actor; asks the database for confidential cases
    alone.
    """
    return CONCEALED if case.confidential and not knows(db, actor, case) else NOTHING_CONCEALED


def knows(db: Session, actor: Actor, case: Case) -> bool:
    """Return whether the actor may know the reporter: by a post, or as one of two who look
    together.
    """
    if goes_round(case, own_line(actor)):
        return False
    return knows_by_post(actor, case) or looking(db, actor, case) is not None


def knows_by_post(actor: Actor, case: Case) -> bool:
    """Return whether a post of the actor's own lets them know the reporter; no deputyship does.

    Operators of the unit that registered the case have spoken with the reporter, whoever opened
    it there has, and confidential officers keep it.
    """
    if goes_round(case, own_line(actor)):
        return False
    here = [seat for seat in _own(actor) if seat.unit_id == case.unit_id]
    if any(seat.role in TAKES_REPORTS for seat in here):
        return True
    return bool(here and case.opened_by == actor.user_id) or is_officer_of(actor, case)


def is_officer_of(actor: Actor, case: Case) -> bool:
    """Return whether the actor is an officer who keeps this case, by a post of their own."""
    if goes_round(case, own_line(actor)):
        return False
    return any(_keeps(seat, case) for seat in _own(actor) if seat.role in OFFICERS)


def may_lift(actor: Actor, case: Case) -> bool:
    """Return whether the actor is an officer of a unit above the one concerned, by a post of their
    own.
    """
    if goes_round(case, own_line(actor)):
        return False
    concerned = _concerned(case)
    officers = (seat for seat in _own(actor) if seat.role in OFFICERS)
    return any(stands_above(seat, concerned) for seat in officers)


def looking(db: Session, actor: Actor, case: Case) -> Disclosure | None:
    """Return the disclosure by which the actor may read, with another, who the reporter is just
    now.
    """
    both = or_(Disclosure.asked_by == actor.user_id, Disclosure.decided_by == actor.user_id)
    return db.scalar(
        select(Disclosure)
        .where(
            Disclosure.case_id == case.id,
            Disclosure.county_id == case.county_id,
            Disclosure.outcome == "shown",
            Disclosure.until_at > actor.at,
            both,
        )
        .limit(1)
    )


def by_own_posts(actor: Actor) -> Actor:
    """Return the same person without what they deputise for."""
    return replace(actor, seats=tuple(_own(actor)))


def own_line(actor: Actor) -> frozenset[int]:
    """Return the units in which the actor has, or lately had, a post of their own, with areas
    above.

    Whoever has just left a unit still has friends there, and did what it is accused of.
    """
    held = {unit_id for seat in _own(actor) for unit_id in (seat.unit_id, *seat.stamps)}
    return actor.former.union(unit_id for unit_id in held if unit_id is not None)


def goes_round(case: Case, line: Collection[int]) -> bool:
    """Return whether a case goes round somebody whose units and areas above are ``line``."""
    kept = case.confidentiality if case.guarded else None
    if kept is None or kept.around_id is None:
        return False
    return kept.around_id in line or kept.against_id in line


def avoids(case: Case, unit: Unit) -> bool:
    """Return whether a case goes round a unit: reported against, in its line, or below either."""
    return case.guarded and goes_round(case, line_of(unit))


def line_of(unit: Unit) -> frozenset[int]:
    """Return a unit with all areas above it."""
    above = (getattr(unit, f"at_{level}") for level in STAMPED_LEVELS)
    return frozenset(unit_id for unit_id in (unit.id, *above) if unit_id is not None)


def not_around(line: Any) -> ColumnElement[bool]:
    """Return the condition on ``Case``: it does not go round somebody of this line
    (``own_line``).
    """
    kept = select(Confidentiality.case_id).where(
        Confidentiality.case_id == Case.id,
        or_(Confidentiality.around_id.in_(line), Confidentiality.against_id.in_(line)),
    )
    return or_(~Case.guarded, ~exists(kept.correlate(Case)))


def around(line: Any) -> ColumnElement[bool]:
    """Return the opposite of ``not_around``: a question for the few that go round somebody."""
    kept = select(Confidentiality.case_id).where(
        or_(Confidentiality.around_id.in_(line), Confidentiality.against_id.in_(line))
    )
    return and_(Case.guarded, Case.id.in_(kept))


def concerned(db: Session, case: Case, user_ids: Iterable[int], now: datetime) -> set[int]:
    """Of some people those whom a case goes round: they have, or lately had, a post there."""
    kept = case.confidentiality if case.guarded else None
    if kept is None or kept.around_id is None:
        return set()
    line = [kept.around_id, kept.against_id]
    inside = (getattr(Unit, f"at_{level}").in_(line) for level in STAMPED_LEVELS)
    posts = (
        select(Post.user_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.user_id.in_(sorted(set(user_ids))),
            Post.from_at <= now,
            or_(Post.until_at.is_(None), Post.until_at > recent_since(now), stayed_to_the_end()),
            or_(Unit.id.in_(line), *inside),
        )
    )
    return {user_id for user_id in db.scalars(posts) if user_id is not None}


def watched(actor: Actor) -> Sequence[Seat]:
    """Return the actor's own seats as an officer, through which they see confidential cases."""
    return [seat for seat in _own(actor) if seat.role in OFFICERS]


def stands_above(seat: Seat, unit: Unit) -> bool:
    """Return whether a seat's unit is higher than another one, in the same area."""
    if seat.unit_id == unit.id or seat.level not in STAMPED_LEVELS:
        return False
    area = seat.stamps[STAMPED_LEVELS.index(seat.level)]
    if area is None or getattr(unit, f"at_{seat.level}") != area:
        return False
    # A county stands above its departments, too, which have its level.
    higher = LEVELS.index(seat.level) < LEVELS.index(unit.level)
    return higher or (seat.unit_id == area and unit.kind != "area")


def keepers(units: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition on ``Post`` and its ``Unit``: officers of areas in which one of the
    units lies.

    ``units`` are rows with the stamps of those that see the case.
    """
    areas = []
    for level in STAMPED_LEVELS:
        above = {getattr(row, f"at_{level}") for row in units} - {None}
        areas.append(and_(Unit.level == level, getattr(Unit, f"at_{level}").in_(above)))
    return and_(Post.role.in_(OFFICERS), Unit.kind.in_(AREA_KINDS), or_(*areas))


def _keeps(seat: Seat, case: Case) -> bool:
    kept = case.confidentiality
    if kept is not None and kept.named_id is not None and seat.unit_id == kept.named_id:
        return True
    return seat.unit_id == case.unit_id or stands_above(seat, _concerned(case))


def _concerned(case: Case) -> Unit:
    """Return the unit reported against; where none was named, the one that registered the case."""
    kept = case.confidentiality
    return kept.against if kept is not None and kept.against is not None else case.unit


def _own(actor: Actor) -> list[Seat]:
    return [seat for seat in actor.seats if seat.for_user_id is None]


def _opening(case: Case) -> tuple[int | None, datetime]:
    return case.opened_by, case.opened_at
