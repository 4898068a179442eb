"""Incidents: steps that the engine could not take. Who sees them, and when they are over.

The case stands where it stood before: the failed step was rolled back and stays to be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from engine import bpmn
from engine.access import confidentiality, policy
from engine.access.actors import Actor, Seat
from engine.bpmn.elements.registry import NAMED_KINDS
from engine.bpmn.nodes import Node
from engine.casework.case_work import CaseWork
from engine.definitions import route, versions
from engine.definitions.versions import PublishedVersion
from engine.errors import NotAllowed, NotFound
from engine.models import Case, CaseState, Due, IncidentRow, Task, Unit
from engine.org.reach import reach_of_seats
from engine.roles import ADMIN, with_verb
from feel.text import Text

# Who may try again, and who may also change a case so that it can go on.
RETRY = with_verb("retry")
REPAIR = with_verb("repair")
PAGE_SIZE = 50
TARGETS = NAMED_KINDS | {"endEvent"}


@dataclass(frozen=True)
class IncidentListRow:
    """An incident in the list."""

    row: IncidentRow
    case: Case
    node: Node | None

    @property
    def reason(self) -> Text:
        """Why the step failed, in words."""
        return Text(self.row.reason_zh, self.row.reason_en)


@dataclass(frozen=True)
class IncidentDetail(IncidentListRow):
    """One incident with all that fixing it needs."""

    version: PublishedVersion
    values: Mapping[str, Any]
    tasks: tuple[Task, ...]
    due: Due | None
    targets: tuple[Node, ...]
    may_repair: bool
    sees_case: bool

    @property
    def may_leave_out(self) -> bool:
        """Whether a timer's moment failed, without which the case can go on."""
        return self.may_repair and self.due is not None and self.due.kind == "timer"


def unsolved(
    db: Session, actor: Actor, *, after: int | None = None, size: int = PAGE_SIZE
) -> tuple[list[IncidentListRow], int | None]:
    """Open incidents in the actor's area, newest first, and the key of the next page.

    Raises NotAllowed for who has neither role.
    """
    if not actor.roles & RETRY:
        raise NotAllowed("incidents")
    wanted = (
        select(IncidentRow, Case)
        .join(Case, _of_case())
        .join(Unit, Unit.id == Case.place_id)
        .where(IncidentRow.solved_at.is_(None), _inside(actor), policy.not_around(actor))
        .order_by(IncidentRow.id.desc())
        .limit(size + 1)
    )
    if after is not None:
        wanted = wanted.where(IncidentRow.id < after)
    found = [_list_row(db, row[0], row[1]) for row in db.execute(wanted)]
    return found[:size], found[size - 1].row.id if len(found) > size else None


def open_trouble(db: Session, actor: Actor, incident_id: int) -> IncidentDetail:
    """Return one open incident for who may fix it. Raises NotFound, NotAllowed."""
    row, case = find(db, incident_id)
    require(db, actor, RETRY, case)
    published = versions.load(db, case.version_id)
    state = db.get_one(CaseState, case.id)
    due = db.get(Due, int(row.data["due_id"])) if row.data.get("due_id") else None
    ways = route.of_version(db, case.version_id)
    return IncidentDetail(
        row=row,
        case=case,
        node=published.node(row.element),
        version=published,
        values=_values(published, state, (row.data.get("values") or {}).get("variables", ())),
        tasks=tuple(open_tasks(db, case)),
        due=due,
        targets=tuple(node for node in ways.nodes.values() if node.kind in TARGETS),
        may_repair=may(db, actor, REPAIR, case),
        sees_case=policy.can_see(db, actor, case),
    )


def find(db: Session, incident_id: int) -> tuple[IncidentRow, Case]:
    """Return an open incident and its case. Raises NotFound."""
    row = db.execute(
        select(IncidentRow, Case)
        .join(Case, _of_case())
        .where(IncidentRow.id == incident_id, IncidentRow.solved_at.is_(None))
        .options(joinedload(Case.place))
    ).first()
    if row is None:
        raise NotFound(incident_id)
    return row[0], row[1]


