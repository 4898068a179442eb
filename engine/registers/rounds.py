"""Screening rounds: entered by whoever walked, seen by the unit and those above it.

A dispute that was found is settled there and then, handed over, watched, or registered: then a
draft of the opening form is begun, and the case that comes of it is known by that draft.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from engine.access.actors import Actor
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, ScreeningFind, ScreeningRound, Unit, new_id
from engine.models.screenings import OPENED
from engine.records import audit
from engine.registers.reading import TypedRow
from engine.registers.words import RESULTS, RISKS, ROUND_KINDS
from engine.roles import OVERSEERS, with_verb
from feel.text import Text

PEOPLE = with_verb("screen")
PAGE_SIZE = 30
MOST_HOUSEHOLDS, MOST_PEOPLE = 20_000, 10_000
VOID = Text("这一轮已经作废。", "This round is void.")
BACKWARD = Text("结束日期不能早于开始日期。", "It cannot end before it begins.")


def units(db: Session, actor: Actor) -> Sequence[Unit]:
    """Return the units for which somebody enters rounds."""
    mine = [seat.unit_id for seat in actor.seats if seat.role in PEOPLE]
    rows = select(Unit).where(Unit.id.in_(mine), Unit.at_county.is_not(None))
    return db.scalars(rows.order_by(Unit.code)).all()


def readable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Unit``: whose rounds somebody sees."""
    own = {seat.unit_id for seat in actor.seats if seat.role in PEOPLE}
    areas = {seat.area for seat in actor.seats if seat.role in OVERSEERS and seat.area is not None}
    inside = [getattr(Unit, column) == unit_id for column, unit_id in sorted(areas)]
    return or_(Unit.id.in_(sorted(own)), *inside)


def listing(
    db: Session, actor: Actor, *, after: int | None = None
) -> tuple[list[tuple[ScreeningRound, int]], int | None]:
    """Return one page of rounds, the newest first, each with how many disputes it found."""
    found = (
        select(func.count())
        .where(ScreeningFind.round_id == ScreeningRound.id)
        .correlate(ScreeningRound)
        .scalar_subquery()
    )
    query = (
        select(ScreeningRound, found)
        .join(Unit, Unit.id == ScreeningRound.unit_id)
        .where(readable(actor))
        .options(joinedload(ScreeningRound.unit))
        .order_by(ScreeningRound.id.desc())
    )
    if after is not None:
        query = query.where(ScreeningRound.id < after)
    rows = [(row[0], int(row[1])) for row in db.execute(query.limit(PAGE_SIZE + 1))]
    more = rows[PAGE_SIZE - 1][0].id if len(rows) > PAGE_SIZE else None
    return rows[:PAGE_SIZE], more


def one(db: Session, actor: Actor, round_id: int) -> ScreeningRound:
    """Return a round that somebody may see. Raises NotFound."""
    found = db.scalar(
        select(ScreeningRound)
        .join(Unit, Unit.id == ScreeningRound.unit_id)
        .where(ScreeningRound.id == round_id, readable(actor))
        .options(joinedload(ScreeningRound.unit), joinedload(ScreeningRound.maker))
    )
    if found is None:
        raise NotFound(round_id)
    return found


def visible_ids(db: Session, actor: Actor, ids: Iterable[int]) -> set[int]:
    """Return which of these rounds somebody may see."""
    mine = (
        select(ScreeningRound.id)
        .join(Unit, Unit.id == ScreeningRound.unit_id)
        .where(ScreeningRound.id.in_(sorted(set(ids))), readable(actor))
    )
    return set(db.scalars(mine))


def rounds_of(db: Session, find_ids: Sequence[int]) -> dict[int, int]:
    """Return the rounds that finds belong to."""
    mine = select(ScreeningFind.id, ScreeningFind.round_id).where(ScreeningFind.id.in_(find_ids))
    return {row[0]: row[1] for row in db.execute(mine)} if find_ids else {}


def may_change(actor: Actor, row: ScreeningRound) -> bool:
    """Return whether somebody enters into a round: people of its unit."""
    return any(seat.unit_id == row.unit_id and seat.role in PEOPLE for seat in actor.seats)


def finds(db: Session, row: ScreeningRound) -> list[tuple[ScreeningFind, Case | None]]:
    """Return what a round found, each with the case that it became; two statements."""
    mine = select(ScreeningFind).where(ScreeningFind.round_id == row.id)
    rows = db.scalars(mine.order_by(ScreeningFind.number)).all()
    cases = cases_of(db, row.county_id, rows)
    return [(find, cases.get(find.id)) for find in rows]


def cases_of(db: Session, county_id: int, rows: Sequence[ScreeningFind]) -> dict[int, Case]:
    """Return the cases that finds of a county became, by the id of the find."""
    sources = {source_of(one): one.id for one in rows if one.draft_key is not None}
    mine = select(Case).where(Case.source.in_(sources), Case.county_id == county_id)
    return {sources[str(case.source)]: case for case in db.scalars(mine)} if sources else {}


def source_of(find: ScreeningFind) -> str:
    """Return what a case says that came of the draft of a find."""
    return f"form:{find.opened_by}:{find.draft_key}"


