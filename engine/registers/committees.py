"""Committees of a part of the tree: found, entered, changed, ended, each with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import Committee, Mediator, RegisterChange, Unit, User, new_id
from engine.models.registers import STUDIO
from engine.org.reach import Reach
from engine.records import audit
from engine.registers.reading import TypedRow, changes
from engine.registers.words import KINDS
from feel.text import Text

TAKEN = Text("本县已有同名的调委会。", "The county has a committee of this name.")
NO_COUNTY = Text("该单位不属于任何县。", "This unit is in no county.")
ENDED = Text("已经撤销。", "It has ended already.")
STAFFED = Text(
    "名册上还有在任的调解员，请先办理解聘或者调到别的调委会。",
    "There are mediators in office still: dismiss them or enter them elsewhere first.",
)
PAGE_SIZE = 50


@dataclass(frozen=True)
class CommitteeRow:
    """A committee with how many mediators it has in office, and how many of them are women."""

    committee: Committee
    mediators: int
    women: int

    @property
    def shortfalls(self) -> list[Text]:
        """What the law asks of a committee and the register does not show."""
        one = self.committee
        if one.ended_on is not None or one.kind == STUDIO:
            return []
        found = []
        if self.mediators < 3:
            found.append(Text("不足 3 人", "fewer than three people"))
        if not self.women:
            found.append(Text("没有女性成员", "no woman among them"))
        if one.founded_on is None:
            found.append(Text("缺设立日期", "day of founding is missing"))
        return found


def listing(
    db: Session, reach: Reach, text: str = "", *, after: str = "", ended: bool = False
) -> tuple[list[CommitteeRow], str | None]:
    """Return one page of the committees within reach by name; two statements."""
    query = (
        _within(reach).options(joinedload(Committee.unit)).order_by(Committee.name, Committee.id)
    )
    query = query.where(Committee.ended_on.is_not(None) if ended else Committee.ended_on.is_(None))
    if text:
        query = query.where(Committee.name.contains(text, autoescape=True))
    if after:
        query = query.where(Committee.name > after)
    rows = list(db.scalars(query.limit(PAGE_SIZE + 1)))
    more = rows[PAGE_SIZE - 1].name if len(rows) > PAGE_SIZE else None
    rows = rows[:PAGE_SIZE]
    counts = _staff(db, [row.id for row in rows])
    return [CommitteeRow(row, *counts.get(row.id, (0, 0))) for row in rows], more


def everything(db: Session, reach: Reach) -> Sequence[Committee]:
    """Return all committees within reach, those that have ended too."""
    query = (
        _within(reach).options(joinedload(Committee.unit)).order_by(Committee.name, Committee.id)
    )
    return db.scalars(query).all()


def one(db: Session, reach: Reach, committee_id: int) -> Committee:
    """Return a committee within reach. Raises NotFound."""
    found = db.scalar(_within(reach).where(Committee.id == committee_id))
    if found is None:
        raise NotFound(committee_id)
    return found


def row_of(db: Session, committee: Committee) -> CommitteeRow:
    """Return a committee with its numbers."""
    return CommitteeRow(committee, *_staff(db, [committee.id]).get(committee.id, (0, 0)))


def of_unit(db: Session, unit_id: int) -> Committee | None:
    """Return the committee in force of a unit, the oldest of several; studios are none."""
    query = (
        select(Committee)
        .where(
            Committee.unit_id == unit_id,
            Committee.ended_on.is_(None),
            Committee.kind != STUDIO,
        )
        .order_by(Committee.id)
    )
    return db.scalars(query.limit(1)).first()


def kinds_of(db: Session, unit_ids: Sequence[int]) -> dict[int, str]:
    """Return the kind of the committee in force of each unit; of several that of the oldest."""
    rows = db.execute(
        select(Committee.unit_id, Committee.kind)
        .where(
            Committee.unit_id.in_(unit_ids),
            Committee.ended_on.is_(None),
            Committee.kind != STUDIO,
        )
        .order_by(Committee.id.desc())
    )
    return {row[0]: row[1] for row in rows}


def typed_of(row: Committee) -> dict[str, str]:
    """Return what the register says of a committee as it would be typed."""
    founded = row.founded_on.isoformat() if row.founded_on is not None else ""
    plain = {name: getattr(row, name) for name in ("name", "kind", "trade", "number", "seal")}
    return {**plain, "founded_on": founded}


def create(
    db: Session, actor_id: int, unit: Unit, typed: Mapping[str, str], today: date, *, now: datetime
) -> Committee:
    """Enter a committee of a unit. Raises InvalidInput."""
    values = _values(typed, today)
    if unit.at_county is None:
        raise InvalidInput({"unit": NO_COUNTY})
    _require_free(db, unit.at_county, values["name"], 0)
    row = Committee(
        id=new_id(), county_id=unit.at_county, unit_id=unit.id, changed_at=now, **values
    )
    db.add(row)
    db.flush()
    note(db, actor_id, row, None, "created", {}, now)
    return row


def change(
    db: Session,
    actor_id: int,
    row: Committee,
    typed: Mapping[str, str],
    today: date,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Correct what the register says of a committee; return what changed. Raises InvalidInput."""
    values = _values(typed, today)
    _require_free(db, row.county_id, values["name"], row.id)
    changed = changes(row, values)
    if changed:
        row.changed_at = now
        db.flush()
        note(db, actor_id, row, None, "changed", changed, now)
    return changed


