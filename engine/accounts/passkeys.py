"""Passkeys (WebAuthn): the device proves that it is there and that it knows its owner.

User verification is always demanded, so that a passkey by itself is two factors. A challenge
counts once (``spent``); the counter of a device that counts must grow.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta

import webauthn
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webauthn.helpers.exceptions import InvalidJSONStructure, WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from engine.accounts import second_factors, single_use
from engine.errors import InvalidInput
from engine.models import SecondFactor, User, new_id
from feel.text import Text

LIFETIME = timedelta(minutes=5)
VERIFIED = UserVerificationRequirement.REQUIRED
# What an answer leads to that is malformed, or nested deeper than its reader goes.
MISFITS = (WebAuthnException, InvalidJSONStructure, ValueError, RecursionError)
WRONG = Text("通行密钥验证未通过，请重试。", "The passkey was not accepted; please try again.")


@dataclass(frozen=True)
class RelyingParty:
    """For which site passkeys are made: its name, and the address in the browser's own words."""

    host: str
    origin: str


@dataclass(frozen=True)
class PasskeyOptions:
    """What the browser is asked, as JSON, and the challenge in it."""

    options: str
    challenge: str


def ask_to_register(db: Session, user: User, party: RelyingParty) -> PasskeyOptions:
    """Ask the browser for a new passkey; those that the user has already are named."""
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=second_factors.ISSUER,
        user_id=user.id.to_bytes(8),
        user_name=user.login,
        user_display_name=user.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=_credentials(db, user.id),
    )
    return _with_challenge(webauthn.options_to_json(options))


def ask_to_prove(db: Session, user_id: int | None, party: RelyingParty) -> PasskeyOptions:
    """Ask the browser for a passkey of this user, or of the person who sits there."""
    known = _credentials(db, user_id) if user_id is not None else None
    options = webauthn.generate_authentication_options(
        rp_id=party.host, allow_credentials=known, user_verification=VERIFIED
    )
    return _with_challenge(webauthn.options_to_json(options))


def register(
    db: Session,
    user_id: int,
    name: str,
    answer: str,
    challenge: str,
    party: RelyingParty,
    *,
    now: datetime,
) -> SecondFactor:
    """Keep a new passkey. Raises InvalidInput."""
    try:
        done = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except MISFITS as error:
        raise InvalidInput({"passkey": WRONG}) from error
    taken = select(SecondFactor.id).where(SecondFactor.credential == done.credential_id)
    if not _once(db, challenge, now) or db.scalar(taken) is not None:
        raise InvalidInput({"passkey": WRONG})
    row = SecondFactor(
        id=new_id(),
        user_id=user_id,
        kind="passkey",
        name=name,
        public_key=done.credential_public_key,
        credential=done.credential_id,
        counter=done.sign_count,
    )
    return second_factors.keep(db, row, now=now)


def named_by(db: Session, answer: str) -> int | None:
    """Return whose passkey an answer claims to come from; None for one that is not known."""
    row = _row_of(db, answer)
    return row.user_id if row is not None else None


def verified_owner(
    db: Session, answer: str, challenge: str, party: RelyingParty, *, now: datetime
) -> int | None:
    """Return whose passkey gave this answer to the challenge; None if it is not accepted."""
    row = _row_of(db, answer)
    if row is None or not challenge:
        return None
    try:
        done = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=row.public_key or b"",
            credential_current_sign_count=row.counter,
            require_user_verification=True,
        )
    except MISFITS:
        return None
    if not _once(db, challenge, now):
        return None
    used = update(SecondFactor).where(
        SecondFactor.id == row.id, SecondFactor.counter == row.counter
    )
    values = {"counter": done.new_sign_count, "used_at": now}
    counted = db.execute(used.values(values)).rowcount  # type: ignore[attr-defined]
    return row.user_id if counted else None


def _credentials(db: Session, user_id: int) -> list[PublicKeyCredentialDescriptor]:
    rows = second_factors.of_user(db, user_id)
    return [PublicKeyCredentialDescriptor(id=row.credential) for row in rows if row.credential]


def _row_of(db: Session, answer: str) -> SecondFactor | None:
    try:
        named = _bytes(json.loads(answer)["id"])
    except (*MISFITS, KeyError, TypeError, AttributeError):
        return None
    return db.scalar(select(SecondFactor).where(SecondFactor.credential == named))


def _with_challenge(options: str) -> PasskeyOptions:
    return PasskeyOptions(options, json.loads(options)["challenge"])


def _once(db: Session, challenge: str, now: datetime) -> bool:
    return single_use.spend(db, f"passkey:{challenge}", now + LIFETIME, now=now)


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