def begin(
    db: Session, actor: Actor, unit: Unit, typed: Mapping[str, str], today: date, *, now: datetime
) -> ScreeningRound:
    """Enter a round of a unit. Raises InvalidInput or NotAllowed."""
    if not any(seat.unit_id == unit.id and seat.role in PEOPLE for seat in actor.seats):
        raise NotAllowed("screen", unit.id)
    values = _values(typed, today)
    assert unit.at_county is not None
    row = ScreeningRound(
        id=new_id(), county_id=unit.at_county, unit_id=unit.id, at=now, by=actor.user_id, **values
    )
    db.add(row)
    db.flush()
    _record(db, "screening.entered", actor, row, now)
    return row


def change(
    db: Session, actor: Actor, row: ScreeningRound, typed: Mapping[str, str], today: date, *,
    now: datetime,
) -> None:  # fmt: skip
    """Correct a round. Raises InvalidInput, NotAllowed or Conflict."""
    _require(actor, row)
    for name, value in _values(typed, today).items():
        setattr(row, name, value)
    db.flush()
    _record(db, "screening.changed", actor, row, now)


def void(db: Session, actor: Actor, row: ScreeningRound, reason: str, *, now: datetime) -> None:
    """Void a round, with the reason. Raises InvalidInput, NotAllowed or Conflict."""
    _require(actor, row)
    if not reason.strip():
        raise InvalidInput({"reason": Text("请写明原因。", "Give the reason.")})
    row.void_reason = reason.strip()[:200]
    db.flush()
    _record(db, "screening.voided", actor, row, now)


def find(
    db: Session, actor: Actor, row: ScreeningRound, typed: Mapping[str, str], today: date, *,
    now: datetime,
) -> ScreeningFind:  # fmt: skip
    """Enter a dispute that a round found. Raises InvalidInput, NotAllowed or Conflict."""
    # Two who enter at once: the second waits here, and counts on from the first.
    db.refresh(row, with_for_update={"of": ScreeningRound})
    _require(actor, row)
    read = TypedRow(typed, today)
    values = {
        "title": read.text("title", 60, required=True),
        "place": read.text("place", 100),
        "people": read.number("people", MOST_PEOPLE),
        "risk": read.one_of("risk", RISKS, required=True),
        "result": read.one_of("result", RESULTS, required=True),
        "outcome": read.text("outcome", 400),
    }
    if values["result"] != OPENED and not values["outcome"]:
        read.errors["outcome"] = Text("请写明怎么处理的。", "Say what was done.")
    read.require()
    last = db.scalar(select(func.max(ScreeningFind.number)).where(ScreeningFind.round_id == row.id))
    made = ScreeningFind(
        id=new_id(), round_id=row.id, number=(last or 0) + 1, at=now, by=actor.user_id, **values
    )
    db.add(made)
    db.flush()
    _record(db, "screening.found", actor, row, now, find=str(made.id))
    return made


def one_find(db: Session, actor: Actor, find_id: int) -> ScreeningFind:
    """Return a find of a round that somebody may see. Raises NotFound."""
    found = db.get(ScreeningFind, find_id)
    if found is None:
        raise NotFound(find_id)
    one(db, actor, found.round_id)
    return found


def draft(db: Session, actor: Actor, made: ScreeningFind) -> str:
    """Return the key of the opening draft of a find, begun by whoever asks first.

    Somebody else begins one of their own as long as no case came of the first. Raises
    NotAllowed, or Conflict where a case came of it.
    """
    _require(actor, made.round)
    if cases_of(db, made.round.county_id, [made]):
        raise Conflict(made.id, text=Text("已经登记。", "It is registered already."))
    if made.draft_key is None or made.opened_by != actor.user_id:
        made.draft_key, made.opened_by = secrets.token_hex(16), actor.user_id
        made.result = OPENED
        db.flush()
    assert made.draft_key is not None
    return made.draft_key


def _require(actor: Actor, row: ScreeningRound) -> None:
    if not may_change(actor, row):
        raise NotAllowed("screen", row.unit_id)
    if row.void_reason:
        raise Conflict(row.id, text=VOID)


def _values(typed: Mapping[str, str], today: date) -> dict[str, Any]:
    read = TypedRow(typed, today)
    values: dict[str, Any] = {
        "kind": read.one_of("kind", ROUND_KINDS, required=True),
        "topic": read.text("topic", 120),
        "first_on": read.day("first_on", required=True),
        "last_on": read.day("last_on", required=True),
        "staff": read.text("staff", 200, required=True),
        "households": read.count("households", MOST_HOUSEHOLDS),
        "places": read.count("places", MOST_HOUSEHOLDS),
        "note": read.text("note", 400),
    }
    read.require()
    if values["last_on"] < values["first_on"]:
        raise InvalidInput({"last_on": BACKWARD})
    return values


def _record(
    db: Session, kind: str, actor: Actor, row: ScreeningRound, now: datetime, **more: str
) -> None:
    data = {"round": str(row.id), "unit": str(row.unit_id), **more}
    audit.record_admin(db, kind, actor.user_id, data, at=now)
