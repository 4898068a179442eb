"""Which HTTP status a refusal of the domain, or of the web itself, becomes."""

from __future__ import annotations

from engine.bpmn.check import CheckUnavailable
from engine.errors import Conflict, DomainError, Incident, InvalidInput, NotAllowed, NotFound

# First match counts, so the more special error stands first.
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (InvalidInput, 422),
    (Incident, 503),
    (CheckUnavailable, 503),
)
# What is not in the table is still a refusal of something understood.
OTHERWISE = 422


class WebRefusal(DomainError):
    """Something that the web refuses before the domain is asked; knows its status."""

    status = OTHERWISE


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a domain error."""
    if isinstance(error, WebRefusal):
        return error.status
    return next((status for kind, status in STATUS if isinstance(error, kind)), OTHERWISE)
