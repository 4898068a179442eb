"""Proof of work: whoever asks too often lets their machine compute a little first.

A challenge is signed and says what it is for, how hard it is and until when it counts; the answer
is a number with which the hash of both begins with so many zero bits. SHA-256 is computed by the
page itself: what browsers offer for it is missing on pages without TLS. Nothing is stored until
an answer is used, and then only that it was (``spent``).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine import settings

LIFETIME = timedelta(minutes=10)
LONGEST_ANSWER = 300


@dataclass(frozen=True)
class Solution:
    """A solved challenge: until when it counts, and how many zero bits were found."""

    text: str
    bits: int
    until_at: datetime


def challenge(purpose: str, bits: int, *, now: datetime) -> str:
    """Return a new challenge; ``bits`` more by one double the work."""
    until = int((now + LIFETIME).timestamp())
    head = f"{purpose}.{bits}.{until}.{secrets.token_hex(12)}"
    return f"{head}.{_signature(head)}"


def solved(answer: str, purpose: str, *, now: datetime) -> Solution | None:
    """Return what an answer is worth; None if it is wrong, forged, too late or for another use."""
    if len(answer) > LONGEST_ANSWER or not answer.isascii():
        return None
    text, _, _number = answer.rpartition(":")
    head, _, signature = text.rpartition(".")
    if not hmac.compare_digest(signature, _signature(head)):
        return None
    named, bits, until, _nonce = head.split(".")
    until_at = datetime.fromtimestamp(int(until), UTC)
    if named != purpose or until_at <= now or _zero_bits(answer) < int(bits):
        return None
    return Solution(text, int(bits), until_at)


def _zero_bits(answer: str) -> int:
    digest = int.from_bytes(hashlib.sha256(answer.encode()).digest())
    return 256 - digest.bit_length()


def _signature(head: str) -> str:
    key = settings.current().secret_key.encode()
    return hmac.new(key, f"work:{head}".encode(), hashlib.sha256).hexdigest()[:32]
