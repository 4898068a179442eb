"""Absences: who acts for whom for a period, arranged by themselves or by their leader."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from engine import org
from engine.access.actors import Actor
from engine.desk import appointments
from engine.errors import InvalidInput, NotFound
from engine.models import Deputy, GrantRequest
from engine.org import candidates, register
from engine.org.register import PostRow
from engine.roles import WIDE, with_verb
from feel.text import Text

LEADERS = with_verb("arrange")
# Who stands in for these is not for a leader to say: it would be a way to their powers.
OWN_BUSINESS = WIDE
NOT_NEAR = Text("请从名单中选择代理人。", "Choose somebody from the list.")
NO_POST = Text("请选择岗位。", "Choose a post.")


def own(db: Session, actor: Actor, now: datetime) -> list[PostRow]:
    """Return the posts that the actor holds, with who stands in or will."""
    return register.held_by(db, actor.user_id, now)


def staff(db: Session, actor: Actor, now: datetime) -> list[PostRow]:
    """Return the posts of the people whom the actor leads: in the own unit and those right below
    it.
    """
    led = {seat.unit_id for seat in actor.seats if seat.role in LEADERS}
    rows = register.staff_of(db, led, now) if led else []
    return [
        row
        for row in rows
        if row.post.user_id != actor.user_id and row.post.role not in OWN_BUSINESS
    ]


def arrangeable(db: Session, actor: Actor, post_id: int, now: datetime) -> PostRow:
    """Return a post for which the actor may say who stands in. Raises NotFound."""
    for row in (*own(db, actor, now), *staff(db, actor, now)):
        if row.post.id == post_id:
            return row
    raise NotFound(post_id)


def arrange(
    db: Session,
    actor: Actor,
    post_ids: Collection[int],
    login: str,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    *,
    now: datetime,
) -> list[Deputy | GrantRequest]:
    """Appoint a deputy for one's own posts or those of one's staff, and notify them.

    A day that has begun counts from now; for a post with county-wide power an administrator
    confirms first. Raises NotFound, InvalidInput, PostEnded.
    """
    rows = [arrangeable(db, actor, post_id, now) for post_id in sorted(set(post_ids))]
    if not rows:
        raise InvalidInput({"posts": NO_POST})
    user = next(iter(candidates.for_deputy(db, actor, rows, now, login=login.lower())), None)
    if user is None:
        raise InvalidInput({"user": NOT_NEAR})
    begin = max(from_at, now)
    return [
        appointments.depute(db, actor, row, user, begin, until_at, reason, now=now) for row in rows
    ]


def end(db: Session, actor: Actor, deputy_id: int, *, now: datetime) -> None:
    """End a deputyship early, or give one's own back. Raises NotFound."""
    deputy = db.get(Deputy, deputy_id, with_for_update=True, populate_existing=True)
    if deputy is None or deputy.derived or deputy.until_at <= now:
        raise NotFound(deputy_id)
    if deputy.user_id != actor.user_id:
        arrangeable(db, actor, deputy.post_id, now)
    org.end_deputy(db, actor.user_id, deputy, now=now)
