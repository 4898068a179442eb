"""Waiting in place of a puzzle, for browsers without scripts.

A signed note says since when somebody waits; from one network one such note counts in each while,
so that many notes taken at once are worth no more than one.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from engine import settings
from engine.accounts import single_use

WAIT = timedelta(minutes=3)
LIFETIME = timedelta(minutes=30)
LONGEST = 200


def note(address: str, now: datetime) -> str:
    """Return a note that somebody at this address waits from now on."""
    head = f"{int(now.timestamp())}.{secrets.token_hex(8)}"
    return f"{head}.{_signature(head, address)}"


def renew(text: str, address: str, now: datetime) -> str:
    """Return the note that was sent along while it holds, else a new one: nobody waits twice."""
    since = _since(text, address)
    return text if since is not None and since <= now < since + LIFETIME else note(address, now)


def spend(db: Session, text: str, address: str, *, now: datetime) -> bool:
    """Return whether whoever sends this has waited, and is the first from there in this while."""
    since = _since(text, address)
    if since is None or not since + WAIT <= now < since + LIFETIME:
        return False
    turn = int(now.timestamp() // WAIT.total_seconds())
    return single_use.spend(db, f"patience:{address}:{turn}", now + WAIT, now=now)


def _since(text: str, address: str) -> datetime | None:
    head, _, signature = text[:LONGEST].rpartition(".")
    if not text.isascii() or not hmac.compare_digest(signature, _signature(head, address)):
        return None
    return datetime.fromtimestamp(int(head.partition(".")[0]), UTC)


def _signature(head: str, address: str) -> str:
    key = settings.current().secret_key.encode()
    return hmac.new(key, f"patience:{address}:{head}".encode(), sha256).hexdigest()[:32]
