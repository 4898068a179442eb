"""Films: the position is read wherever cameras put it, and is nowhere in what is kept."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.records import videos
from tests.engine.records import footage
from tests.engine.records.footage import GPS, PICTURE, PLACE, SOUND, box, film, full, track

SHANDAN = {"latitude": 38.784, "longitude": 101.0885}
SECRET = b"hidden-position-of-a-house"


@pytest.mark.parametrize(
    "raw",
    [
        film(footage.android()),
        film(footage.apple()),
        film(footage.apple(iso=True)),
        film(beside=footage.apple(iso=True)),
        film(box(b"udta", footage.apple(iso=True))),
        film(track(4, b"vide", [], 0, footage.android())),
        film(footage.android(), brand=b"qt  "),
    ],
    ids=["android", "apple", "iso", "beside", "in-user-data", "of-a-track", "quicktime"],
)
def test_it_reads_the_place_and_blanks_it_where_it_lies(raw: bytes) -> None:
    kept = videos.cleaned(raw)

    assert videos.claim(raw)["position"] == SHANDAN and videos.claim(raw)["has_position"]
    assert len(kept) == len(raw) and PLACE.encode() not in kept
    assert videos.claim(kept)["has_position"] is False
    # Nothing that is played has moved or changed.
    for part in (PICTURE, SOUND):
        assert kept.index(part) == raw.index(part)
    assert videos.cleaned(kept) == kept


def test_it_reads_the_place_of_a_telephone_of_the_third_generation() -> None:
    raw = film(footage.third_generation(38.784, 101.0885))
    position = videos.claim(raw)["position"]
    assert position == pytest.approx(SHANDAN, abs=0.0001)
    assert b"Shandan" in raw and b"Shandan" not in videos.cleaned(raw)


def test_it_says_when_it_was_taken() -> None:
    """As the phone words it, else by the head of the film; no time where there is none."""
    assert videos.claim(film(footage.apple()))["taken_at"] == "2026-11-20T09:00:00+0800"
    assert videos.claim(film())["taken_at"] == "2026-10-28T02:40:00+00:00"
    assert videos.claim(b"no film at all") == {"taken_at": None, "has_position": False}


def test_it_blanks_a_track_of_positions_sample_by_sample() -> None:
    """Offsets of four and of eight bytes, samples of one size and of their own."""
    raw = film()
    assert raw.count(GPS) == 2 and videos.cleaned(raw).count(GPS) == 0
    at, size = raw.index(GPS), len(GPS)
    table = box(
        b"stbl",
        full(b"stsc", 1, 1, 1, 1),
        full(b"stsz", size, 1),
        full(b"co64", 1, rest=struct.pack(">Q", at)),
    )
    handler = full(b"hdlr", 0, rest=b"sbtl" + bytes(13))
    other = box(b"trak", box(b"mdia", handler, box(b"minf", table)))
    long = raw.replace(b"meta", b"soun", 1)
    moov = long.index(b"moov") - 4
    long = long[:moov] + box(b"moov", long[moov + 8 :], other)
    assert videos.cleaned(long).count(GPS) == 1


def test_it_keeps_a_film_that_was_cut_short_and_what_runs_to_the_end() -> None:
    """A recording whose last piece is unfinished still plays; one of unknown length does, too."""
    raw = film()
    moov = raw.index(b"moov") - 4
    data = raw.index(b"mdat") - 4
    first = raw[:data] + raw[moov:]
    for size in (0, 9_999):
        unfinished = first + struct.pack(">I", size) + b"mdat" + PICTURE
        assert videos.cleaned(unfinished).endswith(PICTURE)


HUGE = struct.pack(">I", 0xFFFFFFF0)


@pytest.mark.parametrize(
    "raw",
    [
        film()[:-20],
        film()[:60],
        box(b"ftyp", b"isom\0\0\2\0isom"),
        film().replace(b"vide", b"text").replace(b"soun", b"text"),
        film(HUGE + b"udta" + bytes(20)),
        film(b"\0\0\0\3udta" + bytes(20)),
        film(struct.pack(">I4sQ", 1, b"udta", 2**63)),
        film(box(b"cmov", SECRET)).replace(b"trak", b"cmvd"),
        film(beside=box(b"moof", full(b"mfhd", 1))),
        film(beside=box(b"free") * 100_001),
        film().replace(b"stsz", b"stz2"),
        film(track(4, b"meta", [0] * 200_001, 20_000)),
        b"",
        bytes(64),
    ],
    ids=[
        "cut", "no-moov", "head-alone", "nothing-to-play", "too-long", "too-short", "wide",
        "compressed", "mixed-pieces", "many-boxes", "compact", "many-chunks", "empty", "zeros",
    ],
)  # fmt: skip
def test_it_refuses_in_words_what_is_no_film(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        videos.cleaned(raw)
    assert refusal.value.errors == {"file": videos.BROKEN}


def test_it_is_not_led_to_work_without_end() -> None:
    """Chunks that all claim the whole film again and again are blanked once."""
    raw = film(track(4, b"meta", [50] * 100_000, 0xFFFFFFFF))
    kept = videos.cleaned(raw)
    assert len(kept) == len(raw) and PICTURE not in kept


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_it_reads_degrees_as_the_standard_writes_them(latitude: float, longitude: float) -> None:
    words = f"{latitude:+011.7f}{longitude:+012.7f}/"
    found = videos.place(words)
    if abs(latitude) < 1e-6 and abs(longitude) < 1e-6:
        return
    assert found is not None
    assert found["latitude"] == pytest.approx(latitude, abs=1e-5)
    assert found["longitude"] == pytest.approx(longitude, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("+3847.04+10105.31/", SHANDAN),
        ("+384702.4+1010518.6/", SHANDAN),
        ("-33.8568+151.2153/", {"latitude": -33.8568, "longitude": 151.2153}),
        ("+00.0000+000.0000/", None),
        ("+91+000/", None),
        ("+381+101/", None),
        ("Shandan", None),
        ("", None),
    ],
)
def test_it_reads_minutes_and_seconds_and_no_nonsense(words: str, found: object) -> None:
    assert videos.place(words) == (pytest.approx(found) if found else None)


KINDS = st.sampled_from(
    [b"udta", b"meta", b"uuid", b"free", b"skip", b"XMP_", b"\xa9xyz", b"loci", b"ilst", b"GPMF"]
)
TREES = st.recursive(
    st.builds(lambda kind, filling: box(kind, filling, SECRET), KINDS, st.binary(max_size=12)),
    lambda below: st.builds(lambda kind, parts: box(kind, *parts), KINDS, st.lists(below)),
    max_leaves=8,
)


@given(st.lists(TREES, max_size=3), st.lists(TREES, max_size=3))
def test_it_leaves_nothing_in_boxes_that_no_player_needs(
    inner: list[bytes], outer: list[bytes]
) -> None:
    raw = film(*inner, beside=b"".join(outer))
    videos.claim(raw)
    kept = videos.cleaned(raw)
    assert SECRET not in kept and len(kept) == len(raw)
    assert PICTURE in kept and SOUND in kept


@given(st.data())
def test_it_answers_damage_with_a_refusal_and_nothing_else(data: st.DataObject) -> None:
    """Any byte changed, any piece cut out: refused, or kept at its length and clean for good."""
    raw = bytearray(film(footage.apple(), footage.android()))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[at] = data.draw(st.integers(0, 255))
        else:
            del raw[at : at + data.draw(st.integers(1, 40))]
    videos.claim(bytes(raw))
    with suppress(InvalidInput):
        kept = videos.cleaned(bytes(raw))
        assert len(kept) == len(raw) and videos.cleaned(kept) == kept


@given(st.binary(max_size=400))
def test_it_takes_no_noise_for_a_film(noise: bytes) -> None:
    videos.claim(noise)
    with pytest.raises(InvalidInput):
        videos.cleaned(noise)
