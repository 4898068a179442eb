"""Encrypted answers and personal data, and the blind index that finds without reading."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.errors import DomainError
from engine.models import BlindIndex, Case, Task, VaultRow, new_id
from engine.records.compression import pack, unpack
from engine.storage import pending_rows
from feel.text import Text

INDEXED = ("phone", "resident_id")


class Sealed(DomainError):
    """A payload that none of the configured keys opens."""

    text = Text("密钥不匹配，无法读取加密内容。", "No configured key opens this encrypted content.")


def seal(value: Any) -> bytes:
    """Encrypt a JSON value under the newest key."""
    packed = pack(_canonical(value))
    # As bytes: the letters that Fernet writes them in are a third longer.
    return urlsafe_b64decode(_cipher(settings.current().vault_keys).encrypt(packed))


def unseal(payload: bytes) -> Any:
    """Decrypt what ``seal`` made with any configured key. Raises Sealed."""
    try:
        packed = _cipher(settings.current().vault_keys).decrypt(_token(payload))
    except InvalidToken as error:
        raise Sealed() from error
    return json.loads(unpack(packed))


def reseal(payload: bytes) -> bytes:
    """The same content under the newest key, for key rotation."""
    return urlsafe_b64decode(_cipher(settings.current().vault_keys).rotate(_token(payload)))


def keep(
    db: Session,
    case: Case,
    task: Task | None,
    node_id: str,
    answers: Mapping[str, Any],
    *,
    at: datetime,
    indexed: Iterable[tuple[str, str]] = (),
) -> VaultRow:
    """Store one task's answers; ``indexed`` are (kind, value) pairs to be found again by."""
    row = VaultRow(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        task_id=task.id if task else None,
        node_id=node_id,
        payload=seal(answers),
        digest=digest(answers),
        at=at,
    )
    pending_rows.add(db, row)
    for kind, mac in sorted({(kind, blind(kind, value)) for kind, value in indexed if value}):
        found = BlindIndex(county_id=case.county_id, case_id=case.id, kind=kind, mac=mac)
        pending_rows.add(db, found, once=True)
    return row


def answers_of(db: Session, case: Case) -> dict[str, dict[str, Any]]:
    """The newest answers of each node of a case; an erased payload is left out."""
    kept = db.scalars(
        select(VaultRow)
        .where(VaultRow.case_id == case.id, VaultRow.county_id == case.county_id)
        .order_by(VaultRow.id)
    )
    return {row.node_id: unseal(row.payload) for row in kept if row.payload is not None}


def digest(value: Any) -> str:
    """Keyed digest of a JSON value: what audit holds in place of the value."""
    return _mac(settings.current().audit_key, _canonical(value))


def blind(kind: str, value: str) -> str:
    """Keyed digest of a phone or resident ID, the same however it was typed."""
    plain = re.sub(r"[\s-]", "", value).upper()
    return _mac(settings.current().index_key, f"{kind}:{plain}".encode())


def mask(kind: str, value: str) -> str:
    """What a role without the right to see it reads: 138****1234, 6207**********1234, 王**."""
    if kind == "phone" and len(value) >= 7:
        return f"{value[:3]}****{value[-4:]}"
    if kind == "resident_id" and len(value) >= 8:
        return f"{value[:4]}{'*' * (len(value) - 8)}{value[-4:]}"
    if kind == "person" and value:
        return value[0] + "*" * min(len(value) - 1, 2)
    return "****" if value else ""


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _mac(key: str, data: bytes) -> str:
    return hmac.new(key.encode(), data, hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _token(payload: bytes) -> bytes:
    """A payload as Fernet writes it; early ones were kept in its letters."""
    return payload if payload.isascii() else urlsafe_b64encode(payload)


def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
