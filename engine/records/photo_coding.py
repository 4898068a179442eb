"""Photos decoded and re-encoded, and what they say of place and time before.

For the child process alone: nothing here is called where pages are answered.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from engine.records.coordinates import LONGEST_CLAIM, point

# PNG and WebP take ten times as long as JPEG to be written.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
EXIF, GPS, DEVICE_TIME = 0x8769, 0x8825, 0x9003
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4
BROKEN, TOO_MANY_PIXELS, TOO_HEAVY = "broken", "pixels", "heavy"


class PhotoRefused(Exception):
    """The picture is not taken; ``reason`` is one of the words above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encoded_anew(raw: bytes, kind: str) -> bytes:
    """Return the same picture without EXIF and trailing bytes. Raises PhotoRefused, or whatever a
    damaged picture makes its decoder raise.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below, and knows the kind
    image = Image.open(io.BytesIO(raw), formats=[kind])
    # Only the head has been read so far; what it promises is not unpacked if it is too much.
    if image.width * image.height > MOST_PIXELS[kind]:
        raise PhotoRefused(TOO_MANY_PIXELS)
    ImageOps.exif_transpose(image, in_place=True)
    plain = image if kind != "JPEG" or image.mode == "RGB" else image.convert("RGB")
    plain.info.clear()
    out = io.BytesIO()
    plain.save(out, kind, quality=88)
    return out.getvalue()


def watermark(raw: bytes, kind: str, words: str) -> bytes:
    """Return a picture of ours with words, in ASCII signs, across the whole of it.

    They stand so close together that no cut leaves them out, light on dark and dark on light.
    Raises like ``encoded_anew``.
    """
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(io.BytesIO(raw), formats=[kind])
    if image.width * image.height > MOST_PIXELS[kind]:
        raise PhotoRefused(TOO_MANY_PIXELS)
    picture = image.convert("RGB")
    size = max(9, min(picture.size) // 24)
    font = ImageFont.load_default(size)
    width = int(font.getlength(words)) + 2 * size
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    for row, top in enumerate(range(0, picture.height, 3 * size)):
        for left in range(-(row % 2) * width // 2, picture.width, width):
            draw.text((left, top), words, fill=110, font=font)
    # Each sign is the contrary of what lies under it: no ground swallows it.
    ground = picture.convert("L").point(lambda value: 0 if value > 127 else 255)
    picture.paste(ground.convert("RGB"), mask=mask)
    out = io.BytesIO()
    picture.save(out, kind, quality=88)
    return out.getvalue()


def claim(raw: bytes) -> dict[str, Any]:
    """Return the place and time that the picture itself claims, before both are stripped from
    it.
    """
    try:
        exif = Image.open(io.BytesIO(raw)).getexif()
        taken = exif.get_ifd(EXIF).get(DEVICE_TIME)
        gps = exif.get_ifd(GPS)
    except Exception:
        # A claim that cannot be read is none; whether the picture can be was asked before.
        return {}
    said: dict[str, Any] = {
        "taken_at": str(taken)[:LONGEST_CLAIM] if taken else None,
        "has_position": bool(gps),
    }
    position = _position(gps)
    return {**said, "position": position} if position else said


def _position(gps: Mapping[int, Any]) -> dict[str, float] | None:
    """Return latitude and longitude in degrees; None for what is no point on the earth."""
    latitude = _degrees(gps.get(LATITUDE), gps.get(LATITUDE_REF) == "S")
    longitude = _degrees(gps.get(LONGITUDE), gps.get(LONGITUDE_REF) == "W")
    return point(latitude, longitude)


def _degrees(parts: Any, negative: bool) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value
