"""Signed webhooks, after the Standard Webhooks specification: id, timestamp, HMAC-SHA256.

The id stays the same through every attempt, so that the receiver drops a second copy; the
timestamp is signed, so that an old message cannot be sent again by somebody else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets

from engine.notices.channels.http import HttpRequest, exchange, require_taken
from engine.notices.channels.message import ChannelSnapshot, Message

PREFIX = "whsec_"
SECRET_BYTES = 32


def fresh_secret() -> str:
    """Return a new secret, as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes | None:
    """Return the key that a secret stands for; None when it is not one, or too short to be one."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one attempt."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def send(way: ChannelSnapshot, message: Message) -> int:
    """Post an event to another system; return the status. Raises NotSent."""
    answer = exchange(compose(way, message), way.seconds, allowed=way.config["url"])
    require_taken({}, answer)
    return answer.status


def compose(way: ChannelSnapshot, message: Message) -> HttpRequest:
    """Return the signed request."""
    body = json.dumps(
        {"type": message.kind, "timestamp": message.event.get("at"), "data": dict(message.event)},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    stamp = int(message.at.timestamp())
    key = key_of(way.secrets.get("key", "")) or b""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Fengqiao",
        "Idempotency-Key": message.key,
        "webhook-id": message.key,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(key, message.key, stamp, body),
    }
    return HttpRequest("POST", way.config["url"], headers, body)
