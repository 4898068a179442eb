"""Photographs: what they say of place and time is read once, then they are encoded anew."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps

from engine.errors import Rejected
from feel.text import Text

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MOST_PIXELS = 50_000_000
LONGEST_CLAIM = 40
EXIF, GPS, DEVICE_TIME = 0x8769, 0x8825, 0x9003
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4
TOO_MANY_PIXELS = Text(
    "图片尺寸太大（超过 5000 万像素），请缩小后再传。",
    "The picture has more than 50 million pixels; make it smaller first.",
)
BROKEN = Text("图片无法读取，请重新拍摄或导出。", "The picture cannot be read.")


def cleaned(raw: bytes, kind: str) -> bytes:
    """Decode and encode anew: no EXIF, no trailing bytes, no bomb. Raises Rejected."""
    try:
        image = Image.open(io.BytesIO(raw), formats=[kind])
        # Only the head has been read so far; what it promises is not unpacked if it is too much.
        if image.width * image.height > MOST_PIXELS:
            raise Rejected({"file": TOO_MANY_PIXELS})
        upright = ImageOps.exif_transpose(image)
        out = io.BytesIO()
        plain = upright if kind != "JPEG" else upright.convert("RGB")
        plain.info.clear()
        plain.save(out, kind, quality=88)
        return out.getvalue()
    except Rejected:
        raise
    except Image.DecompressionBombError as error:
        raise Rejected({"file": TOO_MANY_PIXELS}) from error
    except Exception as error:
        # A damaged picture makes its decoder raise whatever the damage leads to.
        raise Rejected({"file": BROKEN}) from error


def claim(raw: bytes) -> dict[str, Any]:
    """The place and time that the picture itself claims, before both are stripped from it."""
    try:
        exif = Image.open(io.BytesIO(raw)).getexif()
        taken = exif.get_ifd(EXIF).get(DEVICE_TIME)
        gps = exif.get_ifd(GPS)
    except Exception:
        # A claim that cannot be read is none; whether the picture can be is asked next.
        return {}
    said: dict[str, Any] = {
        "taken_at": str(taken)[:LONGEST_CLAIM] if taken else None,
        "has_position": bool(gps),
    }
    position = _position(gps)
    return {**said, "position": position} if position else said


def _position(gps: Mapping[int, Any]) -> dict[str, float] | None:
    """Latitude and longitude in degrees; None for what is no point on the earth."""
    latitude = _degrees(gps.get(LATITUDE), gps.get(LATITUDE_REF) == "S")
    longitude = _degrees(gps.get(LONGITUDE), gps.get(LONGITUDE_REF) == "W")
    return point(latitude, longitude)


def point(latitude: float | None, longitude: float | None) -> dict[str, float] | None:
    """A place on the earth; None for what is none, or is where a device without one points."""
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    # Also false for what is not a number.
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}


def _degrees(parts: Any, negative: bool) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value