def require(db: Session, actor: Actor, roles: Iterable[str], case: Case) -> Seat:
    """Return the seat of one of ``roles`` over the case's place. Raises NotFound or NotAllowed."""
    if confidentiality.goes_round(case, confidentiality.own_line(actor)):
        raise NotFound(case.id)
    seats = [seat for seat in actor.seats if seat.role in RETRY and _covers(db, seat, case.place)]
    if not seats and not policy.can_see(db, actor, case):
        raise NotFound(case.id)
    for seat in seats:
        if seat.role in roles:
            return seat
    raise NotAllowed("incident", case.id)


def may(db: Session, actor: Actor, roles: Iterable[str], case: Case) -> bool:
    """Return whether ``require`` would give a seat."""
    return any(seat.role in roles and _covers(db, seat, case.place) for seat in actor.seats)


def open_tasks(db: Session, case: Case) -> list[Task]:
    """Return the open tasks of a case, oldest first."""
    mine = select(Task).where(
        Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
    )
    return list(db.scalars(mine.order_by(Task.id)))


def settle(db: Session, work: CaseWork, *, ended: bool = False) -> None:
    """Close what a step that went well has settled: the same attempt, or one that is moot."""
    mine = select(IncidentRow).where(
        IncidentRow.case_id == work.case.id, IncidentRow.solved_at.is_(None)
    )
    for row in db.scalars(mine):
        if row.solved_at is None and (ended or _same_attempt(work, row) or _is_moot(db, row)):
            solve(db, work, row)


def solve(db: Session, work: CaseWork, row: IncidentRow) -> None:
    """Close an incident; whoever acted, or the worker, has solved it."""
    row.solved_at = work.now
    row.solved_by = work.actor.user_id if work.actor else None
    work.record(db, "incident.solved", element=row.element)


def _same_attempt(work: CaseWork, row: IncidentRow) -> bool:
    if row.data.get("due_id"):
        return bool(row.data["due_id"] == work.due_id)
    this = work.attempt()
    return bool(row.verb == this.verb and row.data.get("task_id") == this.task_id)


def _is_moot(db: Session, row: IncidentRow) -> bool:
    """The task or the moment that the attempt was about is gone."""
    if row.data.get("due_id"):
        return db.get(Due, int(row.data["due_id"])) is None
    task = db.get(Task, int(row.data["task_id"])) if row.data.get("task_id") else None
    return task is not None and task.done_at is not None


def _of_case() -> ColumnElement[bool]:
    return and_(Case.id == IncidentRow.case_id, Case.county_id == IncidentRow.county_id)


def _list_row(db: Session, row: IncidentRow, case: Case) -> IncidentListRow:
    return IncidentListRow(row, case, versions.load(db, case.version_id).node(row.element))


def _values(published: PublishedVersion, state: CaseState, names: Iterable[str]) -> dict[str, Any]:
    """Return the variables involved, as the case holds them now; the engine holds nothing
    personal.
    """
    if not state.state:
        return {}
    held = bpmn.variables(published.definition, state.state)
    return {name: held.get(name) for name in names}


def _covers(db: Session, seat: Seat, place: Unit) -> bool:
    if seat.role == ADMIN:
        return reach_of_seats([seat]).covers(db, place.id)
    return policy.oversees(seat, place)


def _inside(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the joined place: within the area of a seat that deals with
    incidents.
    """
    seats = [seat for seat in actor.seats if seat.role in RETRY]
    areas = [seat.area for seat in seats if seat.role != ADMIN and seat.area is not None]
    overseen = (getattr(Unit, column) == unit_id for column, unit_id in areas)
    administered = reach_of_seats([seat for seat in seats if seat.role == ADMIN]).inside()
    return or_(false(), administered, *overseen)
