"""The escalation table: which rungs a clock has, decided once when the clock starts. Pure."""

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

    @classmethod
    def load(cls, content: bytes, table_id: int, number: int) -> RungTable:
        """Compile a DMN file with one decision table. Raises FeelError or BadTable."""
        # A decision is listed under its name and under its id.
        found = {id(decision): decision for decision in feel.load_dmn(content).decisions.values()}
        if len(found) != 1:
            raise BadTable(table_id)
        return cls(table_id, number, *found.values())

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
