"""Films as cameras lay them out, small enough to be read by eye."""

from __future__ import annotations

import struct

PICTURE, SOUND = b"picture-samples-", b"sound-samples---"
GPS = b"$GPRMC,3847.04N,10105.31E-at-every-second"
PLACE = "+38.7840+101.0885+1765.000/"
APPLE = b"com.apple.quicktime.location.ISO6709"


def box(kind: bytes, *content: bytes) -> bytes:
    """One box around its content."""
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, *numbers: int, rest: bytes = b"") -> bytes:
    """A box that begins with version and flags, then numbers of four bytes."""
    return box(kind, b"\0\0\0\0", struct.pack(f">{len(numbers)}I", *numbers), rest)


def track(number: int, handler: bytes, offsets: list[int], size: int, *more: bytes) -> bytes:
    """A track with one sample of this size at each offset."""
    tables = box(
        b"stbl",
        full(b"stsd", 0),
        full(b"stsc", 1, 1, 1, 1),
        full(b"stsz", 0, len(offsets), *[size] * len(offsets)),
        full(b"stco", len(offsets), *offsets),
    )
    media = box(b"mdia", full(b"hdlr", 0, rest=handler + bytes(13)), box(b"minf", tables))
    return box(b"trak", full(b"tkhd", 0, 0, number), media, *more)


def film(*in_moov: bytes, beside: bytes = b"", brand: bytes = b"isom") -> bytes:
    """A film whose data come first: picture, sound, and a track of positions between them."""
    head = box(b"ftyp", brand, b"\0\0\2\0", brand, b"iso2avc1mp41")
    data = PICTURE + GPS + SOUND + GPS
    at = len(head) + 8
    there = [at + len(PICTURE), at + len(PICTURE + GPS + SOUND)]
    moov = box(
        b"moov",
        full(b"mvhd", 3_876_000_000, 0, 600, 1200),
        track(1, b"vide", [at], len(PICTURE)),
        track(2, b"soun", [there[0] + len(GPS)], len(SOUND)),
        track(3, b"meta", there, len(GPS)),
        *in_moov,
    )
    return head + box(b"mdat", data) + moov + beside


def android(place: str = PLACE) -> bytes:
    """Where phones with Android write the position."""
    words = place.encode()
    return box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(words), 0x15C7), words))


def apple(place: str = PLACE, *, iso: bool = False) -> bytes:
    """Where an iPhone writes the position and the time, by keys of its own."""
    names = [APPLE, b"com.apple.quicktime.creationdate"]
    keys = b"".join(box(b"mdta", name) for name in names)
    values = [place.encode(), b"2026-11-20T09:00:00+0800"]
    items = b"".join(
        box(struct.pack(">I", at), box(b"data", b"\0\0\0\1\0\0\0\0", value))
        for at, value in enumerate(values, 1)
    )
    version = b"\0\0\0\0" if iso else b""
    handler = full(b"hdlr", 0, rest=b"mdta" + bytes(13))
    return box(b"meta", version, handler, full(b"keys", len(names), rest=keys), box(b"ilst", items))


def third_generation(latitude: float, longitude: float) -> bytes:
    """Where 3GPP puts it: numbers of sixteen bits before and after the point."""
    numbers = struct.pack(">iii", int(longitude * 65536), int(latitude * 65536), 0)
    place = b"\0\0\0\0\x15\xc7" + b"Shandan\0" + b"\0" + numbers + b"earth\0\0"
    return box(b"udta", box(b"loci", place))
