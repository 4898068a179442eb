"""The boxes of a film or recording (ISO base media, QuickTime): where each begins and ends.

Sizes come from whoever made the file, so none is believed: a box that reaches beyond what holds
it is refused, and so are files of more boxes than any camera writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HEAD, LONG_HEAD = 8, 16
MOST_BOXES = 100_000


class MalformedFile(ValueError):
    """The file is no sequence of boxes; its first argument is the offset where it ceases to be."""


@dataclass(frozen=True)
class Box:
    """One box: its four-letter kind, and where it, its content and its end lie in the file."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(raw: bytes | bytearray, start: int, end: int, *, top: bool = False) -> Iterator[Box]:
    """Yield the boxes that lie in a row between two offsets. Raises MalformedFile.

    At the top of a file the last one may run to its end, as one does whose recording was cut
    short. Fewer bytes than a head are left over at times and are no box.
    """
    for _count in range(MOST_BOXES):
        if end - start < HEAD:
            return
        box = _box(raw, start, end, top)
        yield box
        start = box.end
    raise MalformedFile(start)


def inside(raw: bytes | bytearray, box: Box, *path: bytes) -> Iterator[Box]:
    """Yield the boxes that a path of kinds leads to, from inside of a box. Raises MalformedFile."""
    wanted, *further = path
    for one in boxes(raw, box.body, box.end):
        if one.kind == wanted:
            yield from inside(raw, one, *further) if further else (one,)


def number(raw: bytes | bytearray, at: int, width: int = 4) -> int:
    """Return a big-endian number without sign; 0 where the bytes are missing."""
    return int.from_bytes(raw[at : at + width], "big")


def _box(raw: bytes | bytearray, start: int, end: int, top: bool) -> Box:
    size, kind, body = number(raw, start), bytes(raw[start + 4 : start + 8]), start + HEAD
    if size == 1 and end - start >= LONG_HEAD:
        size, body = number(raw, body, 8), start + LONG_HEAD
    elif size == 0 and top:
        size = end - start
    if size < body - start:
        raise MalformedFile(start)
    if start + size > end:
        if not (top and kind == b"mdat"):
            raise MalformedFile(start)
        size = end - start
    return Box(kind, start, body, start + size)
