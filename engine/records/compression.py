"""JSON in few bytes: deflate (RFC 1950) that knows the words of casework beforehand.

``vocabulary.txt`` holds the names and choices of the shipped forms and what records of mediation
say, the most used last. Rows are written with it, so not a letter of it may change: other words
are another file, and what is packed names the one that it needs.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

_LEVEL = 9
_WITH_DICTIONARY = 0x20


def pack(data: bytes) -> bytes:
    """Compress; `unpack` gives it back."""
    packer = zlib.compressobj(_LEVEL, memLevel=9, zdict=_words())
    return packer.compress(data) + packer.flush()


def unpack(packed: bytes) -> bytes:
    """Give back what was packed, with the words or, as early rows, without any.

    Raises zlib.error for what is damaged, cut off, or was packed with words not known here.
    """
    if len(packed) < 2 or not packed[1] & _WITH_DICTIONARY:
        return zlib.decompress(packed)
    reader = zlib.decompressobj(zdict=_words())
    data = reader.decompress(packed)
    if not reader.eof:
        raise zlib.error("the packed content is cut off")
    return data


@cache
def _words() -> bytes:
    return Path(__file__).with_name("vocabulary.txt").read_bytes().replace(b"\n", b"")
