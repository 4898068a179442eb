"""The escalation table: which rungs a clock has, decided once when the clock starts. Pure.

The same file may hold a second decision, ``limits``: the limit that risk, priority or category
give a step whatever its diagram says. Both are one version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import feel
from engine.errors import DomainError
from engine.worktime import Limit
from feel.text import Text

ESCALATION = "escalation"
LIMITS = "limits"
ACTS = ("notify", "supervise", "reassign", "escalate")


class BadTable(DomainError):
    """The escalation table does not decide what it must; nothing is armed by guessing."""

    text = Text("升级表无法使用。", "The escalation table cannot be used.")


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: how long after the deadline, how far up, whom, what to do."""

    index: int
    rule: int
    after: Limit
    levels_up: int
    role: str
    act: str
    table_id: int
    table_number: int

    def as_data(self) -> dict[str, Any]:
        """What a due row carries, so that firing needs no table."""
        return {
            "rule": self.rule,
            "after": self.after.amount,
            "unit": self.after.unit,
            "levels_up": self.levels_up,
            "role": self.role,
            "act": self.act,
            "table": self.table_id,
            "number": self.table_number,
        }


@dataclass(frozen=True)
class RungTable:
    """One version of the table, compiled."""

    id: int
    number: int
    decision: feel.Decision
    limits: feel.Decision | None = None

    @classmethod
    def load(cls, content: bytes, table_id: int, number: int) -> RungTable:
        """Compile a DMN file with the ladder and perhaps limits. Raises FeelError or BadTable."""
        model = feel.load_dmn(content)
        for broken in model.broken.values():
            raise broken.fault()
        found = dict(model.by_id)
        limits = found.pop(LIMITS, None)
        if len(found) != 1:
            raise BadTable(table_id)
        (ladder,) = found.values()
        return cls(table_id, number, ladder, limits)

    def limit(self, **inputs: str | None) -> tuple[Limit, int] | None:
        """The limit for process, step, level, category, risk and priority, and the row's number.

        None where no row says one. Raises BadTable if the table fails.
        """
        return None if self.limits is None else _limit(self, tuple(sorted(inputs.items())))

    def rungs(self, **inputs: str | None) -> tuple[Rung, ...]:
        """The ladder for process, step, level, category, priority and clock.

        Raises BadTable if the table fails or answers something that is no rung.
        """
        return _ladder(self, tuple(sorted(inputs.items())))

    def __hash__(self) -> int:
        return hash((self.id, id(self.decision)))


@lru_cache(maxsize=4096)
def _ladder(table: RungTable, inputs: tuple[tuple[str, str | None], ...]) -> tuple[Rung, ...]:
    outcome = table.decision.decide(dict(inputs))
    if outcome.errors:
        raise BadTable(table.id, text=outcome.errors[0])
    results = outcome.result or []
    return tuple(
        _rung(table, index, rule, result)
        for index, (rule, result) in enumerate(zip(outcome.matched, results, strict=True))
    )


@lru_cache(maxsize=4096)
def _limit(
    table: RungTable, inputs: tuple[tuple[str, str | None], ...]
) -> tuple[Limit, int] | None:
    assert table.limits is not None
    outcome = table.limits.decide(dict(inputs))
    if outcome.errors:
        raise BadTable(table.id, text=outcome.errors[0])
    if not outcome.matched:
        return None
    rule, result = outcome.matched[0], outcome.result
    try:
        return Limit(int(result["limit"]), str(result["limit_unit"])), rule
    except (KeyError, TypeError, ValueError) as error:
        raise BadTable(
            table.id,
            text=Text(f"时限表第 {rule} 行无法使用。", f"Rule {rule} of the limits fails."),
        ) from error


def _rung(table: RungTable, index: int, rule: int, result: Mapping[str, Any]) -> Rung:
    try:
        if result["act"] not in ACTS:
            raise ValueError(result["act"])
        return Rung(
            index=index,
            rule=rule,
            after=Limit(int(result["after"]), str(result["unit"])),
            levels_up=int(result["levels_up"]),
            role=str(result["role"]),
            act=str(result["act"]),
            table_id=table.id,
            table_number=table.number,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadTable(
            table.id,
            text=Text(f"升级表第 {rule} 行无法使用。", f"Rule {rule} of the table fails."),
        ) from error