def end(
    db: Session,
    actor_id: int,
    row: Committee,
    typed: Mapping[str, str],
    today: date,
    *,
    now: datetime,
) -> None:
    """End a committee on a day. Raises InvalidInput, Conflict where people are in office still."""
    if row.ended_on is not None:
        raise Conflict(row.id, text=ENDED)
    on, reason = read_ending(typed, today, row.founded_on)
    if _staff(db, [row.id]):
        raise Conflict(row.id, text=STAFFED)
    row.ended_on, row.end_reason, row.changed_at = on, reason, now
    db.flush()
    note(db, actor_id, row, None, "ended", {"on": str(on), "reason": reason}, now)


def read_ending(typed: Mapping[str, str], today: date, since: date | None) -> tuple[date, str]:
    """Return the day on which something ends, and why. Raises InvalidInput."""
    read = TypedRow(typed, today)
    on = read.day("on", required=True)
    reason = read.text("reason", 200)
    if not reason:
        read.errors["reason"] = Text("请写明原因。", "Give the reason.")
    if on is not None and since is not None and on < since:
        read.errors["on"] = Text("不能早于开始的日期。", "It must not come before its beginning.")
    read.require()
    assert on is not None
    return on, reason


def history(db: Session, committee: Committee) -> list[tuple[RegisterChange, str, str | None]]:
    """Return the history of a committee and of its mediators, the newest first: each line with
    who did it, and whom of them it is about.
    """
    rows = db.execute(
        select(RegisterChange, User.name, Mediator.name)
        .join(User, User.id == RegisterChange.by)
        .outerjoin(Mediator, Mediator.id == RegisterChange.mediator_id)
        .where(RegisterChange.committee_id == committee.id)
        .order_by(RegisterChange.at.desc(), RegisterChange.id.desc())
        .limit(200)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def note(
    db: Session,
    actor_id: int,
    committee: Committee,
    mediator: Mediator | None,
    kind: str,
    words: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write a line of the history, and one of the administration's chain."""
    about = mediator.id if mediator is not None else None
    line = RegisterChange(
        id=new_id(),
        committee_id=committee.id,
        mediator_id=about,
        kind=kind,
        words=dict(words),
        at=now,
        by=actor_id,
    )
    db.add(line)
    what = "mediator" if mediator is not None else "committee"
    data = {"committee": str(committee.id), "fields": sorted(words), "line": str(line.id)}
    if about is not None:
        data["mediator"] = str(about)
    audit.record_admin(db, f"{what}.{kind}", actor_id, data, at=now)


def _within(reach: Reach) -> Any:
    return select(Committee).join(Unit, Unit.id == Committee.unit_id).where(reach.inside())


def _staff(db: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    women = func.sum(case((Mediator.sex == "female", 1), else_=0))
    rows = db.execute(
        select(Mediator.committee_id, func.count(), women)
        .where(Mediator.committee_id.in_(ids), Mediator.ended_on.is_(None))
        .group_by(Mediator.committee_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _values(typed: Mapping[str, str], today: date) -> dict[str, Any]:
    read = TypedRow(typed, today)
    values = {
        "name": read.text("name", 120, required=True),
        "kind": read.one_of("kind", KINDS, required=True),
        "trade": read.text("trade", 20),
        "number": read.text("number", 60),
        "seal": read.text("seal", 60),
        "founded_on": read.day("founded_on"),
    }
    read.require()
    return values


def _require_free(db: Session, county_id: int, name: str, own: int) -> None:
    """Require that no other committee in force has this name. Raises InvalidInput."""
    same = select(Committee.id).where(
        Committee.county_id == county_id,
        Committee.name == name,
        Committee.ended_on.is_(None),
        Committee.id != own,
    )
    if db.scalar(same.limit(1)) is not None:
        raise InvalidInput({"name": TAKEN})
