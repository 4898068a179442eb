"""The one clock of the pages: a request happens at one moment, whatever it takes."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import g, has_request_context


def now() -> datetime:
    """The moment of this request (UTC); outside of a request, the present."""
    if not has_request_context():
        return datetime.now(UTC)
    if "moment" not in g:
        g.moment = datetime.now(UTC)
    return g.moment
