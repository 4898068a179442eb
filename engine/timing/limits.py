"""Which limit applies to a task, and by which rule. Pure.

A limit that the diagram ties to a date, and that stands firm, is the step's own. Otherwise, in
this order: the emergency
profile over its unit, else the table of limits by risk, priority and category, else what triage
gave the case, else the step's own. A limit of the case never goes beyond a date that whoever
sent the case has set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.bpmn.nodes import CASE_LIMIT, Node
from engine.definitions.escalation_table import RungTable
from engine.models import Case, Task
from engine.timing.emergencies import ActiveProfile
from engine.worktime import Limit

EMERGENCY, RISK, TRIAGE, STEP, EXTENSION = "emergency", "risk", "triage", "task", "extension"
# A date of the diagram, from which the step's own limit counts and nothing moves it.
LAW = "law"
# Where a task's row keeps the date beyond which its limit does not go.
UNTIL = "until"
DEFAULT_UNIT = "working_days"
SIGN, HANDLE = "sign", "handle"


@dataclass(frozen=True)
class AppliedLimit:
    """A limit with where it comes from: ``source``, and ``by``, the rule for the page to say."""

    limit: Limit
    source: str
    by: Mapping[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return what the task's row keeps of it."""
        return {"source": self.source, **self.by}


def applied(
    case: Case, task: Task, node: Node | None, table: RungTable, profile: ActiveProfile | None
) -> AppliedLimit | None:
    """Return the limit of a task's handling as things stand; None where it has none."""
    found = _applied(case, task, node, table, profile)
    if found is None or found.source == LAW or node is None or node.limit != CASE_LIMIT:
        return found
    # What came from elsewhere keeps the date of its own table.
    if not case.due_given or case.source is not None or case.due_at is None:
        return found
    return replace(found, by={**found.by, UNTIL: case.due_at.isoformat()})


def _applied(
    case: Case, task: Task, node: Node | None, table: RungTable, profile: ActiveProfile | None
) -> AppliedLimit | None:
    if task.counts_from is not None and task.limit_source == LAW:
        # The law's own: neither a table nor an emergency makes it another.
        own = _own(case, node)
        return None if own is None else AppliedLimit(own.limit, LAW, own.by)
    usual = _usual(case, task, node, table)
    if profile is None:
        return usual
    explicit = profile.explicit(case.process, task.node_id)
    if explicit is None and usual is None:
        return None
    limit = explicit.limit if explicit else profile.shorten(usual.limit)  # type: ignore[union-attr]
    if usual is not None and limit == usual.limit:
        return usual
    by: dict[str, Any] = {"profile": profile.id, "unit": profile.unit_name}
    if explicit is None:
        by["factor"] = profile.factor
    if usual is not None:
        instead = {"amount": usual.limit.amount, "unit": usual.limit.unit}
        by["instead"] = {**usual.as_data(), **instead}
    return AppliedLimit(limit, EMERGENCY, by)


def signing(
    case: Case, task: Task, node: Node | None, table: RungTable, profile: ActiveProfile | None
) -> Limit | None:
    """Return the limit for signing: what the table of limits says of the sign-for clock, else the
    step's own, by the factor of the profile that is on. A step without one is not signed for.
    """
    limit = own_signing(node)
    if limit is None:
        return None
    said = _table_limit(case, task, table, SIGN) if table.asks_clock else None
    limit = said[0] if said else limit
    return limit if profile is None else profile.shorten(limit)


def own_signing(node: Node | None) -> Limit | None:
    """Return the limit for signing that the diagram gives a step."""
    if node is None or node.sign_limit is None:
        return None
    return Limit(node.sign_limit, node.sign_limit_unit or DEFAULT_UNIT)


def _table_limit(case: Case, task: Task, table: RungTable, clock: str) -> tuple[Limit, int] | None:
    return table.limit(
        process=case.process,
        step=task.node_id,
        level=task.level,
        category=case.category,
        risk=case.risk,
        priority=case.priority,
        clock=clock,
    )


def _usual(case: Case, task: Task, node: Node | None, table: RungTable) -> AppliedLimit | None:
    said = _table_limit(case, task, table, HANDLE)
    if said is not None:
        limit, rule = said
        return AppliedLimit(limit, RISK, {"table": table.number, "rules": [rule]})
    return _own(case, node)


def _own(case: Case, node: Node | None) -> AppliedLimit | None:
    """Return the limit that a step has by its diagram, where that is the case's by triage."""
    if node is None or node.limit is None:
        return None
    if node.limit != CASE_LIMIT:
        return AppliedLimit(Limit(int(node.limit), node.limit_unit or DEFAULT_UNIT), STEP)
    if case.limit_amount is None:
        return None
    unit = case.limit_unit or node.limit_unit or DEFAULT_UNIT
    return AppliedLimit(Limit(case.limit_amount, unit), TRIAGE, case.limit_by or {})
