"""The register of mediators (人民调解员名册): appointed, changed, dismissed, taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import Committee, Mediator, MediatorCourse, Unit, User, new_id
from engine.org.reach import Reach
from engine.records import vault
from engine.records.bindings import of_mediator
from engine.registers.committees import ENDED, note, read_ending
from engine.registers.reading import TypedRow, changes
from engine.registers.words import EDUCATIONS, OFFICE_NAMES, POLITICS, RANKS, SEXES, YES_NO
from feel.text import Text

# What the register keeps sealed of a person.
SEALED = ("birth", "nation", "politics", "phone", "certificate")
LONGEST_COURSE = 400
IN_OFFICE = Text("此人已在该调委会名册上。", "This person is in the committee's register already.")


def of_committee(db: Session, committee: Committee) -> Sequence[Mediator]:
    """Return a committee's mediators, those in office first."""
    query = (
        select(Mediator)
        .where(Mediator.committee_id == committee.id)
        .options(joinedload(Mediator.user))
        .order_by(Mediator.ended_on.is_not(None), Mediator.appointed_on, Mediator.id)
    )
    return db.scalars(query).all()


def everybody(db: Session, reach: Reach) -> Sequence[Mediator]:
    """Return the mediators of all committees within reach."""
    query = (
        select(Mediator)
        .join(Committee, Committee.id == Mediator.committee_id)
        .join(Unit, Unit.id == Committee.unit_id)
        .where(reach.inside())
        .options(joinedload(Mediator.user), joinedload(Mediator.committee))
        .order_by(Committee.name, Mediator.appointed_on, Mediator.id)
    )
    return db.scalars(query).all()


def one(db: Session, reach: Reach, mediator_id: int) -> Mediator:
    """Return a mediator of a committee within reach. Raises NotFound."""
    found = db.scalar(
        select(Mediator)
        .join(Committee, Committee.id == Mediator.committee_id)
        .join(Unit, Unit.id == Committee.unit_id)
        .where(Mediator.id == mediator_id, reach.inside())
        .options(joinedload(Mediator.committee), joinedload(Mediator.user))
    )
    if found is None:
        raise NotFound(mediator_id)
    return found


def particulars(row: Mediator) -> dict[str, str]:
    """Return what is kept sealed of a mediator."""
    return {} if row.payload is None else dict(vault.unseal(row.payload, of_mediator(row)))


def typed_of(row: Mediator) -> dict[str, str]:
    """Return what the register says of somebody as it would be typed."""
    plain = {name: getattr(row, name) for name in ("name", "sex", "education", "office", "rank")}
    days = {"appointed_on": row.appointed_on.isoformat()}
    return {**plain, "full_time": "yes" if row.full_time else "no", **days, **particulars(row)}


def appoint(
    db: Session,
    actor_id: int,
    committee: Committee,
    typed: Mapping[str, str],
    user: User | None,
    today: date,
    *,
    now: datetime,
) -> Mediator:
    """Enter somebody into a committee's register. Raises InvalidInput or Conflict."""
    if committee.ended_on is not None:
        raise Conflict(committee.id, text=ENDED)
    values, sealed = _values(typed, today)
    _require_once(db, committee, user, 0)
    row = Mediator(
        id=new_id(),
        county_id=committee.county_id,
        committee_id=committee.id,
        user_id=user.id if user is not None else None,
        changed_at=now,
        **values,
    )
    row.payload = vault.seal(sealed, of_mediator(row)) if sealed else None
    db.add(row)
    db.flush()
    note(db, actor_id, committee, row, "created", {}, now)
    return row


