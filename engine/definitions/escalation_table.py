"""The escalation table: which rungs a clock has, decided once when the clock starts. Pure.

The same file may hold two more decisions. ``limits``: the limit that risk, priority or category
give a step whatever its diagram says. ``rhythm``: how a ladder goes on after its last rung, and
whether rungs wait for the office to open. All are one version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import feel
from engine.errors import DomainError
from engine.terms.priorities import FOREMOST
from engine.worktime import Limit
from feel.text import Text

ESCALATION = "escalation"
LIMITS = "limits"
RHYTHM = "rhythm"
# What the ladder is asked about: signing, handling, the citizen's promise, a notice's answer.
CLOCKS = ("sign", "handle", "citizen", "notice")
# When a rung fires that falls due where nobody works: as the office opens next, or there and then.
OPENING, AT_ONCE = "opening", "at_once"
RINGS = (OPENING, AT_ONCE)
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
    # Which of the later rounds this is; none for a row of the ladder.
    again: int = 0
    opening: bool = False

    @property
    def mark(self) -> str:
        """What distinguishes the rungs of a clock."""
        return f"again{self.again}" if self.again else str(self.index)

    def as_data(self) -> dict[str, Any]:
        """Return what a due row carries, so that firing needs no table."""
        return {
            "rule": self.rule,
            "after": self.after.amount,
            "unit": self.after.unit,
            "levels_up": self.levels_up,
            "role": self.role,
            "act": self.act,
            "table": self.table_id,
            "number": self.table_number,
            **({"again": self.again} if self.again else {}),
        }


@dataclass(frozen=True)
class LadderRepetition:
    """How a ladder goes on after its last rung: one level up each time, then on at the top.

    ``rule`` is the row that says so, 0 where the table has none and the usual rhythm holds.
    """

    rule: int
    every: Limit
    at_top: Limit
    role: str
    opening: bool


@dataclass(frozen=True)
class RungTable:
    """One version of the table, compiled."""

    id: int
    number: int
    decision: feel.Decision
    limits: feel.Decision | None = None
    pace: feel.Decision | None = None

    @classmethod
    def load(cls, content: bytes, table_id: int, number: int) -> RungTable:
        """Compile a DMN file with the ladder and perhaps limits. Raises FeelError or BadTable."""
        model = feel.load_dmn(content)
        for broken in model.broken_decisions.values():
            raise broken.fault()
        found = dict(model.by_id)
        limits, pace = found.pop(LIMITS, None), found.pop(RHYTHM, None)
        if len(found) != 1:
            raise BadTable(table_id)
        (ladder,) = found.values()
        return cls(table_id, number, ladder, limits, pace)

    @property
    def asks_clock(self) -> bool:
        """Return whether the limits distinguish the clocks for signing and for handling."""
        return _asks_clock(self)

    def limit(self, **inputs: str | None) -> tuple[Limit, int] | None:
        """Return the limit for process, step, level, category, risk, priority and clock, and the
        row's number.

        None where no row says one. Raises BadTable if the table fails.
        """
        return None if self.limits is None else _limit(self, tuple(sorted(inputs.items())))

    def rungs(self, **inputs: str | None) -> tuple[Rung, ...]:
        """Return the ladder for process, step, level, category, priority and clock.

        Raises BadTable if the table fails or answers something that is no rung.
        """
        return _ladder(self, tuple(sorted(inputs.items())))

    def rhythm(self, **inputs: str | None) -> LadderRepetition:
        """Return how the same ladder goes on after its last rung.

        Raises BadTable if the table fails or answers something that is no rhythm.
        """
        return _rhythm(self, tuple(sorted(inputs.items())))

    def again(self, count: int, top: int, **inputs: str | None) -> Rung:
        """Return the rung of the ``count``-th round after the ladder's last, of a level ``top``
        below the highest: so many days after the round before, one level further up.
        """
        rungs, rhythm = self.rungs(**inputs), self.rhythm(**inputs)
        reached = max((rung.levels_up for rung in rungs), default=0) + count - 1
        return Rung(
            index=len(rungs) + count - 1,
            rule=rhythm.rule,
            after=rhythm.at_top if reached >= top else rhythm.every,
            levels_up=min(reached + 1, max(top, 1)),
            role=rhythm.role,
            act="notify",
            table_id=self.id,
            table_number=self.number,
            again=count,
            opening=rhythm.opening,
        )

    def __hash__(self) -> int:
        return hash((self.id, id(self.decision)))


@lru_cache(maxsize=4096)
def _ladder(table: RungTable, inputs: tuple[tuple[str, str | None], ...]) -> tuple[Rung, ...]:
    outcome = table.decision.decide(dict(inputs))
    if outcome.errors:
        raise BadTable(table.id, text=outcome.errors[0])
    results = outcome.result or []
    opening = _rhythm(table, inputs).opening
    return tuple(
        _rung(table, index, rule, result, opening)
        for index, (rule, result) in enumerate(zip(outcome.matched_rules, results, strict=True))
    )


@lru_cache(maxsize=64)
def _asks_clock(table: RungTable) -> bool:
    return table.limits is not None and "clock" in table.limits.variables


@lru_cache(maxsize=4096)
def _limit(
    table: RungTable, inputs: tuple[tuple[str, str | None], ...]
) -> tuple[Limit, int] | None:
    assert table.limits is not None
    outcome = table.limits.decide(dict(inputs))
    if outcome.errors:
        raise BadTable(table.id, text=outcome.errors[0])
    if not outcome.matched_rules:
        return None
    rule, result = outcome.matched_rules[0], outcome.result
    try:
        return Limit(int(result["limit"]), str(result["limit_unit"])), rule
    except (KeyError, TypeError, ValueError) as error:
        raise BadTable(
            table.id,
            text=Text(f"时限表第 {rule} 行无法使用。", f"Rule {rule} of the limits fails."),
        ) from error


@lru_cache(maxsize=4096)
def _rhythm(table: RungTable, inputs: tuple[tuple[str, str | None], ...]) -> LadderRepetition:
    usual = dict(inputs).get("priority") not in FOREMOST
    standard = LadderRepetition(
        0, Limit(2, "working_days"), Limit(5, "working_days"), "leader", usual
    )
    if table.pace is None:
        return standard
    outcome = table.pace.decide(dict(inputs))
    if outcome.errors:
        raise BadTable(table.id, text=outcome.errors[0])
    if not outcome.matched_rules:
        return standard
    rule, result = outcome.matched_rules[0], outcome.result
    try:
        every, at_top = (
            Limit(int(result[name]), str(result[f"{name}_unit"])) for name in ("every", "top_every")
        )
        if result["rings"] not in RINGS or not every.amount or not at_top.amount:
            raise ValueError(result)
        return LadderRepetition(
            rule, every, at_top, str(result["role"]), result["rings"] == OPENING
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadTable(
            table.id,
            text=Text(f"节奏表第 {rule} 行无法使用。", f"Rule {rule} of the rhythm fails."),
        ) from error


def _rung(
    table: RungTable, index: int, rule: int, result: Mapping[str, Any], opening: bool
) -> Rung:
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
            opening=opening,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadTable(
            table.id,
            text=Text(f"升级表第 {rule} 行无法使用。", f"Rule {rule} of the table fails."),
        ) from error
