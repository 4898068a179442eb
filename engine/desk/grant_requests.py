"""Requests for powers that a second administrator confirms: made, listed, looked up, closed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine import org
from engine.access import duties
from engine.access.actors import Actor, actor_of
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import GrantRequest, Post, Unit, User, new_id
from engine.notices import outbox
from engine.org.reach import reach_of, reach_of_seats, seats_of
from engine.records import audit
from engine.roles import name_of
from feel.text import Text

OUTSIDE = Text("不在您的管理范围内。", "That is outside your area.")
ASKED_ALREADY = Text("已有同样的申请在等待确认。", "The same request is waiting already.")
DECIDED = Text("这项申请已经处理过了。", "This request has been decided already.")


def waiting(db: Session, actor: Actor) -> list[GrantRequest]:
    """Return the requests in the actor's area that wait, oldest first; those they made as well."""
    reach = reach_of(actor, duties.confirmers(), senior=True)
    mine = GrantRequest.by_id == actor.user_id
    wanted = (
        select(GrantRequest)
        .join(Unit, Unit.id == GrantRequest.unit_id)
        .where(GrantRequest.decided_at.is_(None), or_(mine, reach.inside()))
    )
    return list(db.scalars(wanted.order_by(GrantRequest.id)))


def count_waiting(db: Session, actor: Actor) -> int:
    """Return how many requests wait for a decision that the actor may take."""
    reach = reach_of(actor, duties.confirmers(), senior=True)
    if not reach:
        return 0
    wanted = (
        select(func.count(GrantRequest.id))
        .join(Unit, Unit.id == GrantRequest.unit_id)
        .where(
            GrantRequest.decided_at.is_(None),
            GrantRequest.by_id != actor.user_id,
            GrantRequest.user_id != actor.user_id,
            reach.inside(),
        )
    )
    return db.scalar(wanted) or 0


def one(db: Session, actor: Actor, request_id: int) -> GrantRequest:
    """Return a request that the actor made or may decide on. Raises NotFound."""
    request = db.get(GrantRequest, request_id)
    if request is None:
        raise NotFound(request_id)
    reach = reach_of(actor, duties.confirmers(), senior=True)
    if request.by_id != actor.user_id and not reach.covers(db, request.unit_id):
        raise NotFound(request_id)
    return request


def objection(db: Session, actor: Actor, request: GrantRequest, now: datetime) -> Text | None:
    """Return why the actor cannot decide on a request, None if they can."""
    seats = [
        seat
        for seat in seats_of(actor, duties.confirmers(), senior=True)
        if reach_of_seats([seat]).covers(db, request.unit_id)
    ]
    deciding = duties.behind(actor, seats)
    if deciding & {request.by_id, request.user_id}:
        return duties.ONESELF
    if not seats:
        return OUTSIDE
    if duties.tied(db, deciding, {request.by_id}, now):
        return duties.NotIndependent.text
    return None


def ask(
    db: Session,
    actor: Actor,
    kind: str,
    unit: Unit,
    role: str,
    user: User,
    now: datetime,
    **rest: object,
) -> GrantRequest:
    """Write a request and tell those who may confirm it. Raises InvalidInput for a second one."""
    same = select(GrantRequest.id).where(
        GrantRequest.kind == kind,
        GrantRequest.user_id == user.id,
        GrantRequest.unit_id == unit.id,
        GrantRequest.role == role,
        GrantRequest.decided_at.is_(None),
    )
    if db.scalar(same) is not None:
        raise InvalidInput({"user": ASKED_ALREADY})
    request = GrantRequest(
        id=new_id(),
        kind=kind,
        unit_id=unit.id,
        role=role,
        user_id=user.id,
        by_id=actor.user_id,
        at=now,
        **rest,
    )
    db.add(request)
    db.flush()
    audit.record_admin(db, "grant.asked", actor.user_id, _data(request), at=now)
    for user_id in _who_confirms(db, unit, now) - {actor.user_id, user.id}:
        notify(db, request, "grant.asked", user_id, now)
    return request


def withdraw(db: Session, actor: Actor, request_id: int, *, now: datetime) -> GrantRequest:
    """Take back what one asked for oneself. Raises NotFound, NotAllowed, Conflict."""
    request = one(db, actor, request_id)
    db.refresh(request, with_for_update=True)
    if request.by_id != actor.user_id:
        raise NotAllowed("withdraw", request_id)
    if request.decided_at is not None:
        raise Conflict(request_id, text=DECIDED)
    close(db, actor, request, "withdrawn", now)
    return request


def close(db: Session, actor: Actor, request: GrantRequest, outcome: str, now: datetime) -> None:
    """Write down the outcome of a request."""
    request.decided_at, request.decided_by, request.outcome = now, actor.user_id, outcome
    audit.record_admin(db, f"grant.{outcome}", actor.user_id, _data(request), at=now)


def notify(db: Session, request: GrantRequest, key: str, user_id: int, now: datetime) -> None:
    """Queue a notice about a request: who, where, which role."""
    unit = db.get_one(Unit, request.unit_id)
    name, user = name_of(request.role), db.get_one(User, request.user_id)
    outbox.put_for_person(
        db,
        unit.at_county or unit.id,
        key,
        user_id,
        cause=f"{key}:{request.id}:{user_id}",
        now=now,
        text=f"{user.name}，{unit.name}{name.zh}",
        text_en=f"{user.name}, {unit.name}, {name.en}",
        grant=str(request.id),
    )


def _who_confirms(db: Session, unit: Unit, now: datetime) -> set[int]:
    """Administrators, with their deputies, who may decide on a request about the unit."""
    line = [unit, *org.ancestors(db, unit)]
    beside = select(Unit.id).where(Unit.parent_id.in_({one.id for one in line}))
    near = or_(Unit.id.in_({one.id for one in line}), Unit.id.in_(beside))
    posts = (
        select(Post, Unit)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.role.in_(duties.confirmers()), Post.until_at.is_(None), near)
    )
    found: set[int] = set()
    for post, _where in db.execute(posts):
        found |= {holder.user_id for holder in org.holders(db, post.unit_id, post.role, now)}
    return {
        user_id
        for user_id in found
        if reach_of(actor_of(db, user_id, now), duties.confirmers(), senior=True).covers(
            db, unit.id
        )
    }


def _data(request: GrantRequest) -> dict[str, int | str | None]:
    return {
        "request": request.id,
        "kind": request.kind,
        "unit": request.unit_id,
        "role": request.role,
        "user": request.user_id,
        "by": request.by_id,
    }
