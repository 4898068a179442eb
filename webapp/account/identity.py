"""Whether somebody is who they say: by password, by code, by passkey, each try counted."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, g, request, session
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import logins, passkeys, second_factors
from engine.accounts.passkeys import RelyingParty
from engine.errors import DomainError
from engine.intake import demo
from engine.models import User
from engine.storage.db import reading, transaction
from feel.text import Text
from webapp import passwords
from webapp.account import throttle
from webapp.account.people import origin
from webapp.clock import now


class DemoPassword(DomainError):
    """The password of the demo county, which everybody knows, in a real one."""

    text = Text(
        "演示密码不能在生产环境使用，请管理员重置密码。",
        "The demo's password is not accepted in production; have it reset by an administrator.",
    )


def checked(name: str, typed: str, answer: str = "") -> User | None:
    """Return the user of that login if the password is right.

    Raises TooManyAttempts, DemoPassword.
    """
    name = name.replace("\x00", "")
    user = _counted(name, answer)
    known = user if user is not None and is_alive(user) else None
    # Outside of the transaction: a slow hash must not hold the database.
    if not passwords.matches(known.password_hash if known else None, typed):
        _refuse(user, "password")
        return None
    if current_app.config["FENGQIAO"].production and typed == demo.PASSWORD:
        raise DemoPassword()
    return known


def settle(db: Session, user: User, typed: str = "") -> None:
    """Forget the failures of who has proved everything; renew a hash that has become weak."""
    throttle.forget(db, user.login, origin().address)
    if typed and passwords.is_outdated(user.password_hash):
        db.merge(user).password_hash = passwords.hashed(typed)


def half_way(db: Session) -> None:
    """The password was right, and a second proof is still to come: only that is open now."""
    throttle.take_back(db, g.attempt)


def second_proof(user: User) -> str | None:
    """Return what the form's code or passkey proves for this user; None if nothing.

    Raises TooManyAttempts.
    """
    _counted(user.login, request.form.get("work", ""))
    if _answered() is None:
        with transaction() as db:
            throttle.note_code(db, user.id, now=now())
    with transaction() as db:
        proof = _proof(db, user)
        if proof is not None:
            settle(db, user)
            throttle.forget_codes(db, user.id)
    if proof is None:
        _refuse(user, "second_factor")
    return proof


def by_passkey(answer: str) -> User | None:
    """Return whose passkey answered the challenge of this page."""
    asked, party_ = session.pop("challenge", ""), party()
    if party_ is None:
        return None
    with transaction() as db:
        user_id = passkeys.verified_owner(db, answer, asked, party_, now=now())
        user = db.get(User, user_id) if user_id is not None else None
        known = user if user is not None and is_alive(user) else None
        # Whoever sends anything at all writes no record: else strangers fill it without any work.
        named = passkeys.named_by(db, answer) if known is None else None
        if named is not None:
            logins.refuse(db, named, now=now(), origin=origin(), reason="passkey")
    return known


def ask_passkey(user_id: int | None) -> str | None:
    """Return what the browser is asked for a passkey; None where there can be none."""
    party_ = party()
    if party_ is None:
        return None
    with reading() as db:
        asked = passkeys.ask_to_prove(db, user_id, party_)
    session["challenge"] = asked.challenge
    return asked.options


def party() -> RelyingParty | None:
    """Return the site that passkeys are for: the address people open, never what a request claims.

    A demo without such an address has the one it is opened at. An address in digits has none.
    """
    settings = current_app.config["FENGQIAO"]
    for url in (settings.public_url, "" if settings.production else request.host_url):
        parts = urlsplit(url)
        if parts.hostname and not _is_number(parts.hostname):
            return RelyingParty(parts.hostname, f"{parts.scheme}://{parts.netloc}")
    return None


def is_alive(user: User) -> bool:
    """Return whether the account is in force."""
    return user.ended_at is None or user.ended_at > now()


def demanded(name: str) -> int:
    """Return how much work the next try at this login will have to show."""
    with reading() as db:
        return throttle.demanded(db, name.replace("\x00", ""), origin().address, now=now())


def retry_after(error: throttle.TooManyAttempts) -> dict[str, str]:
    """Return the header that says when to come again."""
    return {"Retry-After": str(error.seconds)} if error.seconds else {}


def _counted(name: str, answer: str) -> User | None:
    with transaction() as db:
        g.attempt = throttle.note_attempt(db, name, origin().address, now=now(), answer=answer)
        return db.scalar(select(User).where(User.login == name))


def _refuse(user: User | None, reason: str) -> None:
    with transaction() as db:
        known = user.id if user is not None else None
        logins.refuse(db, known, now=now(), origin=origin(), reason=reason)


def _answered() -> tuple[str, RelyingParty] | None:
    """Return the answer of a passkey, where there can be one; else a code is looked at."""
    answer, party_ = request.form.get("passkey", ""), party()
    return (answer, party_) if answer and party_ is not None else None


def _proof(db: Session, user: User) -> str | None:
    answered = _answered()
    if answered is not None:
        asked = session.pop("challenge", "")
        whose = passkeys.verified_owner(db, answered[0], asked, answered[1], now=now())
        return "passkey" if whose == user.id else None
    return second_factors.check_code(db, user.id, request.form.get("code", ""), now=now())


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
