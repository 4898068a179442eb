"""Supervision notices and calls as people see them: lists, a board by unit, one with its rounds.

Reads only; what somebody may see is ``policy.visible_demands`` everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from engine import worktime
from engine.access import policy
from engine.access.actors import Actor
from engine.errors import NotFound
from engine.models import Case, Demand, Event, Unit, User, VaultRow
from engine.reading.worklists import RowsPage
from engine.records import vault
from engine.records.bindings import of_answers
from engine.reports.area import Area, parts_of
from engine.timing import calendars
from engine.timing.calendars import Almanac

PAGE_SIZE = 30
# Waits for the unit that was called; for who called; is over.
TO_ANSWER, TO_DECIDE, CLOSED = "answer", "decide", "closed"
STANDS = (TO_ANSWER, TO_DECIDE, CLOSED)
EVENTS = (
    "demand.issued",
    "demand.answered",
    "demand.accepted",
    "demand.rejected",
    "demand.withdrawn",
    "demand.overdue",
    "demand.escalated",
)


@dataclass(frozen=True)
class DemandRow:
    """One notice or call with its clock, as lists and its page show it."""

    row: Demand
    warn_at: datetime | None

    @property
    def stand(self) -> str:
        """Whose move it is: one of ``STANDS``."""
        if self.row.closed_at is not None:
            return CLOSED
        return TO_ANSWER if self.row.answered_at is None else TO_DECIDE

    @property
    def deadline_at(self) -> datetime | None:
        """When the running clock ends; an answer stops it."""
        return self.row.due_at if self.stand == TO_ANSWER else None


@dataclass(frozen=True)
class DemandEntry:
    """One step in the life of a demand, with what was said."""

    kind: str
    at: datetime
    by: str | None
    round: int
    words: str
    consequence: str = "none"
    # The unit that an unanswered one has climbed to.
    unit_reached: str = ""


@dataclass(frozen=True)
class AreaShare:
    """A part of an area: how many of its units' demands are open, late, waiting for a decision."""

    unit: Unit
    open: int
    late: int
    answered: int


@dataclass(frozen=True)
class DemandQuery:
    """What narrows a list; empty fields do not. ``units`` are those that must answer."""

    kind: str
    stand: str = ""
    area: Area | None = None
    units: tuple[int, ...] = ()
    issuers: tuple[int, ...] = ()


