"""A unit's return for a period: filled from cases, entered, signed, sent upward, restated.

Whoever is above adds up what was sent to it. A version that was signed never changes; what was
wrong is restated in the next version, with its reason, and both stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, aliased

from engine.access.actors import Actor
from engine.definitions.statistics import StatisticTable
from engine.errors import Conflict, InvalidInput, NotFound
from engine.insight.statistics import counting, definitions, entries, rights, sums
from engine.models import (
    MILLIONTHS,
    Case,
    ReturnCell,
    ReturnEntry,
    ReturnPart,
    ReturnRefusal,
    ReturnRow,
    StatisticReturn,
    Unit,
    new_id,
)
from engine.records import audit
from engine.storage.db import one_at_a_time
from engine.terms.periods import Span, span
from feel.text import Text

LONGEST_REASON = 400
# Key of the lock under which versions of returns are numbered.
NUMBERING = 620_730
# What a number that is entered may be at most.
LARGEST = Decimal(10**9)


class ChangedReturn(Conflict):
    """What was to be signed is not what the page showed."""

    text = Text(
        "数据在您核对之后有变化，请重新核对后再签发。",
        "The figures have changed since you looked at them; look again before you sign.",
    )


class SignedReturn(Conflict):
    """There is no draft to change: it was signed."""

    text = Text(
        "本期报表已签发，不能修改；有误的请用“更正重报”。",
        "This return is signed and does not change; restate it if it is wrong.",
    )


@dataclass(frozen=True)
class Subject:
    """Which return: of what table, unit and period."""

    table: StatisticTable
    unit: Unit
    span: Span
    version_id: int


def subject(db: Session, actor: Actor, key: str, unit_id: int, period: str) -> Subject:
    """Return which return is meant, by the tables in force. Raises NotFound."""
    found = definitions.in_force(db, actor.at)
    table = found.table(key)
    told = span(period, table.every)
    if told is None:
        raise NotFound(period)
    return Subject(table, rights.unit(db, actor, unit_id), told, found.version_id)


def versions_of(db: Session, about: Subject) -> list[StatisticReturn]:
    """Return all versions of a return, the newest first."""
    return list(db.scalars(_all(about).order_by(StatisticReturn.number.desc())))


def fill(db: Session, actor: Actor, about: Subject, *, now: datetime) -> StatisticReturn:
    """Fill the draft from the cases as they are, and from what was sent by the units below.

    Makes the first version; later ones are begun by ``restate``. Raises NotAllowed or SignedReturn.
    """
    rights.require(rights.may_fill(actor, about.unit), "fill_return", about.unit)
    one_at_a_time(db, NUMBERING)
    row = _draft(db, about)
    if row is None:
        if db.scalar(_all(about).limit(1)) is not None:
            raise SignedReturn(about.unit.id)
        row = _begin(db, actor, about, 1, "", {}, now)
    _fill(db, row, about, actor, now)
    return row


def enter(
    db: Session, actor: Actor, about: Subject, told: Mapping[str, str], *, now: datetime
) -> StatisticReturn:
    """Write down the numbers that no case fills. Raises NotAllowed, SignedReturn, InvalidInput."""
    rights.require(rights.may_fill(actor, about.unit), "fill_return", about.unit)
    row = _draft(db, about) or fill(db, actor, about, now=now)
    row.entered = _entered(about.table, told)
    return row


def sign(db: Session, actor: Actor, about: Subject, seen: str, *, now: datetime) -> StatisticReturn:
    """Freeze the draft as it was looked at: nothing of it changes from now on.

    ``seen`` is the digest that the page showed. Raises NotAllowed, SignedReturn where there is no
    draft, or ChangedReturn where the cases say something else by now.
    """
    rights.require(rights.may_sign(actor, about.unit), "sign_return", about.unit)
    row = _draft(db, about)
    if row is None:
        raise SignedReturn(about.unit.id)
    _fill(db, row, about, actor, now)
    digest = digest_of(db, row, about)
    if digest != seen:
        raise ChangedReturn(row.id)
    row.sums = sums.of(db, row)
    row.digest, row.signed_at, row.signed_by, row.state = digest, now, actor.user_id, "signed"
    db.flush()
    record(db, "return.signed", actor, row, now, digest=digest)
    return row


def discard(db: Session, actor: Actor, about: Subject, *, now: datetime) -> None:
    """Throw the draft away, with what was typed; signed versions stay.

    Raises NotAllowed, or SignedReturn where there is no draft.
    """
    rights.require(rights.may_fill(actor, about.unit), "fill_return", about.unit)
    one_at_a_time(db, NUMBERING)
    row = _draft(db, about)
    if row is None:
        raise SignedReturn(about.unit.id)
    record(db, "return.discarded", actor, row, now)
    for table in (ReturnCell, ReturnRow, ReturnEntry, ReturnPart):
        db.execute(delete(table).where(table.return_id == row.id))
    db.delete(row)
    db.flush()


def restate(
    db: Session, actor: Actor, about: Subject, reason: str, *, now: datetime
) -> StatisticReturn:
    """Begin the next version of a signed return; the one before stays as it is.

    Raises NotAllowed, NotFound, InvalidInput without a reason, Conflict where one is begun already.
    """
    rights.require(rights.may_fill(actor, about.unit), "fill_return", about.unit)
    if not reason.strip():
        raise InvalidInput({"reason": Text("请写明更正的原因。", "Say why it is restated.")})
    one_at_a_time(db, NUMBERING)
    newest = next(iter(versions_of(db, about)), None)
    if newest is None:
        raise NotFound(about.unit.id)
    if newest.state == "draft":
        raise Conflict(newest.id, text=Text("已有一份草稿。", "There is a draft already."))
    why, entered = reason.strip()[:LONGEST_REASON], dict(newest.entered)
    row = _begin(db, actor, about, newest.number + 1, why, entered, now)
    _fill(db, row, about, actor, now)
    record(db, "return.restated", actor, row, now)
    return row


def below(db: Session, about: Subject) -> list[tuple[Unit, StatisticReturn | None]]:
    """Return the units just below that make this return or should, with what each has sent last."""
    later, refused = aliased(StatisticReturn), select(ReturnRefusal.return_id)
    newest = (
        select(StatisticReturn)
        .join(Unit, Unit.id == StatisticReturn.unit_id)
        .outerjoin(
            later,
            (later.statistic == StatisticReturn.statistic)
            & (later.unit_id == StatisticReturn.unit_id)
            & (later.period == StatisticReturn.period)
            & (later.number > StatisticReturn.number)
            & later.sent_at.is_not(None)
            & later.id.not_in(refused),
        )
        .where(
            StatisticReturn.statistic == about.table.key,
            StatisticReturn.period == about.span.key,
            StatisticReturn.sent_at.is_not(None),
            StatisticReturn.id.not_in(refused),
            Unit.parent_id == about.unit.id,
            later.id.is_(None),
        )
    )
    sent = {row.unit_id: row for row in db.scalars(newest)}
    units = db.scalars(select(Unit).where(Unit.parent_id == about.unit.id).order_by(Unit.code))
    return [
        (one, sent.get(one.id))
        for one in units
        if one.id in sent or (one.ended_at is None and _makes_returns(about, one))
    ]


def _makes_returns(about: Subject, unit: Unit) -> bool:
    """Return whether a unit just below is expected to send: areas, and those who do the work."""
    if unit.kind == "area":
        return unit.level in about.table.levels_from(about.unit.level)
    table = about.table
    return unit.kind == ("centre" if table.process and table.owner == "unit" else "committee")


def digest_of(db: Session, row: StatisticReturn, about: Subject) -> str:
    """Return the digest over everything that a return says."""
    cells = db.execute(
        select(Case.number, ReturnCell.key, ReturnCell.amount)
        .join(Case, Case.id == ReturnCell.case_id)
        .where(ReturnCell.return_id == row.id)
        .order_by(Case.number, ReturnCell.key)
    )
    part = aliased(StatisticReturn)
    parts = db.execute(
        select(Unit.code, part.number, part.digest)
        .join(ReturnPart, ReturnPart.part_id == part.id)
        .join(Unit, Unit.id == part.unit_id)
        .where(ReturnPart.return_id == row.id)
        .order_by(Unit.code)
    )
    told = {
        "statistic": row.statistic,
        "unit": about.unit.code,
        "period": row.period,
        "number": row.number,
        "definition": str(row.version_id),
        "reason": row.reason,
        "entered": row.entered,
        "cells": [list(one) for one in cells],
        "parts": [list(one) for one in parts],
    }
    rows = [[one.register, one.row_id, one.cells] for one in entries.rows_of(db, row)]
    # Returns of before there were registers keep the digest that they were signed with.
    if rows:
        told["rows"] = rows
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def holds(db: Session, row: StatisticReturn, about: Subject) -> bool:
    """Return whether a signed return still says what was signed."""
    return digest_of(db, row, about) == row.digest and sums.of(db, row) == row.sums


def _all(about: Subject) -> Any:
    return select(StatisticReturn).where(
        StatisticReturn.statistic == about.table.key,
        StatisticReturn.unit_id == about.unit.id,
        StatisticReturn.period == about.span.key,
    )


def _draft(db: Session, about: Subject) -> StatisticReturn | None:
    mine = _all(about).where(StatisticReturn.state == "draft").with_for_update()
    found: StatisticReturn | None = db.scalar(mine)
    return found


def _begin(
    db: Session,
    actor: Actor,
    about: Subject,
    number: int,
    reason: str,
    entered: dict[str, int],
    now: datetime,
) -> StatisticReturn:
    row = StatisticReturn(
        id=new_id(),
        statistic=about.table.key,
        unit_id=about.unit.id,
        period=about.span.key,
        number=number,
        version_id=about.version_id,
        state="draft",
        reason=reason,
        entered=entered,
        filled_at=now,
        filled_by=actor.user_id,
    )
    db.add(row)
    db.flush()
    return row


def _fill(db: Session, row: StatisticReturn, about: Subject, actor: Actor, now: datetime) -> None:
    for table in (ReturnCell, ReturnRow, ReturnEntry, ReturnPart):
        db.execute(delete(table).where(table.return_id == row.id))
    row.version_id, row.filled_at, row.filled_by = about.version_id, now, actor.user_id
    # What was typed once and is counted by now counts once.
    typed = {column.key for column in about.table.entered_columns}
    row.entered = {key: number for key, number in row.entered.items() if key in typed}
    db.flush()
    rows: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    for one in counting.counted(db, about.table, about.unit, about.span):
        mine = {"return_id": row.id, "case_id": one.case.id}
        more = {"county_id": one.case.county_id, "facts": one.facts, "texts": one.texts}
        rows.append({**mine, **more})
        cells += [{**mine, "key": key, "amount": much} for key, much in one.cells.items()]
    _insert(db, ReturnRow, rows)
    _insert(db, ReturnCell, cells)
    entered = entries.counted(db, about.table, about.unit, about.span)
    _insert(db, ReturnEntry, [{"return_id": row.id, **vars(one)} for one in entered if one.cells])
    sent = [part for _unit, part in below(db, about) if part is not None]
    _insert(db, ReturnPart, [{"return_id": row.id, "part_id": part.id} for part in sent])


def _insert(db: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(table), rows)


def _entered(table: StatisticTable, told: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    wrong: dict[str, Text] = {}
    for column in table.entered_columns:
        said = told.get(column.key, "").strip()
        if not said:
            continue
        try:
            number = Decimal(said)
        except InvalidOperation:
            number = Decimal("NaN")
        places = Decimal(1).scaleb(-column.digits)
        if not number.is_finite() or not 0 <= number <= LARGEST or number % places:
            wrong[column.key] = Text("请填写数字。", "Enter a number.")
        else:
            found[column.key] = int(number * MILLIONTHS)
    if wrong:
        raise InvalidInput(wrong)
    return found


def record(
    db: Session, kind: str, actor: Actor, row: StatisticReturn, now: datetime, **more: Any
) -> None:
    """Write a line of the administration's chain about a return."""
    data: dict[str, Any] = {
        "return": str(row.id),
        "statistic": row.statistic,
        "unit": str(row.unit_id),
    }
    data |= {"period": row.period, "number": row.number, **more}
    audit.record_admin(db, kind, actor.user_id, data, at=now)


def parts_of(db: Session, row: StatisticReturn) -> Iterable[StatisticReturn]:
    """Return the signed returns that a return adds up."""
    return db.scalars(
        select(StatisticReturn)
        .join(ReturnPart, ReturnPart.part_id == StatisticReturn.id)
        .where(ReturnPart.return_id == row.id)
    )
