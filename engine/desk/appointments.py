"""Giving powers to people: posts, deputies, new passwords, and what needs a second administrator.

The rules stand in ``engine.access.duties`` and ``engine.org``; here they meet: who asks, for
whom, whether it works at once or waits for the confirmation of a second person.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine import org, settings
from engine.access import duties
from engine.access.actors import Actor, actor_of
from engine.accounts import second_factors
from engine.desk import account_access, grant_requests
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Deputy, GrantRequest, Post, Unit, User
from engine.notices import outbox
from engine.org.reach import reach_of, trusted_with
from engine.org.register import PostRow
from engine.roles import CONFIRMED, WIDE
from feel.text import Text

NOT_SENIOR = Text(
    "这个角色的权限超出本单位，须由县级（或以上）管理员任命，并由另一名管理员确认。",
    "The power of this role goes beyond the unit: an administrator of the county or above "
    "appoints to it, and a second one confirms.",
)
# Why a reset is asked for that clears the second factors, too.
FACTORS = "factors"
NO_LONGER = Text(
    "申请人已无权提出这项申请，请退回。", "Whoever asked may not ask for this any more; refuse it."
)


def appoint(
    db: Session,
    actor: Actor,
    unit: Unit,
    role: str,
    user: User | None,
    *,
    post: Post | None = None,
    now: datetime,
) -> Post | GrantRequest:
    """Seat somebody in a new post, or in a vacant one; without a person, make a vacant post.

    A role of which two have to agree waits for a second administrator. Raises NotFound,
    InvalidInput.
    """
    _require_reach(db, actor, unit, role)
    if user is not None and role in CONFIRMED:
        require_fit(db, actor, unit, role, user, now)
        post_id = post.id if post is not None else None
        return grant_requests.ask(db, actor, "post", unit, role, user, now, post_id=post_id)
    if post is not None and user is not None:
        return org.fill_post(db, actor.user_id, post, user, now=now)
    return org.create_post(db, actor.user_id, unit=unit, role=role, user=user, now=now)


def depute(
    db: Session,
    actor: Actor,
    row: PostRow,
    user: User,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    *,
    now: datetime,
) -> Deputy | GrantRequest:
    """Appoint a deputy for a post and notify them; the caller has checked the permission.

    For a role with county-wide effect a second administrator confirms. Raises InvalidInput.
    """
    if row.post.role in WIDE:
        require_fit(db, actor, row.unit, row.post.role, user, now)
        _require_period(from_at, until_at, now)
        period = {"from_at": from_at, "until_at": until_at, "reason": reason[:200]}
        return grant_requests.ask(
            db, actor, "deputy", row.unit, row.post.role, user, now, post_id=row.post.id, **period
        )
    return _depute(db, actor.user_id, row.post, row.unit, user, from_at, until_at, reason, now=now)


def reset_password(
    db: Session, actor: Actor, user: User, password_hash: str, *, now: datetime
) -> GrantRequest | None:
    """Give somebody a new first password; sessions end and the person is notified.

    Whoever has county-wide power, or knows who reported something, gets one only when a second
    administrator has confirmed it: the request is returned. Raises InvalidInput for oneself.
    """
    if user.id == actor.user_id:
        raise InvalidInput({"user": duties.ONESELF})
    post = trusted_with(db, user.id, now)
    if post is None:
        _reset(db, actor.user_id, user, password_hash, now)
        return None
    unit = db.get_one(Unit, post.unit_id)
    _require_reach(db, actor, unit, post.role)
    return grant_requests.ask(db, actor, "reset", unit, post.role, user, now, post_id=post.id)


def clear_factors(db: Session, actor: Actor, user: User, *, now: datetime) -> GrantRequest | None:
    """Clear the second factors of somebody who has lost them; sessions end, the person is notified.

    Whoever is trusted with that much (``reset_password``) starts again: a reset is asked for, and
    the second administrator confirms that the factors go with it. Raises InvalidInput for oneself,
    and where there is no factor.
    """
    if user.id == actor.user_id:
        raise InvalidInput({"user": duties.ONESELF})
    if not second_factors.of_user(db, user.id):
        raise InvalidInput({"user": account_access.NO_FACTORS})
    post = trusted_with(db, user.id, now)
    if post is None:
        account_access.forget_factors(db, actor.user_id, user, now=now)
        return None
    unit = db.get_one(Unit, post.unit_id)
    _require_reach(db, actor, unit, post.role)
    about = {"post_id": post.id, "reason": FACTORS}
    return grant_requests.ask(db, actor, "reset", unit, post.role, user, now, **about)


def decide(
    db: Session,
    actor: Actor,
    request_id: int,
    accepted: bool,
    *,
    password_hash: str = "",
    now: datetime,
) -> GrantRequest:
    """Confirm or refuse what another asked for; confirmed, it works at once.

    ``password_hash`` is that of the fresh password of a reset. Raises NotFound, NotAllowed,
    NotIndependent, Conflict for a decided one, InvalidInput when it cannot be carried out any more.
    """
    request = grant_requests.one(db, actor, request_id)
    db.refresh(request, with_for_update=True)
    if request.decided_at is not None:
        raise Conflict(request_id, text=grant_requests.DECIDED)
    fault = grant_requests.objection(db, actor, request, now)
    if fault is duties.NotIndependent.text:
        raise duties.NotIndependent(request_id)
    if fault is not None:
        raise NotAllowed("confirm", request_id, text=fault)
    outcome = "confirmed" if accepted else "refused"
    if accepted:
        _carry_out(db, actor, request, password_hash, now)
    grant_requests.close(db, actor, request, outcome, now)
    grant_requests.notify(db, request, f"grant.{outcome}", request.by_id, now)
    return request


def require_fit(
    db: Session, actor: Actor, unit: Unit, role: str, user: User, now: datetime
) -> None:
    """Raise InvalidInput for oneself, an ended user, and duties that one person cannot combine."""
    fault = None
    if user.id == actor.user_id:
        fault = duties.ONESELF
    elif user.ended_at is not None:
        fault = Text("该用户已停用。", "This user has ended.")
    else:
        fault = duties.conflict(db, unit, role, user.id, now)
    if fault is not None:
        raise InvalidInput({"user": fault})


def _require_reach(db: Session, actor: Actor, unit: Unit, role: str) -> None:
    if not reach_of(actor).covers(db, unit.id):
        raise NotFound(unit.id)
    if role in WIDE and not reach_of(actor, senior=True).covers(db, unit.id):
        raise InvalidInput({"role": NOT_SENIOR})


def _require_period(from_at: datetime, until_at: datetime, now: datetime) -> None:
    if until_at <= from_at or until_at <= now:
        words = Text("结束时间须晚于开始和现在。", "The end must lie ahead.")
        raise InvalidInput({"until_at": words})


def _carry_out(
    db: Session, actor: Actor, request: GrantRequest, password_hash: str, now: datetime
) -> None:
    unit, user = db.get_one(Unit, request.unit_id), db.get_one(User, request.user_id)
    asker = actor_of(db, request.by_id, now)
    reach = reach_of(asker, senior=request.role in WIDE)
    if request.kind != "deputy" and not reach.covers(db, unit.id):
        raise InvalidInput({"": NO_LONGER})
    if request.kind == "reset":
        _reset_as_asked(db, actor, request, user, password_hash, now)
        return
    require_fit(db, actor, unit, request.role, user, now)
    post = db.get(Post, request.post_id) if request.post_id is not None else None
    if request.kind == "deputy":
        assert post is not None
        _depute_as_asked(db, actor, request, post, unit, user, now)
        return
    if post is not None:
        org.fill_post(db, request.by_id, post, user, now=now, confirmed_by=actor.user_id)
    else:
        org.create_post(
            db,
            request.by_id,
            unit=unit,
            role=request.role,
            user=user,
            now=now,
            confirmed_by=actor.user_id,
        )
    grant_requests.notify(db, request, "grant.given", user.id, now)


def _reset_as_asked(
    db: Session,
    actor: Actor,
    request: GrantRequest,
    user: User,
    password_hash: str,
    now: datetime,
) -> None:
    _reset(db, request.by_id, user, password_hash, now, confirmed_by=actor.user_id)
    if request.reason == FACTORS:
        account_access.forget_factors(db, request.by_id, user, now=now)


def _depute_as_asked(
    db: Session,
    actor: Actor,
    request: GrantRequest,
    post: Post,
    unit: Unit,
    user: User,
    now: datetime,
) -> None:
    assert request.from_at is not None and request.until_at is not None
    _depute(
        db,
        request.by_id,
        post,
        unit,
        user,
        max(request.from_at, now),
        request.until_at,
        request.reason,
        now=now,
        confirmed_by=actor.user_id,
    )


def _depute(
    db: Session,
    by_id: int,
    post: Post,
    unit: Unit,
    user: User,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    *,
    now: datetime,
    confirmed_by: int | None = None,
) -> Deputy:
    deputy = org.create_deputy(
        db,
        by_id,
        post=post,
        user=user,
        from_at=from_at,
        until_at=until_at,
        reason=reason,
        now=now,
        confirmed_by=confirmed_by,
    )
    zone = ZoneInfo(settings.current().timezone)
    first, end_of = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (from_at, until_at))
    outbox.put_for_person(
        db,
        unit.at_county or unit.id,
        "deputy.appointed",
        user.id,
        cause=f"deputy:{deputy.id}",
        now=now,
        text=f"{unit.name}，{first} 至 {end_of}",
        text_en=f"{unit.name}, {first} to {end_of}",
    )
    return deputy


def _reset(
    db: Session,
    by_id: int,
    user: User,
    password_hash: str,
    now: datetime,
    *,
    confirmed_by: int | None = None,
) -> None:
    org.set_password(db, by_id, user, password_hash, now=now)
    duties.note(db, confirmed_by, user.id, "reset", now=now)
    account_access.tell_owner(db, by_id, user, "account.reset", "reset", now)
