"""The escalation table read from its file by an evaluator of its own.

It shares nothing with ``feel`` and the engine: cells are a dash, texts in quotes, or ``not(...)``
around them. What it cannot read it refuses, so that nothing is taken for right unread.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.simulation.rung import ReplayedRung
from engine.worktime import Limit

DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LIMITS, RHYTHM = "limits", "rhythm"
TEXTS = re.compile(r'\s*"([^"]*)"\s*(?:,|$)')
PRESSING = ("紧急",)


class UnknownCell(ValueError):
    """A cell, or a table, that the reference does not understand."""


@dataclass(frozen=True)
class TableRung:
    """One rung that a table asks for; ``again`` counts the rounds after the last row."""

    index: int
    rule: int
    after: Limit
    levels_up: int
    role: str
    act: str
    opening: bool = False
    again: int = 0

    @property
    def mark(self) -> str:
        """What distinguishes the rungs of a ladder."""
        return f"again{self.again}" if self.again else str(self.index)

    @property
    def does(self) -> str:
        """What it does, and to whom."""
        return f"{self.act} {self.role} +{self.levels_up}"

    def as_replayed(self, task_id: int, clock: str, at: datetime) -> ReplayedRung:
        """As a rung of a task's clock that fires at a moment."""
        return ReplayedRung(task_id, f"{clock}:{self.mark}", at, self.rule, self.does)


class DecisionRows:
    """One decision table: texts as they stand in the file."""

    def __init__(self, table: ElementTree.Element) -> None:
        self.inputs = [_text(one, "inputExpression") for one in table.findall(f"{DMN}input")]
        self.outputs = [one.get("name", "") for one in table.findall(f"{DMN}output")]
        self.rows = [
            (
                [_cell(entry) for entry in rule.findall(f"{DMN}inputEntry")],
                [_cell(entry) for entry in rule.findall(f"{DMN}outputEntry")],
            )
            for rule in table.findall(f"{DMN}rule")
        ]

    def matching(self, asked: Mapping[str, str | None]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and answers of the rows that fit, from above."""
        for number, (cells, answers) in enumerate(self.rows, start=1):
            values = (asked.get(name) for name in self.inputs)
            if all(fits(cell, value) for cell, value in zip(cells, values, strict=True)):
                yield number, dict(zip(self.outputs, map(_value, answers), strict=True))


class LadderTable:
    """One version of the file: the ladder, and what else it may hold."""

    def __init__(self, content: bytes) -> None:
        root = ElementTree.fromstring(content)  # noqa: S314 - our own, published file
        tables = {
            decision.get("id", ""): DecisionRows(table)
            for decision in root.findall(f"{DMN}decision")
            for table in decision.findall(f"{DMN}decisionTable")
        }
        self.limits, self.rhythm = tables.pop(LIMITS, None), tables.pop(RHYTHM, None)
        if len(tables) != 1:
            raise UnknownCell("one ladder expected")
        (self.ladder,) = tables.values()

    def rungs(self, **asked: str | None) -> Sequence[TableRung]:
        """Return the rows that fit, in their order."""
        opening = self.pace(**asked)["rings"] == "opening"
        return [
            TableRung(
                index,
                rule,
                Limit(row["after"], row["unit"]),
                row["levels_up"],
                row["role"],
                row["act"],
                opening,
            )
            for index, (rule, row) in enumerate(self.ladder.matching(asked))
        ]

    def limit(self, **asked: str | None) -> tuple[Limit, int] | None:
        """Return the limit that the file gives a step, and the row that does."""
        for rule, row in self.limits.matching(asked) if self.limits else ():
            return Limit(row["limit"], row["limit_unit"]), rule
        return None

    def pace(self, **asked: str | None) -> dict[str, Any]:
        """Return how the ladder goes on after its last row; what holds where no row fits."""
        for rule, row in self.rhythm.matching(asked) if self.rhythm else ():
            return {"rule": rule, **row}
        usual = asked.get("priority") not in PRESSING
        standard = {"every": 2, "every_unit": "working_days", "rule": 0, "role": "leader"}
        top = {"top_every": 5, "top_every_unit": "working_days"}
        return {**standard, **top, "rings": "opening" if usual else "at_once"}

    def again(self, count: int, top: int, **asked: str | None) -> TableRung:
        """Return the round of that number after the last row: one level further up, at last the
        top.
        """
        rungs, pace = self.rungs(**asked), self.pace(**asked)
        reached = max((rung.levels_up for rung in rungs), default=0) + count - 1
        every = "top_every" if reached >= top else "every"
        return TableRung(
            len(rungs) + count - 1,
            pace["rule"],
            Limit(pace[every], pace[f"{every}_unit"]),
            min(reached + 1, max(top, 1)),
            pace["role"],
            "notify",
            pace["rings"] == "opening",
            count,
        )


def fits(cell: str, value: str | None) -> bool:
    """Return whether a value passes a cell. Raises Unreadable."""
    if cell in ("", "-"):
        return True
    if cell.startswith("not(") and cell.endswith(")"):
        # Of nothing nobody knows whether it is none of them: the row does not fit.
        return value is not None and value not in _texts(cell[4:-1])
    return value in _texts(cell)


def _texts(cell: str) -> list[str]:
    found, at = [], 0
    while at < len(cell):
        match = TEXTS.match(cell, at)
        if match is None:
            raise UnknownCell(cell)
        found.append(match[1])
        at = match.end()
    return found


def _value(cell: str) -> int | str:
    if re.fullmatch(r"\d+", cell):
        return int(cell)
    (text,) = _texts(cell)
    return text


def _cell(entry: ElementTree.Element) -> str:
    return (entry.findtext(f"{DMN}text") or "").strip()


def _text(entry: ElementTree.Element, name: str) -> str:
    return (entry.findtext(f"{DMN}{name}/{DMN}text") or "").strip()
