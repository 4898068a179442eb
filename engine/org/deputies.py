"""Deputies: who stands in for the holder of a post, and for whoever stands in for them.

A deputyship that somebody made is a row; where the deputy is away in turn, rows that are
derived from it let the deputy's own deputy act for the whole chain. They are rewritten after
every change, so that whoever reads the table needs to know nothing of chains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.access import duties
from engine.errors import InvalidInput, NotAllowed
from engine.models import Deputy, Post, Unit, User, new_id
from engine.org.post_lock import lock_post
from engine.records import audit
from engine.roles import WIDE
from engine.storage.db import one_at_a_time
from feel.text import Text

# Key of the lock under which chains are rewritten.
CHAINS = 620_731
CIRCLE = Text(
    "此人同期已由对方（直接或间接）代理，代理不能成环。",
    "The other already stands in for this person in that time, directly or through others.",
)


class DeputyLink(NamedTuple):
    """Somebody stands in for somebody else from/until."""

    user_id: int
    from_at: datetime
    until_at: datetime


class DerivedDeputy(NamedTuple):
    """A deputyship that follows from others: through whom, from/until."""

    post_id: int
    user_id: int
    from_at: datetime
    until_at: datetime
    through: tuple[int, ...]


def create_deputy(
    db: Session,
    actor_id: int | None,
    *,
    post: Post,
    user: User,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
    reason: str = "",
    confirmed_by: int | None = None,
) -> Deputy:
    """Appoint a deputy for the holder of a post, for a period.

    Raises PostEnded; NotAllowed for a county-wide role that nobody confirmed; InvalidInput, also
    when somebody else stands in on one of these days, for a circle, and for duties that one
    person cannot combine.
    """
    lock_post(db, post)
    _require_sense(db, actor_id, post, DeputyLink(user.id, from_at, until_at), now)
    if actor_id is not None and post.role in WIDE and confirmed_by is None:
        raise NotAllowed("deputy", post.id)
    deputy = Deputy(
        id=new_id(),
        post_id=post.id,
        user_id=user.id,
        from_at=from_at,
        until_at=until_at,
        reason=reason[:200],
        appointed_by=actor_id,
        confirmed_by=confirmed_by,
    )
    db.add(deputy)
    for by_id in (actor_id, confirmed_by):
        duties.note(db, by_id, user.id, "appointed", now=now)
    data = {"post": post.id, "user": user.id, "until": until_at.isoformat()}
    audit.record_admin(db, "deputy.created", actor_id, data, at=now)
    rechain(db, now)
    return deputy


def end_deputy(db: Session, actor_id: int | None, deputy: Deputy, *, now: datetime) -> None:
    """End a deputyship before its time; one that has not begun is taken back."""
    data = {"post": deputy.post_id, "user": deputy.user_id}
    cut_short(db, [deputy], now)
    rechain(db, now)
    audit.record_admin(db, "deputy.ended", actor_id, data, at=now)


def cut_short(db: Session, deputies: Iterable[Deputy], now: datetime) -> None:
    """End deputyships now; those that have not begun go."""
    for deputy in list(deputies):
        if deputy.from_at >= now:
            db.delete(deputy)
        else:
            deputy.until_at = min(deputy.until_at, now)
    db.flush()


def rechain(db: Session, now: datetime) -> None:
    """Write the derived deputyships from ``now`` on as the made ones demand it."""
    one_at_a_time(db, CHAINS)
    db.flush()
    wanted = set(_derived(db, now))
    there = select(Deputy).where(Deputy.derived.is_(True), Deputy.until_at > now)
    known = list(db.scalars(there))
    gone = []
    for row in known:
        begin = max(row.from_at, now)
        same = {
            one
            for one in wanted
            if (one.post_id, one.user_id, one.until_at) == (row.post_id, row.user_id, row.until_at)
            and list(one.through) == row.through
            and max(one.from_at, now) == begin
        }
        wanted -= same
        if not same:
            gone.append(row)
    cut_short(db, gone, now)
    for one in sorted(wanted):
        values = one._replace(from_at=max(one.from_at, now))._asdict()
        values["through"] = list(one.through)
        db.add(Deputy(id=new_id(), derived=True, **values))
    db.flush()


def _require_sense(
    db: Session, actor_id: int | None, post: Post, link: DeputyLink, now: datetime
) -> None:
    user = db.get_one(User, link.user_id)
    errors = _overlap(db, post, link.from_at, link.until_at)
    if link.until_at <= link.from_at or link.until_at <= now:
        errors["until_at"] = Text("结束时间须晚于开始和现在。", "The end must lie ahead.")
    fault = _objection(db, actor_id, post, user, now)
    if fault is None and _closes_circle(db, post, user, link.from_at, link.until_at):
        fault = CIRCLE
    if fault is not None:
        errors["user"] = fault
    if errors:
        raise InvalidInput(errors)


def _objection(
    db: Session, actor_id: int | None, post: Post, user: User, now: datetime
) -> Text | None:
    if user.id == post.user_id:
        return Text("本人不能代理本人。", "Nobody deputises for themselves.")
    if user.ended_at is not None:
        return Text("该用户已停用。", "This user has ended.")
    if actor_id is None:
        return None
    if user.id == actor_id:
        return duties.ONESELF
    return duties.conflict(db, db.get_one(Unit, post.unit_id), post.role, user.id, now)


def _overlap(db: Session, post: Post, from_at: datetime, until_at: datetime) -> dict[str, Text]:
    """Return the error of a period in which somebody stands in already; the table refuses it,
    too.
    """
    taken = (
        select(Deputy, User.name)
        .join(User, User.id == Deputy.user_id)
        .where(
            Deputy.post_id == post.id,
            Deputy.derived.is_(False),
            Deputy.from_at < until_at,
            Deputy.until_at > from_at,
        )
    )
    row = db.execute(taken.order_by(Deputy.from_at).limit(1)).first()
    if row is None:
        return {}
    deputy, name = row
    first, last = _local_day(deputy.from_at), _local_day(deputy.until_at - timedelta(seconds=1))
    return {
        "from_at": Text(
            f"{first} 至 {last} 已由{name}代理该岗位，时间不能重叠。",
            f"{name} stands in for this post from {first} to {last}; periods cannot overlap.",
        )
    }


def _local_day(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.current().timezone)):%Y-%m-%d}"


def _closes_circle(
    db: Session, post: Post, user: User, from_at: datetime, until_at: datetime
) -> bool:
    """Return whether the holder of the post stands in, then, for the deputy or for the deputy's
    deputy.
    """
    seen, frontier = {user.id}, {user.id}
    while frontier:
        away = (
            select(Deputy.user_id)
            .join(Post, Post.id == Deputy.post_id)
            .where(
                Post.user_id.in_(frontier),
                Deputy.derived.is_(False),
                Deputy.from_at < until_at,
                Deputy.until_at > from_at,
            )
        )
        frontier = set(db.scalars(away)) - seen
        if post.user_id in frontier:
            return True
        seen |= frontier
    return False


def _derived(db: Session, now: datetime) -> Iterator[DerivedDeputy]:
    """Yield the deputyships that follow from those made, each person once a post at a time."""
    rows = db.execute(
        select(Deputy, Post, Unit)
        .join(Post, Post.id == Deputy.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Deputy.derived.is_(False), Deputy.until_at > now, Post.until_at.is_(None))
        .order_by(Deputy.id)
    ).all()
    away: dict[int, list[DeputyLink]] = {}
    for deputy, post, _unit in rows:
        if post.user_id is not None:
            link = DeputyLink(deputy.user_id, deputy.from_at, deputy.until_at)
            away.setdefault(post.user_id, []).append(link)
    for deputy, post, unit in rows:
        # A power that two administrators gave is not passed on by its deputy alone.
        if post.role in WIDE:
            continue
        taken: list[DerivedDeputy] = []
        made = DerivedDeputy(post.id, deputy.user_id, deputy.from_at, deputy.until_at, ())
        for one in _chain(away, made):
            double = any(
                other.user_id == one.user_id
                and other.from_at < one.until_at
                and one.from_at < other.until_at
                for other in taken
            )
            if one.user_id == post.user_id or double:
                continue
            if duties.conflict(db, unit, post.role, one.user_id, now) is None:
                taken.append(one)
        yield from taken


def _chain(away: dict[int, list[DeputyLink]], last: DerivedDeputy) -> Iterator[DerivedDeputy]:
    """Yield who stands in for the last of a chain, and so on; the shortest way first."""
    through = (*last.through, last.user_id)
    found = []
    for link in away.get(last.user_id, ()):
        begin, end = max(last.from_at, link.from_at), min(last.until_at, link.until_at)
        if begin < end and link.user_id not in through:
            found.append(DerivedDeputy(last.post_id, link.user_id, begin, end, through))
    yield from found
    for one in found:
        yield from _chain(away, one)
