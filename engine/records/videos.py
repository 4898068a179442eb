"""Films and recordings: what they say of place and time is read once, then blanked in place.

Nothing is re-encoded and no offset moves. What a player needs stays byte for byte; every other
box becomes free space full of zeros, and so do the samples of tracks that are neither picture nor
sound, where cameras write their position many times a second.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from engine.errors import InvalidInput
from engine.records.coordinates import LONGEST_CLAIM, point
from engine.records.iso_bmff import Box, MalformedFile, boxes, inside, number
from feel.text import Text

KINDS = frozenset({"video/mp4", "video/quicktime", "audio/x-m4a"})
SHOWN = frozenset({b"vide", b"soun"})
# What stays, by what it lies in; b"" is the file itself.
KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"mfra", b"wide"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia", b"tapt", b"load"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"gmhd", b"nmhd", b"hdlr", b"dinf", b"stbl"}),
    b"stbl": frozenset(
        {b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64"}
        | {b"stss", b"stps", b"sdtp", b"sbgp", b"sgpd", b"subs", b"padb", b"stdp", b"stsh"}
    ),
    b"mvex": frozenset({b"mehd", b"trex", b"leva"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sbgp", b"sgpd", b"subs", b"sdtp"}),
}
MOST_CHUNKS = 200_000
APPLE_PLACE, APPLE_TIME = (
    b"com.apple.quicktime.location.ISO6709",
    b"com.apple.quicktime.creationdate",
)
PLACES, TIMES = (APPLE_PLACE, b"\xa9xyz"), (APPLE_TIME, b"\xa9day")
EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
ISO_6709 = re.compile(r"([+-])([0-9]{2,6})(\.[0-9]{1,12})?([+-])([0-9]{3,7})(\.[0-9]{1,12})?")
BROKEN = Text(
    "视频或录音无法读取，请重新拍摄，或用手机、电脑另存为 MP4 后再传。",
    "The film or recording cannot be read; record it again, or save it as MP4 first.",
)


def cleaned(raw: bytes) -> bytes:
    """Return the same film of the same length without anything but picture and sound.

    Raises InvalidInput for what is no film: boxes that do not fit into each other, no track to
    play, or pieces (fragments) that mix other things into picture and sound.
    """
    film = bytearray(raw)
    try:
        top = list(boxes(film, 0, len(film), top=True))
        tracks = [one for box in top if box.kind == b"moov" for one in inside(film, box, b"trak")]
        others = [track for track in tracks if _handler(film, track) not in SHOWN]
        if len(others) == len(tracks) or (others and any(box.kind == b"moof" for box in top)):
            raise MalformedFile(0)
        for start, end in _said_beside(film, top, others):
            film[start:end] = bytes(end - start)
        for track in others:
            _blank(film, track)
        _keep(film, 0, len(film), b"")
    except MalformedFile as error:
        raise InvalidInput({"file": BROKEN}) from error
    return bytes(film)


def claim(raw: bytes) -> dict[str, Any]:
    """Return the place and time that the film itself claims, before both are blanked."""
    said: dict[bytes, str] = {}
    # A claim that cannot be read is none; whether the film can be is asked next.
    with suppress(MalformedFile):
        for box in boxes(raw, 0, len(raw), top=True):
            for kind, words in _metadata(raw, box):
                said.setdefault(kind, words)
    places = [said[kind] for kind in PLACES if kind in said]
    taken = next((said[kind] for kind in (*TIMES, b"mvhd") if said.get(kind)), None)
    found = {"taken_at": taken and taken[:LONGEST_CLAIM], "has_position": bool(places)}
    position = next(filter(None, map(place, places)), None)
    return {**found, "position": position} if position else found


def place(words: str) -> dict[str, float] | None:
    """Return degrees out of ISO 6709 (+38.7840+101.0885+1765/); None for what is no point on
    earth.
    """
    match = ISO_6709.match(words)
    if match is None:
        return None
    south, latitude, more, west, longitude, rest = match.groups()
    return point(_degrees(south, latitude, more or "", 2), _degrees(west, longitude, rest or "", 3))


def _degrees(sign: str, digits: str, fraction: str, width: int) -> float | None:
    """Return degrees, degrees and minutes, or those and seconds; the fraction is of the last of
    them.
    """
    if len(digits) not in (width, width + 2, width + 4):
        return None
    parts = [digits[:width], *re.findall("..", digits[width:])]
    parts[-1] += fraction
    value = sum(float(part) / 60**at for at, part in enumerate(parts))
    return -value if sign == "-" else value


def _metadata(raw: bytes, box: Box) -> Iterator[tuple[bytes, str]]:
    """Yield what a box of the file says of place and time, by the name that it says it under."""
    if box.kind == b"meta":
        yield from _keyed(raw, box)
    if box.kind != b"moov":
        return
    for meta in chain(inside(raw, box, b"meta"), inside(raw, box, b"udta", b"meta")):
        yield from _keyed(raw, meta)
    for user in chain(inside(raw, box, b"udta"), inside(raw, box, b"trak", b"udta")):
        for one in boxes(raw, user.body, user.end):
            if one.kind in PLACES + TIMES:
                size = number(raw, one.body, 2)
                yield one.kind, _text(raw[one.body + 4 : min(one.body + 4 + size, one.end)])
            elif one.kind == b"loci":
                yield PLACES[-1], _located(raw[one.body : one.end])
    for head in inside(raw, box, b"mvhd"):
        seconds = number(raw, head.body + 4, 8 if raw[head.body : head.body + 1] == b"\1" else 4)
        if 0 < seconds < 2**33:
            yield b"mvhd", (EPOCH + timedelta(seconds=seconds)).isoformat()


def _keyed(raw: bytes, meta: Box) -> Iterator[tuple[bytes, str]]:
    """Yield values under names of their own (QuickTime) or under four letters (iTunes)."""
    plain = raw[meta.body + 4 : meta.body + 8] == b"hdlr"
    found = {one.kind: one for one in boxes(raw, meta.body + (0 if plain else 4), meta.end)}
    keys, values = found.get(b"keys"), found.get(b"ilst")
    if values is None:
        return
    # A key is laid out as a box is: size, name space, name.
    named = boxes(raw, keys.body + 8, keys.end) if keys else ()
    names = {at: raw[key.body : key.end] for at, key in enumerate(named, 1)}
    for item in boxes(raw, values.body, values.end):
        name = names.get(number(item.kind, 0), item.kind)
        for data in inside(raw, item, b"data"):
            if name in PLACES + TIMES:
                yield name, _text(raw[data.body + 8 : data.end])


def _located(content: bytes) -> str:
    """Return the box of 3GPP, in which degrees are numbers, as ISO 6709."""
    name_end = content.find(b"\0", 6)
    numbers = content[name_end + 2 : name_end + 10]
    if name_end < 0 or len(numbers) < 8:
        return ""
    longitude, latitude = (value / 65536 for value in struct.unpack(">ii", numbers))
    return f"{latitude:+09.5f}{longitude:+010.5f}/"


def _text(raw: bytes) -> str:
    return raw[: 4 * LONGEST_CLAIM].decode("utf-8", "replace").strip("\0 ")


def _keep(film: bytearray, start: int, end: int, within: bytes) -> None:
    """Blank whatever a player does not need, here and below."""
    for box in boxes(film, start, end, top=not within):
        if box.kind not in KEPT[within]:
            _blank(film, box)
        elif box.kind in KEPT:
            _keep(film, box.body, box.end, box.kind)
        start = box.end
    film[start:end] = bytes(end - start)


def _blank(film: bytearray, box: Box) -> None:
    film[box.start + 4 : box.start + 8] = b"free"
    film[box.body : box.end] = bytes(box.end - box.body)


def _handler(film: bytearray, track: Box) -> bytes:
    """Return what a track holds, in four letters; nothing where it does not say."""
    for box in inside(film, track, b"mdia", b"hdlr"):
        return bytes(film[box.body + 8 : box.body + 12])
    return b""


def _said_beside(film: bytearray, top: list[Box], tracks: list[Box]) -> Iterator[tuple[int, int]]:
    """Yield where the samples of these tracks lie in the file, each place once."""
    data = [(box.body, box.end) for box in top if box.kind == b"mdat"]
    reached = 0
    # Sorted and joined: chunks that all name one place must not cost their number times its size.
    for start, end in sorted(chain.from_iterable(_chunks(film, track) for track in tracks)):
        for first, last in data:
            here, there = max(start, first, reached), min(end, last)
            if here < there:
                yield here, there
        reached = max(reached, end)


def _chunks(film: bytearray, track: Box) -> Iterator[tuple[int, int]]:
    for table in inside(film, track, b"mdia", b"minf", b"stbl"):
        found = {box.kind: box for box in boxes(film, table.body, table.end)}
        if b"stz2" in found or not {b"stsz", b"stsc"} <= found.keys():
            raise MalformedFile(table.start)
        sizes, at = _sizes(film, found[b"stsz"]), 0
        runs = _numbers(film, found[b"stsc"].body + 4, found[b"stsc"].end, 12)
        from_chunk = dict(zip(runs[::3], runs[1::3], strict=True))
        many = 0
        for index, offset in enumerate(_offsets(film, found), 1):
            many = from_chunk.get(index, many)
            if isinstance(sizes, int):
                length = sizes * many
            else:
                length, at = sum(sizes[at : at + many]), at + many
            yield offset, offset + length


def _sizes(film: bytearray, box: Box) -> int | tuple[int, ...]:
    """Return the one size of all samples, or each one's."""
    return number(film, box.body + 4) or _numbers(film, box.body + 8, box.end, 4)


def _offsets(film: bytearray, found: dict[bytes, Box]) -> tuple[int, ...]:
    """Return where each chunk of samples begins."""
    for kind, width in ((b"co64", 8), (b"stco", 4)):
        if kind in found:
            return _numbers(film, found[kind].body + 4, found[kind].end, width)
    return ()


def _numbers(film: bytearray, at: int, end: int, width: int) -> tuple[int, ...]:
    """Return the numbers of a table: the count of its entries, and as many as there really are."""
    count = min(number(film, at), max(0, end - at - 4) // width)
    if count > MOST_CHUNKS:
        raise MalformedFile(at)
    form = f">{count}Q" if width == 8 else f">{count * width // 4}I"
    return struct.unpack_from(form, film, at + 4)
