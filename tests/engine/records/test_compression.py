"""What the vault packs comes back, what was packed early too, and what is damaged says so."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.compression import _words, pack, unpack

ANSWERS = {
    "party_name": "王小明",
    "acceptance": "不予受理",
    "review_note": "双方就赡养费达成协议。",
}


@given(st.binary(max_size=3000))
def test_it_gives_back_what_was_packed(data: bytes) -> None:
    assert unpack(pack(data)) == data
    assert unpack(zlib.compress(data)) == data


def test_the_words_are_those_that_rows_were_written_with() -> None:
    """Whoever changes the file makes every row unreadable that was written with it."""
    assert zlib.adler32(_words()) == 0xBA9A140F
    kept = bytes.fromhex(
        "78f9ba9a140fab4669c828283defeb7ebaa11f347aa2a38092ad1450474c80b228e94a013a35fe7403d2fa24a4f1c2c70d4d4ab500a852375b"
    )
    assert json.loads(unpack(kept)) == ANSWERS


def test_knowing_the_words_saves_half_of_a_short_answer() -> None:
    data = json.dumps(ANSWERS, ensure_ascii=False).encode()
    assert len(pack(data)) < len(zlib.compress(data)) * 0.6


@given(st.binary(min_size=1, max_size=300), st.data())
def test_it_refuses_what_is_cut_off(data: bytes, draw: st.DataObject) -> None:
    packed = pack(data)
    with pytest.raises(zlib.error):
        unpack(packed[: draw.draw(st.integers(0, len(packed) - 1))])
