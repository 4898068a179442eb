"""The frozen picture of a case that a step is computed from, and what FEEL sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from engine.terms.levels import HANDLED
from engine.worktime import Calendar

# What decisions may set and FEEL may read as `case.<name>`.
SETTABLE: Final = (
    "department",
    "limit",
    "limit_unit",
    "promise",
    "promise_unit",
    "priority",
    "category",
    "risk",
)
READABLE: Final = ("level", "place", *SETTABLE)


@dataclass(frozen=True)
class Context:
    """Where and when a case stands; actions and decisions answer with a changed copy.

    ``now`` is an aware datetime. ``level`` is the unit level that handles the case now and
    ``levels`` are the deployment's handling levels from the top down.
    """

    now: datetime
    level: str
    place: str | None = None
    category: str | None = None
    priority: str | None = None
    risk: str | None = None
    department: str | None = None
    limit: int | None = None
    limit_unit: str | None = None
    # What the citizen is promised for such a case, where a table says so: an amount and its unit.
    promise: int | None = None
    promise_unit: str | None = None
    # The table and rows that gave the limit, for the page to say.
    limit_by: Mapping[str, Any] | None = None
    calendar: Calendar | None = None
    levels: tuple[str, ...] = HANDLED

    @cached_property
    def case(self) -> dict[str, Any]:
        """What expressions read as ``case``."""
        return {name: getattr(self, name) for name in READABLE}
