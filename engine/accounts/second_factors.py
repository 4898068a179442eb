"""Authenticator apps and recovery codes; what both and passkeys share.

A code counts once: the time step that was accepted last is kept, and a recovery code is deleted
with its use. Both are single statements, so that of two at the same moment one counts.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.models import SecondFactor, new_id
from engine.records import audit, vault
from engine.records.bindings import of_second_factor
from feel.text import Text

ISSUER = "枫桥"
RECOVERY_CODES = 10
# Time steps of thirty seconds that a telephone's clock may be off.
TOLERANCE = 1
LONGEST_NAME = 60
MOST = 10
# Without letters and digits that are mistaken for each other.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
WRONG_CODE = Text("验证码不正确或已用过。", "This code is wrong or was used already.")


def of_user(db: Session, user_id: int) -> list[SecondFactor]:
    """Return the apps and passkeys of a user, oldest first; without recovery codes."""
    real = SecondFactor.kind != "recovery"
    found = select(SecondFactor).where(SecondFactor.user_id == user_id, real)
    return list(db.scalars(found.order_by(SecondFactor.created_at, SecondFactor.id)))


def kinds(db: Session, user_id: int) -> frozenset[str]:
    """By what the user can be asked for a second proof; empty if there is nothing."""
    found = select(SecondFactor.kind).where(SecondFactor.user_id == user_id).distinct()
    known = frozenset(db.scalars(found))
    # Codes are a way back to a factor and none by themselves.
    return known if known - {"recovery"} else frozenset()


def fresh_secret() -> str:
    """Return a new shared secret for an app."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """Return what the app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def add_app(
    db: Session, user_id: int, name: str, secret: str, code: str, *, now: datetime
) -> SecondFactor:
    """Keep an app once it has shown a right code. Raises InvalidInput."""
    step = _step(secret, code, now)
    if step is None:
        raise InvalidInput({"code": WRONG_CODE})
    row = SecondFactor(id=new_id(), user_id=user_id, kind="totp", name=name, counter=step)
    row.payload = vault.seal({"totp": secret}, of_second_factor(row))
    return keep(db, row, now=now)


def keep(db: Session, row: SecondFactor, *, now: datetime) -> SecondFactor:
    """Write a factor down with its event. Raises InvalidInput when there are too many."""
    if len(of_user(db, row.user_id)) >= MOST:
        words = Text(f"最多 {MOST} 个，请先删除不用的。", f"At most {MOST}; remove one first.")
        raise InvalidInput({"name": words})
    row.name, row.created_at = row.name.strip()[:LONGEST_NAME], now
    db.add(row)
    data = {"user": row.user_id, "factor": row.id, "kind": row.kind}
    audit.record_admin(db, "factor.added", row.user_id, data, at=now)
    return row


def check_code(db: Session, user_id: int, code: str, *, now: datetime) -> str | None:
    """Return what a typed code proves, ``totp`` or ``recovery``; None if it is wrong or was
    used.
    """
    plain = "".join(code.split()).replace("-", "").lower()
    if plain.isascii() and plain.isdigit():
        return "totp" if _check_app(db, user_id, plain, now) else None
    return "recovery" if _check_recovery(db, user_id, plain, now) else None


def fresh_codes(db: Session, user_id: int, *, now: datetime) -> list[str]:
    """Return ten new recovery codes, shown once; those of before count no more."""
    mine = (SecondFactor.user_id == user_id) & (SecondFactor.kind == "recovery")
    db.execute(delete(SecondFactor).where(mine))
    codes = ["".join(secrets.choice(LETTERS) for _n in range(12)) for _c in range(RECOVERY_CODES)]
    for code in codes:
        digest = _digest(user_id, code)
        row = SecondFactor(
            id=new_id(), user_id=user_id, kind="recovery", digest=digest, created_at=now
        )
        db.add(row)
    audit.record_admin(db, "factor.codes", user_id, {"user": user_id}, at=now)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def codes_left(db: Session, user_id: int) -> int:
    """Return how many recovery codes were not used yet."""
    mine = (SecondFactor.user_id == user_id) & (SecondFactor.kind == "recovery")
    return db.scalar(select(func.count()).select_from(SecondFactor).where(mine)) or 0


def remove(db: Session, actor_id: int, user_id: int, factor_id: int, *, now: datetime) -> None:
    """Remove an app or passkey; with the last one its recovery codes go. Raises NotFound."""
    row = db.get(SecondFactor, factor_id)
    if row is None or row.user_id != user_id or row.kind == "recovery":
        raise NotFound(factor_id)
    db.delete(row)
    data = {"user": user_id, "factor": factor_id, "kind": row.kind}
    audit.record_admin(db, "factor.removed", actor_id, data, at=now)
    if not of_user(db, user_id):
        db.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def remove_all(db: Session, actor_id: int | None, user_id: int, *, now: datetime) -> int:
    """Remove every factor of somebody who has lost them; return how many there were."""
    there = len(of_user(db, user_id))
    db.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    if there:
        data = {"user": user_id, "removed": there}
        audit.record_admin(db, "factors.reset", actor_id, data, at=now)
    return there


def _check_app(db: Session, user_id: int, code: str, now: datetime) -> bool:
    for row in of_user(db, user_id):
        if row.payload is None:
            continue
        step = _step(vault.unseal(row.payload, of_second_factor(row))["totp"], code, now)
        if step is not None and _advance(db, row.id, step, now):
            return True
    return False


def _advance(db: Session, factor_id: int, step: int, now: datetime) -> bool:
    newer = update(SecondFactor).where(SecondFactor.id == factor_id, SecondFactor.counter < step)
    return bool(db.execute(newer.values(counter=step, used_at=now)).rowcount)  # type: ignore[attr-defined]


def _check_recovery(db: Session, user_id: int, code: str, now: datetime) -> bool:
    used = delete(SecondFactor).where(
        SecondFactor.user_id == user_id,
        SecondFactor.kind == "recovery",
        SecondFactor.digest == _digest(user_id, code),
    )
    if not db.execute(used).rowcount:  # type: ignore[attr-defined]
        return False
    left = codes_left(db, user_id)
    audit.record_admin(db, "factor.code_used", user_id, {"user": user_id, "left": left}, at=now)
    return True


def _step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of which this is the code, within the tolerance."""
    plain, app = "".join(code.split()), pyotp.TOTP(secret)
    here = app.timecode(now)
    for step in range(here - TOLERANCE, here + TOLERANCE + 1):
        if pyotp.utils.strings_equal(plain, app.generate_otp(step)):
            return step
    return None


def _digest(user_id: int, code: str) -> str:
    return vault.blind("recovery", f"{user_id}:{code}")
