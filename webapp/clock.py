"""The one clock of the pages: a request happens at one moment, whatever it takes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import g, has_request_context

from engine import settings


def now() -> datetime:
    """Return the moment of this request (UTC); outside of a request, the present."""
    if not has_request_context():
        return datetime.now(UTC)
    if "moment" not in g:
        g.moment = datetime.now(UTC)
    return g.moment


def midnight(day: str, days_later: int = 0) -> datetime | None:
    """Return the start of a local day as a date field sends it, or of a day after it; None for
    none.
    """
    try:
        date = datetime.strptime(day, "%Y-%m-%d").date() + timedelta(days=days_later)
    except (ValueError, OverflowError):
        return None
    local = datetime.combine(date, time.min, ZoneInfo(settings.current().timezone))
    return local.astimezone(UTC)