def find(
    db: Session,
    actor: Actor,
    search: DemandQuery,
    *,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> RowsPage:
    """Return one page: what is open by its deadline, the closed ones the newest first."""
    closed = search.stand == CLOSED
    query = _rows().where(policy.visible_demands(actor), *_narrowed(search))
    start = _decode(after)
    if start is not None:
        query = query.where(_follows(*start, closed))
    order = (Demand.closed_at.desc(), Demand.id.desc()) if closed else (Demand.due_at, Demand.id)
    rows = list(db.scalars(query.order_by(*order).limit(size + 1)))
    more = _encode(rows[size - 1], closed) if len(rows) > size else None
    almanac = calendars.load(db)
    return RowsPage(tuple(_row(row, almanac) for row in rows[:size]), more)


def tree(db: Session, actor: Actor, area: Area, kind: str, now: datetime) -> list[AreaShare]:
    """Return the parts of an area with their open demands; two statements.

    Those of cases that go round the actor are not counted.
    """
    waiting = Demand.answered_at.is_(None)
    rows = db.execute(
        select(
            area.part().label("part"),
            func.count(),
            func.count().filter(waiting & (Demand.due_at <= now)),
            func.count().filter(Demand.answered_at.is_not(None)),
        )
        .select_from(Demand)
        .join(Unit, Unit.id == Demand.unit_id)
        .where(Demand.kind == kind, Demand.closed_at.is_(None), area.holds(Unit))
        .where(*policy.apart(actor, Demand))
        .group_by("part")
    )
    found = {part: (int(all_), int(late), int(done)) for part, all_, late, done in rows}
    if not found:
        return []
    units = parts_of(db, area, set(found))
    return [
        AreaShare(units[part], *counts) for part, counts in sorted(found.items()) if part in units
    ]


def of_case(db: Session, actor: Actor, case: Case) -> list[DemandRow]:
    """Return everything that units were called to answer in a case, oldest first; one statement."""
    mine = (Demand.case_id == case.id, Demand.county_id == case.county_id)
    rows = list(db.scalars(_rows().where(*mine, policy.visible_demands(actor)).order_by(Demand.id)))
    if not rows:
        return []
    almanac = calendars.load(db)
    return [_row(row, almanac) for row in rows]


def one(db: Session, actor: Actor, demand_id: int) -> DemandRow:
    """Return one that the actor may see. Raises NotFound."""
    row = db.scalar(_rows().where(Demand.id == demand_id, policy.visible_demands(actor)))
    if row is None:
        raise NotFound(demand_id)
    return _row(row, calendars.load(db))


def turns(db: Session, row: Demand) -> list[DemandEntry]:
    """Return what happened to it, oldest first, with the words out of the vault; two statements."""
    events = db.execute(
        select(Event.kind, Event.at, Event.data, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(
            Event.case_id == row.case_id,
            Event.county_id == row.county_id,
            Event.kind.in_(EVENTS),
        )
        .order_by(Event.seq)
    )
    told = [(kind, at, json.loads(data), by) for kind, at, data, by in events]
    mine = [one for one in told if one[2].get("demand") == str(row.id)]
    words = _words(db, row, (data.get("receipt", "") for _kind, _at, data, _by in mine))
    return [_turn(kind, at, data, by, words) for kind, at, data, by in mine]


def _turn(
    kind: str, at: datetime, data: Mapping[str, Any], by: str | None, words: Mapping[str, str]
) -> DemandEntry:
    said = words.get(str(data.get("receipt", "")), "")
    consequence, reached = str(data.get("consequence", "none")), str(data.get("unit_name", ""))
    return DemandEntry(kind, at, by, int(data["round"]), said, consequence, reached)


def _words(db: Session, row: Demand, receipts: Iterable[str]) -> dict[str, str]:
    wanted = sorted({receipt for receipt in receipts if receipt})
    if not wanted:
        return {}
    rows = db.execute(
        select(*VaultRow.__table__.c).where(
            VaultRow.case_id == row.case_id,
            VaultRow.county_id == row.county_id,
            VaultRow.digest.in_(wanted),
            VaultRow.payload.is_not(None),
        )
    )
    return {
        kept.digest: str(vault.unseal(kept.payload, of_answers(kept)).get("reason", ""))
        for kept in rows
    }


def _row(row: Demand, almanac: Almanac) -> DemandRow:
    calendar = almanac.of(row.unit_id, row.unit)
    return DemandRow(row, worktime.warn_at(row.begun_at, row.due_at, None, calendar))


def _rows() -> Select[Any]:
    issuer = aliased(Unit)
    return (
        select(Demand)
        .join(Unit, Unit.id == Demand.unit_id)
        .join(Case, and_(Case.id == Demand.case_id, Case.county_id == Demand.county_id))
        .join(issuer, issuer.id == Demand.issuer_id)
        .options(
            contains_eager(Demand.unit),
            contains_eager(Demand.case),
            contains_eager(Demand.issuer.of_type(issuer)),
            joinedload(Demand.task),
        )
    )


def _narrowed(search: DemandQuery) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Demand.kind == search.kind]
    ended = Demand.closed_at.is_not(None) if search.stand == CLOSED else Demand.closed_at.is_(None)
    found.append(ended)
    if search.stand == TO_ANSWER:
        found.append(Demand.answered_at.is_(None))
    if search.stand == TO_DECIDE:
        found.append(Demand.answered_at.is_not(None))
    if search.area is not None:
        found.append(search.area.holds(Unit))
    if search.units:
        found.append(Demand.unit_id.in_(search.units))
    if search.issuers:
        found.append(Demand.issuer_id.in_(search.issuers))
    return found


def _encode(row: Demand, closed: bool) -> str:
    moment = row.closed_at if closed else row.due_at
    assert moment is not None
    return f"{int(moment.timestamp() * 1_000_000)}.{row.id}"


def _decode(cursor: str | None) -> tuple[datetime, int] | None:
    parts = (cursor or "").split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    stamp, demand_id = map(int, parts)
    if stamp > 10**17 or demand_id >= 2**63:
        return None
    seconds, micro = divmod(stamp, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro), demand_id


def _follows(moment: datetime, demand_id: int, closed: bool) -> ColumnElement[bool]:
    if closed:
        return or_(
            Demand.closed_at < moment, and_(Demand.closed_at == moment, Demand.id < demand_id)
        )
    return or_(Demand.due_at > moment, and_(Demand.due_at == moment, Demand.id > demand_id))
