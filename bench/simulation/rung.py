"""A rung as the reference and the chain have it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class ReplayedRung(NamedTuple):
    """One rung: of which task (0 for the case), which one, when, the rule, and what it does."""

    task: int
    mark: str
    at: datetime
    rule: int
    does: str = ""

    @classmethod
    def of(cls, task_id: int | None, mark: str, at: str, data: Mapping[str, Any]) -> ReplayedRung:
        """As an event or a due row has it."""
        does = f"{data['act']} {data['role']} +{data['levels_up']}"
        return cls(task_id or 0, mark, datetime.fromisoformat(at), int(data["rule"]), does)
