"""Slowing down guesses: failed log-ins are counted in the database, by login and by address.

A few wrong guesses make that login wait at that address, for seconds; more of them ask the
browser for a proof of work. Who does the work is always let through to the password, so nobody
can lock anybody else out, from the same office or from anywhere.

Neither login nor address is kept in clear: what was typed as a login may have been a password,
and an address belongs to a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.orm import Session

from engine.accounts import proof_of_work, single_use
from engine.models import LoginAttempt, new_id
from engine.records import vault
from engine.storage.db import one_at_a_time
from feel.text import Text
from webapp.statuses import WebRefusal

WINDOW = timedelta(minutes=15)
# Failures of a login at an address: so many are free, then seconds pass, then work is asked for.
FREE, WORK = 3, 6
# Failures of a login from anywhere, and of an address with any login, that ask for work as well.
PER_LOGIN, PER_ADDRESS = 20, 50
# Wrong codes of one person, from anywhere: whoever tries them knows the password, so that no
# stranger shuts anybody out, and no work buys more of a million guesses.
MOST_CODES = 10
# Zero bits: a third of a second of an office computer, and eight times that.
EASIEST, HARDEST = 18, 21
PURPOSE = "login"
# Key of the lock under which attempts are counted.
ATTEMPTS = 620_729


class TooManyAttempts(WebRefusal):
    """This login failed too often here; ``seconds`` to wait, or ``bits`` of work to do."""

    status = 429

    def __init__(self, *, seconds: int = 0, bits: int = 0) -> None:
        wait = Text(
            f"登录失败次数过多，请 {seconds} 秒后再试。",
            f"Too many failed log-ins. Try again in {seconds} seconds.",
        )
        work = Text(
            "登录失败次数过多。请等页面完成验证后，再次输入密码登录。",
            "Too many failed log-ins. Let the page finish its check, then log in again.",
        )
        super().__init__(text=work if bits else wait)
        self.seconds, self.bits = seconds, bits


class LoginFailures(NamedTuple):
    """Failed attempts within the window."""

    here: int
    of_login: int
    of_address: int
    last: datetime | None


def note_attempt(db: Session, login: str, address: str, *, now: datetime, answer: str = "") -> int:
    """Count this attempt before the password is looked at; return its id.

    Counting first leaves no gap in which many guesses run at once. ``answer`` solves a challenge
    of work. Raises TooManyAttempts.
    """
    who, where = _blinded(login, address)
    one_at_a_time(db, ATTEMPTS)
    failures = _failures(db, who, where, now)
    bits, seconds = _bits(failures), _wait(failures, now)
    if bits and not _worked(db, answer, bits, now):
        raise TooManyAttempts(bits=bits)
    if seconds and not bits:
        raise TooManyAttempts(seconds=seconds)
    attempt = LoginAttempt(id=new_id(), login=who, address=where, at=now)
    db.add(attempt)
    db.execute(delete(LoginAttempt).where(LoginAttempt.at < now - 4 * WINDOW))
    return attempt.id


def note_code(db: Session, user_id: int, *, now: datetime) -> None:
    """Count a code of an authenticator before it is looked at. Raises TooManyAttempts."""
    who = _blinded_codes(user_id)
    one_at_a_time(db, ATTEMPTS)
    tried = select(LoginAttempt.at).where(LoginAttempt.login == who, LoginAttempt.at > now - WINDOW)
    latest = db.scalars(tried.order_by(LoginAttempt.at.desc()).limit(MOST_CODES)).all()
    if len(latest) == MOST_CODES:
        left = latest[-1] + WINDOW - now
        raise TooManyAttempts(seconds=max(1, -(-left // timedelta(seconds=1))))
    db.add(LoginAttempt(id=new_id(), login=who, address=who, at=now))


def forget_codes(db: Session, user_id: int) -> None:
    """A right code clears the wrong ones."""
    db.execute(delete(LoginAttempt).where(LoginAttempt.login == _blinded_codes(user_id)))


def demanded(db: Session, login: str, address: str, *, now: datetime) -> int:
    """Return how much work the next attempt will have to show; 0 for none."""
    return _bits(_failures(db, *_blinded(login, address), now))


def take_back(db: Session, attempt_id: int) -> None:
    """An attempt was right, though something else has yet to be proved: it counts no more."""
    db.execute(delete(LoginAttempt).where(LoginAttempt.id == attempt_id))


def forget(db: Session, login: str, address: str) -> None:
    """A right password clears the failures of its login at its address, and no others."""
    who, where = _blinded(login, address)
    gone = delete(LoginAttempt).where(LoginAttempt.login == who, LoginAttempt.address == where)
    db.execute(gone)


def _blinded(login: str, address: str) -> tuple[str, str]:
    return vault.blind("login", login.casefold()), vault.blind("address", address)


def _blinded_codes(user_id: int) -> str:
    return vault.blind("code", str(user_id))


def _failures(db: Session, who: str, where: str, now: datetime) -> LoginFailures:
    ours, from_here = LoginAttempt.login == who, LoginAttempt.address == where
    both = and_(ours, from_here)
    counted = select(
        func.count(case((both, 1))),
        func.count(case((ours, 1))),
        func.count(case((from_here, 1))),
        func.max(case((both, LoginAttempt.at))),
    ).where(LoginAttempt.at > now - WINDOW, or_(ours, from_here))
    return LoginFailures(*db.execute(counted).one())


def _bits(failures: LoginFailures) -> int:
    over = (
        failures.here - WORK,
        failures.of_login - PER_LOGIN,
        failures.of_address - PER_ADDRESS,
    )
    worst = max(over)
    return 0 if worst < 0 else min(HARDEST, EASIEST + worst // 5)


def _wait(failures: LoginFailures, now: datetime) -> int:
    """Return seconds until the next attempt: two, four, eight after the last."""
    if failures.here < FREE or failures.last is None:
        return 0
    until = failures.last + timedelta(seconds=2 ** (failures.here - FREE + 1))
    return max(0, -(-(until - now) // timedelta(seconds=1)))


def _worked(db: Session, answer: str, bits: int, now: datetime) -> bool:
    work = proof_of_work.solved(answer, PURPOSE, now=now)
    return (
        work is not None
        and work.bits >= bits
        and single_use.spend(db, work.text, work.until_at, now=now)
    )
