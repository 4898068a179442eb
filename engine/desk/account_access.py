"""By what somebody else gets in: sessions and tokens that an administrator ends, lost factors.

Whether the account is within the administrator's reach was asked before. Each act stands in the
chain of administration, and the person is notified who did it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine.access import duties
from engine.access.actors import Actor
from engine.accounts import logins, second_factors
from engine.errors import InvalidInput
from engine.models import Unit, User
from engine.notices import outbox
from feel.text import Text

ON_ONES_PAGE = Text(
    "请在本人的“登录与安全”页面办理。", "For yourself, do this on your own page of log-ins."
)
NO_FACTORS = Text("此人没有启用二次验证。", "This person has no second factor.")


def end_session(db: Session, actor: Actor, user: User, session_id: int, *, now: datetime) -> None:
    """End one session or token of somebody else. Raises InvalidInput for oneself, NotFound."""
    _require_other(actor, user)
    logins.end_one(db, actor.user_id, user.id, session_id, now=now)
    tell_owner(db, actor.user_id, user, "account.ended", f"session:{session_id}", now)


def end_sessions(db: Session, actor: Actor, user: User, *, now: datetime) -> int:
    """End every session and token of somebody else; return how many. Raises InvalidInput."""
    _require_other(actor, user)
    ended = logins.end_all(db, actor.user_id, user.id, now=now)
    if ended:
        tell_owner(db, actor.user_id, user, "account.ended", "sessions", now)
    return ended


def forget_factors(db: Session, by_id: int, user: User, *, now: datetime) -> None:
    """Remove the second factors of somebody else, with what was begun by them; none is none."""
    if not second_factors.remove_all(db, by_id, user.id, now=now):
        return
    logins.end_all(db, by_id, user.id, now=now)
    duties.note(db, by_id, user.id, "reset", now=now)
    tell_owner(db, by_id, user, "account.factors", "factors", now)


def tell_owner(db: Session, by_id: int, user: User, key: str, what: str, now: datetime) -> None:
    """Queue a notice to the owner of an account: who did something to it."""
    unit = db.get(Unit, user.unit_id) if user.unit_id is not None else None
    if unit is None:
        return
    who, cause = db.get_one(User, by_id).name, f"{what}:{user.id}:{now.isoformat()}"
    county_id = unit.at_county or unit.id
    outbox.put_for_person(db, county_id, key, user.id, cause=cause, now=now, text=who, text_en=who)


def _require_other(actor: Actor, user: User) -> None:
    if user.id == actor.user_id:
        raise InvalidInput({"user": ON_ONES_PAGE})
