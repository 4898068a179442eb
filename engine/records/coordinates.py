"""Where a file says that it was taken: a point on the earth, or none."""

from __future__ import annotations

LONGEST_CLAIM = 40


def point(latitude: float | None, longitude: float | None) -> dict[str, float] | None:
    """Return a place on the earth; None for anything else, and for where a device without one
    points.
    """
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    # Also false for what is not a number.
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}
