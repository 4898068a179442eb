"""Absences: who acts for whom for a period, arranged by themselves or by their leader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org, settings
from engine.access.actors import Actor
from engine.errors import NotFound, Rejected
from engine.models import Deputy, Post, User
from engine.notices import outbox
from engine.org import register
from engine.org.register import PostRow
from engine.roles import with_verb
from feel.text import Text

LEADERS = with_verb("arrange")
# Who stands in for these is not for a leader to say: it would be a way to their powers.
OWN_BUSINESS = frozenset({"admin", "policy_editor", "policy_publisher"})
NOT_NEAR = Text("请从名单中选择代理人。", "Choose somebody from the list.")
NO_POST = Text("请选择岗位。", "Choose a post.")


def own(db: Session, actor: Actor, now: datetime) -> list[PostRow]:
    """The posts that the actor holds, with who stands in or will."""
    return register.held_by(db, actor.user_id, now)


def staff(db: Session, actor: Actor, now: datetime) -> list[PostRow]:
    """The posts of the people whom the actor leads: in the own unit and those right below it."""
    led = {seat.unit_id for seat in actor.seats if seat.role in LEADERS}
    rows = register.staff_of(db, led, now) if led else []
    return [
        row
        for row in rows
        if row.post.user_id != actor.user_id and row.post.role not in OWN_BUSINESS
    ]


def arrangeable(db: Session, actor: Actor, post_id: int, now: datetime) -> PostRow:
    """A post for which the actor may say who stands in. Raises NotFound."""
    for row in (*own(db, actor, now), *staff(db, actor, now)):
        if row.post.id == post_id:
            return row
    raise NotFound(post_id)


def candidates(db: Session, rows: Sequence[PostRow]) -> list[User]:
    """Who may stand in for all of these posts, colleagues of the unit before their neighbours.

    They are people of the same township, else of the county.
    """
    near = [register.people_near(db, row.unit) for row in rows]
    if not near:
        return []
    common = set.intersection(*({user.id for user in people} for people in near))
    fitting = common - {row.post.user_id for row in rows}
    units = {row.unit.id for row in rows}
    beside = select(Post.user_id).where(Post.unit_id.in_(units), Post.until_at.is_(None))
    colleagues = set(db.scalars(beside))
    found = [user for user in near[0] if user.id in fitting]
    return sorted(found, key=lambda user: (user.id not in colleagues, user.name))


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
) -> list[Deputy]:
    """Let somebody stand in for posts of one's own or of one's staff; they are told.

    A day that has begun counts from now. Raises NotFound, Rejected, PostEnded.
    """
    rows = [arrangeable(db, actor, post_id, now) for post_id in sorted(set(post_ids))]
    if not rows:
        raise Rejected({"posts": NO_POST})
    user = next((one for one in candidates(db, rows) if one.login == login.lower()), None)
    if user is None:
        raise Rejected({"user": NOT_NEAR})
    begin = max(from_at, now)
    return [appoint(db, actor, row, user, begin, until_at, reason, now=now) for row in rows]


def end(db: Session, actor: Actor, deputy_id: int, *, now: datetime) -> None:
    """End a deputyship early, or give one's own back. Raises NotFound."""
    deputy = db.get(Deputy, deputy_id, with_for_update=True, populate_existing=True)
    if deputy is None or deputy.until_at <= now:
        raise NotFound(deputy_id)
    if deputy.user_id != actor.user_id:
        arrangeable(db, actor, deputy.post_id, now)
    org.end_deputy(db, actor.user_id, deputy, now=now)


def appoint(
    db: Session,
    actor: Actor,
    row: PostRow,
    user: User,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    *,
    now: datetime,
) -> Deputy:
    """Let somebody stand in for a post, whoever says so, and tell them.

    Whether the actor may say so was asked before. Raises Rejected, PostEnded.
    """
    deputy = org.create_deputy(
        db,
        actor.user_id,
        post=row.post,
        user=user,
        from_at=from_at,
        until_at=until_at,
        reason=reason,
        now=now,
    )
    zone = ZoneInfo(settings.current().timezone)
    first, end_of = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (from_at, until_at))
    county_id = row.unit.at_county
    if county_id is not None:
        outbox.tell(
            db,
            county_id,
            "deputy.appointed",
            user.id,
            cause=f"deputy:{deputy.id}",
            now=now,
            text=f"{row.unit.name}，{first} 至 {end_of}",
            text_en=f"{row.unit.name}, {first} to {end_of}",
        )
    return deputy