def change(
    db: Session,
    actor_id: int,
    row: Mediator,
    typed: Mapping[str, str],
    user: User | None,
    today: date,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Correct what the register says of somebody; return what changed. Raises InvalidInput."""
    values, sealed = _values(typed, today)
    _require_once(db, row.committee, user, row.id)
    before = particulars(row)
    changed = changes(row, {**values, "user_id": user.id if user is not None else None})
    # The history says that what is sealed was changed, and not to what.
    hidden = {name: None for name in SEALED if before.get(name, "") != sealed.get(name, "")}
    if hidden:
        row.payload = vault.seal(sealed, of_mediator(row)) if sealed else None
    if changed.pop("user_id", None) is not None:
        hidden["user_id"] = None
    if changed or hidden:
        row.changed_at = now
        db.flush()
        note(db, actor_id, row.committee, row, "changed", {**changed, **hidden}, now)
    return {**changed, **hidden}


def dismiss(
    db: Session,
    actor_id: int,
    row: Mediator,
    typed: Mapping[str, str],
    today: date,
    *,
    now: datetime,
) -> None:
    """End somebody's time in a committee. Raises InvalidInput or Conflict."""
    if row.ended_on is not None:
        raise Conflict(row.id, text=ENDED)
    on, reason = read_ending(typed, today, row.appointed_on)
    row.ended_on, row.end_reason, row.changed_at = on, reason, now
    db.flush()
    note(db, actor_id, row.committee, row, "ended", {"on": str(on), "reason": reason}, now)


def teach(
    db: Session,
    actor_id: int,
    row: Mediator,
    typed: Mapping[str, str],
    today: date,
    *,
    now: datetime,
) -> MediatorCourse:
    """Write down a course that somebody took. Raises InvalidInput."""
    read = TypedRow(typed, today)
    held_on = read.day("held_on", required=True)
    hours = read.number("hours", LONGEST_COURSE)
    topic = read.text("topic", 120, required=True)
    read.require()
    assert held_on is not None
    course = MediatorCourse(
        id=new_id(), mediator_id=row.id, held_on=held_on, hours=hours, topic=topic, at=now,
        by=actor_id,
    )  # fmt: skip
    db.add(course)
    words = {"held_on": str(held_on), "hours": hours, "topic": topic}
    note(db, actor_id, row.committee, row, "course", words, now)
    return course


def courses(db: Session, row: Mediator) -> Sequence[MediatorCourse]:
    """Return the courses that somebody took, the newest first."""
    mine = select(MediatorCourse).where(MediatorCourse.mediator_id == row.id)
    return db.scalars(mine.order_by(MediatorCourse.held_on.desc(), MediatorCourse.id)).all()


def hours_between(db: Session, ids: Sequence[int], first: date, last: date) -> dict[int, int]:
    """Return how many hours of courses mediators took in a period."""
    rows = db.execute(
        select(MediatorCourse.mediator_id, func.sum(MediatorCourse.hours))
        .where(MediatorCourse.mediator_id.in_(ids), MediatorCourse.held_on.between(first, last))
        .group_by(MediatorCourse.mediator_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def in_office(db: Session, user_ids: Sequence[int]) -> dict[int, Mediator]:
    """Return who of these accounts is in the register now."""
    rows = db.scalars(
        select(Mediator)
        .where(Mediator.user_id.in_(user_ids), Mediator.ended_on.is_(None))
        .order_by(Mediator.id)
    )
    return {row.user_id: row for row in rows if row.user_id is not None}


def _values(typed: Mapping[str, str], today: date) -> tuple[dict[str, Any], dict[str, str]]:
    read = TypedRow(typed, today)
    values = {
        "name": read.text("name", 64, required=True),
        "sex": read.one_of("sex", SEXES),
        "education": read.one_of("education", EDUCATIONS),
        "full_time": read.one_of("full_time", YES_NO, required=True) == "yes",
        "office": read.one_of("office", OFFICE_NAMES, required=True),
        "rank": read.one_of("rank", RANKS),
        "appointed_on": read.day("appointed_on", required=True),
    }
    birth = read.day("birth")
    sealed = {
        "birth": birth.isoformat() if birth else "",
        "nation": read.text("nation", 20),
        "politics": read.one_of("politics", POLITICS),
        "phone": read.text("phone", 20),
        "certificate": read.text("certificate", 40),
    }
    read.require()
    return values, {name: value for name, value in sealed.items() if value}


def _require_once(db: Session, committee: Committee, user: User | None, own: int) -> None:
    """Require that an account is in the committee's register once. Raises InvalidInput."""
    if user is None:
        return
    same = select(Mediator.id).where(
        Mediator.committee_id == committee.id,
        Mediator.user_id == user.id,
        Mediator.ended_on.is_(None),
        Mediator.id != own,
    )
    if db.scalar(same.limit(1)) is not None:
        raise InvalidInput({"user": IN_OFFICE})
