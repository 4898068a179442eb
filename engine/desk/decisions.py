"""What waits for somebody's decision (待我决定): requests, approvals, rulings, answers to orders.

One list for all of them, so that nobody has to open a case to learn that it waits for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Article, Case, Demand, Extension, Outbox, PauseRequest, Task, Unit, User
from engine.models.knowledge import PROPOSED
from engine.reading import queues
from engine.roles import with_verb

# Roles that decide what others ask for, and the one whose own steps are decisions.
DECIDERS = with_verb("decide") | with_verb("supervise") | with_verb("call")
LEADER = "leader"
MOST = 200
EXTENSION, PAUSE, STEP, DEMAND = "extension", "pause", "step", "demand"
ARTICLE = "article"
# How whoever decides was notified of a request.
ASKED = ("extension.asked", "pause.asked")


@dataclass(frozen=True)
class PendingDecision:
    """One decision that somebody waits for: about which case, asked by whom, since when."""

    kind: str
    subject_id: int
    case_id: int | None
    task_id: int | None
    number: str
    title: str
    step: str
    step_en: str
    unit: str
    by: str | None
    asked_at: datetime
    deadline_at: datetime | None
    warn_at: datetime | None


def decides(actor: Actor) -> bool:
    """Return whether anything may wait for the actor's decision."""
    return bool(actor.roles & DECIDERS)


def waiting(db: Session, actor: Actor) -> list[PendingDecision]:
    """Return what waits for the actor, by its deadline, then the oldest first; one statement."""
    if not decides(actor):
        return []
    found = union_all(*_parts(actor)).subquery()
    ordered = select(found).order_by(found.c.deadline_at.asc().nulls_last(), found.c.asked_at)
    return [PendingDecision(*row) for row in db.execute(ordered.limit(MOST))]


def count(db: Session, actor: Actor) -> int:
    """Return how many decisions wait; one statement."""
    if not decides(actor):
        return 0
    limited = union_all(*_parts(actor)).subquery()
    return int(db.scalar(select(func.count()).select_from(limited)) or 0)


def _parts(actor: Actor) -> list[Select[Any]]:
    return [
        *(_requests(actor, EXTENSION), _requests(actor, PAUSE)),
        *(_steps(actor), _answers(actor), _articles(actor)),
    ]


def _requests(actor: Actor, kind: str) -> Select[Any]:
    """Return requests of holders in the actor's units, and those that the actor was notified of."""
    row: Any = Extension if kind == EXTENSION else PauseRequest
    me = sorted({actor.user_id, *(seat.for_user_id for seat in actor.seats if seat.for_user_id)})
    told = select(Outbox.id).where(
        Outbox.task_id == row.task_id, Outbox.key.in_(ASKED), Outbox.user_id.in_(me)
    )
    at_home = Task.unit_id.in_(_units(actor, with_verb("decide")))
    asked = (
        select(literal(kind), row.id, *_of_task(row.asked_at))
        .select_from(row)
        .join(Task, and_(Task.id == row.task_id, Task.county_id == row.county_id))
        .where(
            row.decided_at.is_(None),
            row.asked_by != actor.user_id,
            Task.done_at.is_(None),
            or_(at_home, told.exists()),
        )
    )
    if kind == PAUSE:
        asked = asked.where(row.holder_id == Task.assignee_id)
    return _whose(asked, actor, row.asked_by)


def _steps(actor: Actor) -> Select[Any]:
    """Return the steps at the actor's posts as a leader, signed for by nobody else."""
    units = _units(actor, frozenset({LEADER}))
    mine = or_(*queues.strands(actor, "mine", actor.at), Task.assignee_id.is_(None))
    found = (
        select(literal(STEP), Task.id, *_of_task(Task.opened_at))
        .select_from(Task)
        .where(Task.done_at.is_(None), Task.role == LEADER, Task.unit_id.in_(units), mine)
    )
    return _whose(found, actor, null())


def _answers(actor: Actor) -> Select[Any]:
    """Return answers to orders and calls of the actor's units that nobody has judged yet."""
    units = _units(actor, with_verb("supervise") | with_verb("call"))
    called = aliased(Unit)
    found = (
        select(
            *(literal(DEMAND), Demand.id, Case.id, null(), Case.number, Case.title),
            *(Demand.number, Demand.number, called.name, User.name, Demand.answered_at),
            *(null(), null()),
        )
        .select_from(Demand)
        .join(Case, and_(Case.id == Demand.case_id, Case.county_id == Demand.county_id))
        .join(called, called.id == Demand.unit_id)
        .outerjoin(User, User.id == Demand.answered_by)
    )
    return found.where(
        Demand.answered_at.is_not(None),
        Demand.closed_at.is_(None),
        Demand.issuer_id.in_(units),
        or_(Demand.answered_by.is_(None), Demand.answered_by != actor.user_id),
        policy.visible_cases(actor),
    )


def _articles(actor: Actor) -> Select[Any]:
    """Return articles of the actor's units that somebody else has changed."""
    return (
        select(
            *(literal(ARTICLE), Article.id, null(), null(), literal(""), Article.title),
            *(literal(""), literal(""), Unit.name, User.name, Article.changed_at),
            *(Article.confirm_due_at, null()),
        )
        .join(Unit, Unit.id == Article.unit_id)
        .join(User, User.id == Article.changed_by)
        .where(
            Article.state == PROPOSED,
            Article.unit_id.in_(_units(actor, frozenset({LEADER}))),
            Article.changed_by != actor.user_id,
        )
    )


def _of_task(asked_at: Any) -> tuple[Any, ...]:
    return (
        *(Case.id.label("case_id"), Task.id.label("task_id"), Case.number, Case.title),
        *(Task.name, Task.name_en, Unit.name.label("unit"), User.name.label("by")),
        *(asked_at.label("asked_at"), Task.deadline_at, Task.warn_at),
    )


def _whose(found: Select[Any], actor: Actor, asker: ColumnElement[Any]) -> Select[Any]:
    return (
        found.join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(User, User.id == asker)
        .where(policy.visible_cases(actor))
    )


def _units(actor: Actor, roles: frozenset[str]) -> list[int]:
    return sorted({seat.unit_id for seat in actor.seats if seat.role in roles})
