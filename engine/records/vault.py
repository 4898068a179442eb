"""Encrypted answers and personal data, and the blind index that finds without reading."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import BlindIndex, Case, Task, VaultRow, new_id
from engine.records.bindings import Binding, of_answers
from engine.records.cipher import Keyring, UnopenedPayload, keyring
from engine.records.compression import pack, unpack
from engine.storage import pending_rows

INDEXED = ("phone", "resident_id")


def seal(value: Any, binding: Binding) -> bytes:
    """Encrypt a JSON value under the newest key, for the row that ``binding`` names alone."""
    return seal_packed(packed(value), binding)


def packed(value: Any) -> bytes:
    """Return a value in few bytes, ready to be sealed."""
    # In its own order: what is read back stands as the form, or the table it came from, has it.
    return pack(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def seal_packed(content: bytes, binding: Binding) -> bytes:
    """Seal what was packed before: the same words for many rows are packed once."""
    return _ring().seal(content, binding)


def unseal(payload: bytes, binding: Binding) -> Any:
    """Decrypt what ``seal`` made for the same row, with any configured key.

    Raises UnopenedPayload.
    """
    content = _ring().open(payload, binding)
    try:
        return json.loads(unpack(content))
    except (ValueError, zlib.error) as error:
        raise UnopenedPayload() from error


def reseal(payload: bytes, binding: Binding) -> bytes | None:
    """Return the same content under the newest key, bound to its row; None when it is so
    already.
    """
    return _ring().reseal(payload, binding)


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
        digest=digest(answers),
        at=at,
    )
    row.payload = seal(answers, of_answers(row))
    pending_rows.add(db, row)
    for kind, mac in sorted({(kind, blind(kind, value)) for kind, value in indexed if value}):
        found = BlindIndex(county_id=case.county_id, case_id=case.id, kind=kind, mac=mac)
        pending_rows.add(db, found, once=True)
    return row


def answers_of(db: Session, case: Case) -> dict[str, dict[str, Any]]:
    """Return the newest answers of each node of a case; an erased payload is left out."""
    kept = db.scalars(
        select(VaultRow)
        .where(VaultRow.case_id == case.id, VaultRow.county_id == case.county_id)
        .order_by(VaultRow.id)
    )
    return {
        row.node_id: unseal(row.payload, of_answers(row)) for row in kept if row.payload is not None
    }


def digest(value: Any) -> str:
    """Return the keyed digest of a JSON value: what audit holds in place of the value."""
    return _mac(settings.current().audit_key, _canonical(value))


def blind(kind: str, value: str) -> str:
    """Return the keyed digest of a phone or resident ID, the same however it was typed."""
    plain = re.sub(r"[\s-]", "", value).upper()
    return _mac(settings.current().index_key, f"{kind}:{plain}".encode())


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _mac(key: str, data: bytes) -> str:
    return hmac.new(key.encode(), data, hashlib.sha256).hexdigest()


def _ring() -> Keyring:
    return keyring(settings.current().vault_keys)
