"""Slowing down guesses: failed logins are counted in the database, by login and by address.

Neither is kept in clear: what was typed as a login may have been a password, and an address
belongs to a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.errors import DomainError
from engine.models import LoginAttempt, new_id
from engine.records import vault
from engine.storage.db import one_at_a_time
from feel.text import Text

WINDOW = timedelta(minutes=15)
PER_LOGIN, PER_ADDRESS = 5, 50
# Key of the lock under which attempts are counted.
ATTEMPTS = 620_729


class TooManyAttempts(DomainError):
    """This login or this address failed too often lately."""

    text = Text(
        "登录失败次数过多，请 15 分钟后再试，或请管理员重置密码。",
        "Too many failed logins. Try again in 15 minutes, or ask an administrator.",
    )


def note_attempt(db: Session, login: str, address: str, *, now: datetime) -> int:
    """Count this attempt before the password is looked at; returns its id.

    Counting first leaves no gap in which many guesses run at once. Raises TooManyAttempts.
    """
    who, where = vault.blind("login", login.casefold()), vault.blind("address", address)
    one_at_a_time(db, ATTEMPTS)
    since = now - WINDOW
    failed = select(func.count()).select_from(LoginAttempt).where(LoginAttempt.at > since)
    by_login = db.scalar(failed.where(LoginAttempt.login == who)) or 0
    by_address = db.scalar(failed.where(LoginAttempt.address == where)) or 0
    if by_login >= PER_LOGIN or by_address >= PER_ADDRESS:
        raise TooManyAttempts()
    attempt = LoginAttempt(id=new_id(), login=who, address=where, at=now)
    db.add(attempt)
    db.execute(delete(LoginAttempt).where(LoginAttempt.at < now - 4 * WINDOW))
    return attempt.id


def forget(db: Session, login: str) -> None:
    """A right password clears the failures of its login."""
    who = vault.blind("login", login.casefold())
    db.execute(delete(LoginAttempt).where(LoginAttempt.login == who))
