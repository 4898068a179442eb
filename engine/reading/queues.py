"""The queues of somebody's desk as conditions on open tasks, and how many tasks each holds.

A queue is made of strands, each of which one index of open tasks gives in the order of its
deadlines: what is unsigned at one post, what one person holds. A page or a count then costs the
same however long the queue is and however many cases there are.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, Demand, Follow, Participation, Task

QUEUES = ("to_sign", "mine", "soon", "late", "unit")
# Nobody counts further than this; the screens say 999+.
MOST = 1000

Condition = ColumnElement[bool]


def strands(actor: Actor, queue: str, now: datetime) -> list[Condition]:
    """Return the strands of a queue; no task lies in two of them."""
    apart = policy.apart(actor, Task)
    return [and_(strand, *apart) for strand in _strands(actor, queue, now)]


def _strands(actor: Actor, queue: str, now: datetime) -> list[Condition]:
    if queue == "to_sign":
        return _unsigned(actor)
    if queue == "mine":
        return _signed_by(actor)
    if queue == "unit":
        return _at_posts(actor)
    pressing = {
        "soon": and_(Task.warn_at <= now, Task.deadline_at > now),
        "late": Task.deadline_at <= now,
    }[queue]
    return [and_(strand, pressing) for strand in (*_unsigned(actor), *_signed_by(actor))]


def counts(db: Session, actor: Actor, now: datetime) -> dict[str, int]:
    """Return how many tasks each queue holds, ``MOST`` at most; one statement."""
    names = (*QUEUES, "help", "followed", "called")
    if not actor.seats:
        return dict.fromkeys(names, 0)
    columns = [_number(_open(strands(actor, queue, now))).label(queue) for queue in QUEUES]
    columns += [
        _number([_helping(actor)]).label("help"),
        _number([_followed(actor)]).label("followed"),
    ]
    columns.append(_number([_waiting_demands(actor)]).label("called"))
    row = db.execute(select(*columns)).one()
    return {name: min(int(getattr(row, name)), MOST) for name in names}


def _open(conditions: list[Condition]) -> list[Select[Any]]:
    return [select(literal(1)).where(Task.done_at.is_(None), one) for one in conditions]


def _number(parts: list[Select[Any]]) -> Any:
    """Return how many rows the parts have together, none of them followed further than needed."""
    limited = [select(part.limit(MOST).subquery()) for part in parts]
    return select(func.count()).select_from(union_all(*limited).subquery()).scalar_subquery()


def _helping(actor: Actor) -> Select[Any]:
    return select(literal(1)).where(
        Participation.done_at.is_(None),
        tuple_(Participation.unit_id, Participation.role).in_(posts(actor)),
        *policy.apart(actor, Participation),
    )


def _followed(actor: Actor) -> Select[Any]:
    mine = and_(Case.id == Follow.case_id, Case.county_id == Follow.county_id)
    followed = select(literal(1)).select_from(Follow).join(Case, mine)
    return followed.where(Follow.user_id == actor.user_id, policy.visible_cases(actor))


def _waiting_demands(actor: Actor) -> Select[Any]:
    """Return notices and calls that wait for an answer of a unit for which the actor speaks."""
    units = sorted({seat.unit_id for seat in actor.seats if seat.role in policy.ANSWERERS})
    return select(literal(1)).where(
        Demand.unit_id.in_(units),
        Demand.closed_at.is_(None),
        Demand.answered_at.is_(None),
        *policy.apart(actor, Demand),
    )


def posts(actor: Actor) -> list[tuple[int, str]]:
    """Return the units and roles in which the actor sits, each once."""
    return sorted({(seat.unit_id, seat.role) for seat in actor.seats})


def _at_posts(actor: Actor) -> list[Condition]:
    return [and_(Task.unit_id == unit, Task.role == role) for unit, role in posts(actor)]


def _unsigned(actor: Actor) -> list[Condition]:
    return [and_(Task.assignee_id.is_(None), one) for one in _at_posts(actor)]


def _signed_by(actor: Actor) -> list[Condition]:
    """Signed for by the actor, or by somebody whose post the actor stands in for."""
    at_posts = tuple_(Task.unit_id, Task.role).in_(posts(actor))
    deputised = {
        (seat.for_user_id, seat.unit_id, seat.role)
        for seat in actor.seats
        if seat.for_user_id not in (None, actor.user_id)
    }
    return [
        and_(Task.assignee_id == actor.user_id, at_posts),
        *(
            and_(Task.assignee_id == holder, Task.unit_id == unit, Task.role == role)
            for holder, unit, role in sorted(deputised, key=str)
        ),
    ]
