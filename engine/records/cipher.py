"""Payloads sealed to their rows: AES-256-GCM with the key's id in clear and the row as bound data.

Layout: 2 | id of the key (4 bytes) | packing (1) | nonce (12) | ciphertext with its tag (16).
Earlier releases wrote Fernet, in bytes (first 0x80) or in letters ("gAAAAA"): no first byte is
shared. Those open too, and become bound when the keys are changed.

Nonces are random: a key may seal 2^32 payloads, far more than a county has in a century.
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from engine.errors import DomainError
from feel.text import Text

VERSION = b"\x02"
PACKING = b"\x00"  # deflate with the words of casework, see engine.records.compression
KEY_ID = slice(1, 5)
# What the database compares to find what is not under the newest key.
MARK = 5
HEAD, NONCE = 6, 12
PURPOSE, NAMING = b"fengqiao vault aes-gcm", b"fengqiao vault key id"


class UnopenedPayload(DomainError):
    """A payload that none of the configured keys opens, or that is not this row's."""

    text = Text("密钥不匹配，无法读取加密内容。", "No configured key opens this encrypted content.")


class KeyMissing(UnopenedPayload):
    """The payload names a key that is not among the configured ones."""

    def __init__(self, key_id: str) -> None:
        words = Text(
            f"加密内容所用的密钥（编号 {key_id}）不在 FENGQIAO_VAULT_KEYS 中。",
            f"This content is sealed under key {key_id}, which FENGQIAO_VAULT_KEYS does not hold.",
        )
        super().__init__(key_id, text=words)


class ForeignPayload(UnopenedPayload):
    """The payload was changed, or belongs to another row."""

    text = Text("加密内容被改动，或属于另一行。", "The content was changed or is another row's.")


class Keyring:
    """The newest key seals, all of them open; ciphers are made once and shared by threads."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        derived = [_derived(key) for key in keys]
        self.ids = [_name(key) for key in derived]
        self.ciphers = {one: AESGCM(key) for one, key in zip(self.ids, derived, strict=True)}
        self.fernet = MultiFernet([Fernet(key) for key in keys])
        self.mark = VERSION + self.ids[0]
        self.head = self.mark + PACKING
        self.newest = self.ciphers[self.ids[0]]

    def seal(self, packed: bytes, bound: bytes) -> bytes:
        """Encrypt under the newest key, bound to ``bound`` and to the head itself."""
        nonce = os.urandom(NONCE)
        return self.head + nonce + self.newest.encrypt(nonce, packed, self.head + bound)

    def open(self, payload: bytes, bound: bytes) -> bytes:
        """Give back what was sealed. Raises KeyMissing, ForeignPayload or UnopenedPayload."""
        if payload[:1] != VERSION:
            return self._open_fernet(payload)
        cipher = self.ciphers.get(payload[KEY_ID])
        if cipher is None:
            raise KeyMissing(payload[KEY_ID].hex())
        head, nonce = payload[:HEAD], payload[HEAD : HEAD + NONCE]
        try:
            return cipher.decrypt(nonce, payload[HEAD + NONCE :], head + bound)
        except (InvalidTag, ValueError) as error:
            raise ForeignPayload() from error

    def reseal(self, payload: bytes, bound: bytes) -> bytes | None:
        """Return the same under the newest key and bound; None when it is so already."""
        if payload.startswith(self.mark):
            return None
        return self.seal(self.open(payload, bound), bound)

    def _open_fernet(self, payload: bytes) -> bytes:
        # Early ones were kept in Fernet's letters.
        token = payload if payload.isascii() else urlsafe_b64encode(payload)
        try:
            return self.fernet.decrypt(token)
        except InvalidToken as error:
            raise UnopenedPayload() from error


@lru_cache(maxsize=4)
def keyring(keys: tuple[str, ...]) -> Keyring:
    """Return the ring of these keys, made once: making its ciphers costs as much as ten
    payloads.
    """
    return Keyring(keys)


def key_id(payload: bytes) -> str:
    """Return which key a payload was sealed under: its id, ``fernet`` for earlier releases'
    payloads.
    """
    return payload[KEY_ID].hex() if payload[:1] == VERSION else "fernet"


def _derived(key: str) -> bytes:
    # A key of its own for this use: the same secret still opens what Fernet sealed.
    return HKDFExpand(SHA256(), 32, PURPOSE).derive(urlsafe_b64decode(key))


def _name(key: bytes) -> bytes:
    return hashlib.sha256(NAMING + key).digest()[:4]
