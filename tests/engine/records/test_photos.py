"""Photos are read in a child: what is too large or too heavy is refused in words, in time."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import pytest
from PIL import Image

from engine.errors import InvalidInput
from engine.isolation import child
from engine.records import photos


def picture(size: tuple[int, int], kind: str, *, noise: bool = False, mode: str = "RGB") -> bytes:
    image = Image.new(mode, size, "grey")
    if noise:
        dots = random.Random(7).randbytes(256 * 256 * 3)
        image = Image.frombytes("RGB", (256, 256), dots).resize(size)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def refused(raw: bytes, kind: str, **limits: int) -> str:
    with pytest.raises(InvalidInput) as refusal:
        photos.recode(raw, kind, **limits)
    return refusal.value.errors["file"].zh


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("PNG", "RGBA"), ("WEBP", "RGB")])
def test_it_encodes_a_picture_anew(kind: str, mode: str) -> None:
    raw = picture((40, 30), kind, mode=mode) + b"<script>"
    photo = photos.recode(raw, kind)
    again = Image.open(io.BytesIO(photo.content))
    assert (again.format, again.size) == (kind, (40, 30)) and b"script" not in photo.content


def test_it_turns_a_picture_the_way_it_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif)
    photo = photos.recode(out.getvalue(), "JPEG")
    assert Image.open(io.BytesIO(photo.content)).size == (30, 40)


def test_it_refuses_forty_nine_million_pixels_by_the_head_alone() -> None:
    """Such a PNG took 5.8 seconds of the process that answers pages."""
    raw = picture((7_000, 7_000), "PNG", mode="L")
    assert "图片尺寸太大" in refused(raw, "PNG", cpu=2)


def test_it_stops_a_picture_that_takes_too_long() -> None:
    raw = picture((3_900, 4_000), "PNG", noise=True)
    assert "处理这张图片超过了" in refused(raw, "PNG", cpu=1)


def test_it_stops_by_the_clock_where_nothing_is_reckoned() -> None:
    raw = picture((3_900, 4_000), "PNG", noise=True)
    assert "处理这张图片超过了" in refused(raw, "PNG", within=0)


def test_it_refuses_another_kind_than_it_was_told() -> None:
    assert "图片无法读取" in refused(picture((40, 30), "PNG"), "JPEG")


def test_it_gives_the_child_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_VAULT_KEYS", "secret")
    with open(os.devnull, "rb") as nothing:
        process = child.start("engine.isolation", stdin=nothing)
        given = Path(f"/proc/{process.pid}/environ").read_bytes()
        child.end(process)
    assert b"secret" not in given and b"FENGQIAO" not in given


@pytest.mark.parametrize("mime", sorted(photos.FORMATS))
@pytest.mark.parametrize("ground", ["white", "black", "grey"])
def test_it_writes_across_the_whole_of_a_picture(tmp_path: Path, mime: str, ground: str) -> None:
    """No quarter of it is without the words, whatever lies under them."""
    kept = tmp_path / "kept"
    Image.new("RGB", (400, 300), ground).save(kept, photos.FORMATS[mime])
    found = Image.open(io.BytesIO(photos.watermark(kept, mime, "zhang.san 2026-11-20 09:00")))
    assert (found.format, found.size) == (photos.FORMATS[mime], (400, 300))
    for box in ((0, 0, 200, 150), (200, 0, 400, 150), (0, 150, 200, 300), (200, 150, 400, 300)):
        dark, light = found.convert("L").crop(box).getextrema()
        assert light - dark > 50, box


def test_it_writes_no_words_on_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"no picture")
    with pytest.raises(InvalidInput):
        photos.watermark(tmp_path / "kept", "image/png", "zhang.san")
