"""Users: create, rename, end; passwords arrive as hashes."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import duties, former_passwords, sessions
from engine.access.actors import actor_of
from engine.errors import Conflict, InvalidInput
from engine.models import User, new_id
from engine.org.handover import release_tasks
from engine.org.posts import vacate_posts_of
from engine.records import audit
from feel.text import Text

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
LONGEST_NAME = 64


class UserEnded(Conflict):
    """The user has ended already."""

    text = Text("该用户已经停用。", "This account is already deactivated.")


def create_user(
    db: Session,
    actor_id: int | None,
    *,
    login: str,
    name: str,
    password_hash: str,
    now: datetime,
    locale: str = "zh_CN",
    must_change: bool = True,
    unit_id: int | None = None,
) -> User:
    """Add somebody who can log in; what they may do comes from posts.

    The account belongs to the unit, else to the unit that first seats it. Raises InvalidInput.
    """
    login, name = login.strip().lower(), name.strip()
    errors = _name_errors(name)
    if not LOGIN.fullmatch(login):
        words = "用户名应为 2 至 64 位小写字母、数字、点、横线。"
        errors["login"] = Text(words, "Use 2 to 64 lower-case letters, digits, . _ or -.")
    elif db.scalar(select(User.id).where(User.login == login)) is not None:
        errors["login"] = Text("用户名已被使用。", "This username is taken.")
    if errors:
        raise InvalidInput(errors)
    user = User(
        id=new_id(),
        login=login,
        name=name,
        password_hash=password_hash,
        must_change=must_change,
        locale=locale,
        created_at=now,
        unit_id=unit_id,
    )
    db.add(user)
    db.flush()
    duties.note(db, actor_id, user.id, "made", now=now)
    audit.record_admin(db, "user.created", actor_id, {"user": user.id, "login": login}, at=now)
    return user


def rename_user(db: Session, actor_id: int | None, user: User, name: str, *, now: datetime) -> None:
    """Correct somebody's name. Raises InvalidInput."""
    name = name.strip()
    errors = _name_errors(name)
    if errors:
        raise InvalidInput(errors)
    if name != user.name:
        user.name = name
        audit.record_admin(db, "user.renamed", actor_id, {"user": user.id}, at=now)


def set_password(
    db: Session,
    actor_id: int | None,
    user: User,
    password_hash: str,
    *,
    now: datetime,
    must_change: bool = True,
) -> None:
    """Set a new password; every session of the user ends."""
    _require_active(db, user)
    former_passwords.replace(db, user, password_hash, now=now)
    user.must_change = must_change
    sessions.end_all(db, user.id)
    duties.note(db, actor_id, user.id, "reset", now=now)
    audit.record_admin(db, "user.password_set", actor_id, {"user": user.id}, at=now)


def end_user(db: Session, actor_id: int | None, user: User, *, now: datetime) -> int:
    """End a user: sessions, posts and deputyships end, what they had signed for goes back.

    Their posts stay, vacant. Returns how many tasks went back to their queues.
    Raises UserEnded, or LastAdministrator when nobody would be left to appoint anybody.
    """
    _require_active(db, user)
    released = vacate_posts_of(db, actor_id, user, now=now)
    actor = actor_of(db, actor_id, now) if actor_id is not None else None
    # What they signed for as somebody's deputy.
    released += release_tasks(db, user, actor, now, reason="user_ended")
    user.ended_at = now
    sessions.end_all(db, user.id)
    data = {"user": user.id, "released": released}
    audit.record_admin(db, "user.ended", actor_id, data, at=now)
    return released


def _require_active(db: Session, user: User) -> None:
    # The weaker lock: a step that names the user as who did it must not wait for this, which
    # in turn waits for the step's case.
    db.refresh(user, with_for_update={"key_share": True})
    if user.ended_at is not None:
        raise UserEnded(user.id)


def _name_errors(name: str) -> dict[str, Text]:
    if not name:
        return {"name": Text("姓名不能为空。", "Enter a name.")}
    if len(name) > LONGEST_NAME:
        return {"name": Text("姓名过长。", "The name is too long.")}
    return {}
