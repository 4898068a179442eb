"""Which of a case's marks are current, and what they count; pure: rows in, counts out.

Satisfaction and whether it was solved are the latest word of a valid call-back, as in the
hotline's monthly return (满意率, 解决率); what was excluded by decision counts in neither. The
first contact is the first. What was agreed once stays agreed, on the day it first was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from engine.models.figures import CONTACT, EXCLUSION, MARKS, SATISFACTION, SETTLEMENT, SOLUTION

RATED, SATISFIED = "rated", "satisfied"
SOLVE_ASKED, SOLVED = "solve_asked", "solved"
CONTACT_DUE, CONTACT_IN_TIME = "contact_due", "contact_in_time"
MEDIATED, SETTLED = "mediated", "settled"


class MarkCount(NamedTuple):
    """One more of a measure on the day of that moment."""

    measure: str
    at: datetime


def current(rows: Iterable[Any]) -> dict[str, Any]:
    """Return of each kind the row that holds, of all rows of a case."""
    ordered = sorted(rows, key=lambda row: (row.at, row.id))
    found: dict[str, Any] = {}
    for kind in MARKS:
        mine = [row for row in ordered if row.kind == kind]
        if not mine:
            continue
        if kind == CONTACT:
            found[kind] = mine[0]
        elif kind == SETTLEMENT:
            found[kind] = next((row for row in mine if row.value), mine[-1])
        else:
            found[kind] = mine[-1]
    return found


def counts(marks: Mapping[str, Any]) -> Iterator[MarkCount]:
    """Yield what the current marks of a case count."""
    rating, solution = marks.get(SATISFACTION), marks.get(SOLUTION)
    excluded = EXCLUSION in marks and marks[EXCLUSION].value
    if rating is not None and rating.value is not None and not excluded:
        yield MarkCount(RATED, rating.at)
        if rating.value:
            yield MarkCount(SATISFIED, rating.at)
        if solution is not None and solution.value is not None:
            yield MarkCount(SOLVE_ASKED, rating.at)
            if solution.value:
                yield MarkCount(SOLVED, rating.at)
    for kind, whole, part in (
        (CONTACT, CONTACT_DUE, CONTACT_IN_TIME),
        (SETTLEMENT, MEDIATED, SETTLED),
    ):
        one = marks.get(kind)
        if one is not None:
            yield MarkCount(whole, one.at)
            if one.value:
                yield MarkCount(part, one.at)
