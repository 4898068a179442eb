"""A stream that is encrypted piece by piece, so that its size does not matter.

AES-256-GCM over pieces of 64 KB. The number of a piece and whether it is the last one are part of
its nonce: pieces cannot be swapped, left out or cut off unnoticed. The key is derived from a key
of the vault with a salt of the file's own; a file opens with any key that is configured.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import DomainError
from feel.text import Text

MAGIC = b"fengqiao backup 1\n"
SALT, PIECE, TAG = 16, 64 * 1024, 16


class DamagedBackup(DomainError):
    """The file is no backup, is damaged or cut off, or belongs to other keys."""

    text = Text(
        "备份文件已损坏、不完整，或不是用现在的密钥（FENGQIAO_VAULT_KEYS）制作的。",
        "The backup is damaged or incomplete, or FENGQIAO_VAULT_KEYS does not hold its key.",
    )


class BackupEncryptor(io.RawIOBase):
    """Encrypts what is written to it; ``close`` writes the last piece."""

    def __init__(self, target: BinaryIO, key: str) -> None:
        self.target, self.number, self.waiting = target, 0, bytearray()
        salt = secrets.token_bytes(SALT)
        self.cipher = _cipher(key, salt)
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        """Return whether it can be written to: that is all it can."""
        return True

    def write(self, data: object) -> int:
        """Take bytes; whole pieces go out at once."""
        given = bytes(data)  # type: ignore[call-overload]
        self.waiting += given
        while len(self.waiting) > PIECE:
            self._put(bytes(self.waiting[:PIECE]), last=False)
            del self.waiting[:PIECE]
        return len(given)

    def close(self) -> None:
        """Write what is left; a file without this piece counts as cut off."""
        if not self.closed:
            self._put(bytes(self.waiting), last=True)
        super().close()

    def _put(self, piece: bytes, *, last: bool) -> None:
        self.target.write(self.cipher.encrypt(_nonce(self.number, last), piece, None))
        self.number += 1


class BackupDecryptor(io.RawIOBase):
    """Decrypts what it reads; hands out nothing that was not proved. Raises DamagedBackup."""

    def __init__(self, source: BinaryIO, keys: Sequence[str]) -> None:
        self.source, self.number, self.plain, self.ended = source, 0, b"", False
        head = source.read(len(MAGIC) + SALT)
        if len(head) < len(MAGIC) + SALT or not head.startswith(MAGIC):
            raise DamagedBackup()
        self.ahead = source.read(PIECE + TAG)
        self.cipher = self._fitting(keys, head[len(MAGIC) :])

    def readable(self) -> bool:
        """Return whether it can be read: that is all it can."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer as far as the piece at hand goes; 0 at the proved end."""
        if not self.plain and not self.ended:
            self._next()
        view = memoryview(buffer)  # type: ignore[arg-type]
        taken = self.plain[: len(view)]
        view[: len(taken)] = taken
        self.plain = self.plain[len(taken) :]
        return len(taken)

    def _next(self) -> None:
        piece, self.ahead = self.ahead, self.source.read(PIECE + TAG)
        last = not self.ahead
        try:
            self.plain = self.cipher.decrypt(_nonce(self.number, last), piece, None)
        except InvalidTag as error:
            raise DamagedBackup() from error
        self.number, self.ended = self.number + 1, last

    def _fitting(self, keys: Sequence[str], salt: bytes) -> AESGCM:
        """Return the key that opens the first piece."""
        last = len(self.ahead) < PIECE + TAG or not self._more()
        for key in keys:
            cipher = _cipher(key, salt)
            try:
                cipher.decrypt(_nonce(0, last), self.ahead, None)
            except InvalidTag:
                continue
            return cipher
        raise DamagedBackup()

    def _more(self) -> bool:
        here = self.source.tell()
        found = self.source.read(1)
        self.source.seek(here)
        return bool(found)


def _cipher(key: str, salt: bytes) -> AESGCM:
    made = HKDF(SHA256(), length=32, salt=salt, info=b"fengqiao backup")
    return AESGCM(made.derive(key.encode()))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
