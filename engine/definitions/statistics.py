"""Tables of statistics that units send upward: their columns, as policy staff define them. Pure.

A table is one JSON file. ``facts`` are named expressions over a case, each of which may use those
before it; ``count_on`` names the fact that says on which day the case counts, if at all. A column
counts cases (``count``), adds numbers up (``sum``), is a share of two others (``part`` and
``whole``), or is entered by the unit (``entered``). ``lines`` make a list of the cases, and
``missing`` says which facts a case should have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from engine.errors import Conflict, DomainError
from engine.terms.levels import LEVELS
from feel import EvaluationLimits, Expression, FeelError, compile_expression
from feel.text import Text

STATISTICS = "statistics"
NAMES = Text("统计报表", "Statistical returns")
# What an expression knows of a case besides the facts before it.
GIVEN = ("case", "unit", "latest", "earliest", "answers", "tasks", "parties", "extensions")
# What an expression knows of a row of a register, in a table that counts these and no cases.
GIVEN_OF_ROWS = ("register", "row")
ROWS, ENTERED = "rows", "entered"
# Whose the cases of a table are: of who mediated, or of the unit that they were taken in by.
OWNERS = ("mediator", "unit")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
FACT = re.compile(r"[a-z\u4e00-\u9fff][a-z0-9_\u4e00-\u9fff]{0,39}")
MOST_COLUMNS = 120
# Of facts, columns of the list and gaps: each is evaluated for every case.
MOST_FORMULAS = 120
TEXT, NUMBER, DATE, YES_NO = KINDS = ("text", "number", "date", "yes_no")
# Beyond this no column adds up exactly.
LARGEST = Decimal(10**10)
# An expression looks at what is known of one case.
LIMITS = EvaluationLimits(steps=10_000, items=2000, characters=10_000)
TOO_LARGE = Text("数值过大。", "The number is too large.")
Value = Any


class BadStatistic(DomainError):
    """A file defines no table: ``problems`` say where and why."""

    text = Text("统计报表定义有误。", "The definition of a statistical table has mistakes.")

    def __init__(self, problems: Sequence[tuple[str, Text]]) -> None:
        first = problems[0]
        super().__init__(text=Text(f"{first[0]}：{first[1].zh}", f"{first[0]}: {first[1].en}"))
        self.problems = tuple(problems)


class UncountableCase(Conflict):
    """An expression has no value that can be counted; which one, and why."""

    def __init__(self, name: Text, reason: Text) -> None:
        zh, en = f"“{name.zh}”无法计算：{reason.zh}", f"“{name.en}”: {reason.en}"
        super().__init__(name.en, text=Text(zh, en))


@dataclass(frozen=True)
class Formula:
    """A name with its expression; ``key`` is what other places call it."""

    key: str
    name: Text
    feel: str
    names: tuple[str, ...] = ()
    # Of a fact: what it is, so that it can be corrected, and what it may be where that is a list.
    kind: str = TEXT
    choices: tuple[str, ...] = ()

    def of(self, facts: Mapping[str, Value]) -> Value:
        """Return its value over what is known of a case; null where something is missing.

        Raises UncountableCase where it is too heavy.
        """
        try:
            return compiled(self.feel, self.names).evaluate(facts, limits=LIMITS)
        except FeelError as error:
            raise UncountableCase(self.name, error.text) from error

    def holds(self, facts: Mapping[str, Value]) -> bool:
        """Return whether it is true; null is no."""
        return self.of(facts) is True


@dataclass(frozen=True)
class StatisticColumn:
    """One number of a table, under the heading ``group``.

    ``kind``: ``count``, ``sum``, ``rate`` (``part`` of ``whole``), ``rows`` (of the registers and
    of screening rounds: counted where true, a number is added) or ``entered``.
    """

    key: str
    name: Text
    kind: str
    group: Text
    digits: int = 0
    formula: Formula | None = None
    part: str = ""
    whole: str = ""

    def amount(self, facts: Mapping[str, Value]) -> Decimal:
        """Return what a case adds to it. Raises UncountableCase for what does not add up."""
        if self.formula is None:
            return Decimal(0)
        value = self.formula.of(facts)
        if self.kind == "count" or value is True:
            return Decimal(1 if value is True else 0)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return Decimal(0)
        number = Decimal(value)
        if abs(number) > LARGEST:
            raise UncountableCase(self.name, TOO_LARGE)
        return number


@dataclass(frozen=True)
class Gap:
    """A fact that a case should have: lacking where the expression is true."""

    key: str
    name: Text
    fact: str
    formula: Formula


@dataclass(frozen=True)
class StatisticTable:
    """One table: of which process, how often, and its columns."""

    key: str
    name: Text
    process: str
    every: str
    owner: str
    # What lies below this level is counted where it lies.
    lowest: str
    note: Text
    facts: tuple[Formula, ...]
    count_on: str
    columns: tuple[StatisticColumn, ...]
    lines: tuple[Formula, ...]
    gaps: tuple[Gap, ...]
    # Whether it counts rows of the registers of mediation, beside what is entered.
    registers: bool = False

    def column(self, key: str) -> StatisticColumn | None:
        """Return a column by its key."""
        return next((one for one in self.columns if one.key == key), None)

    def fact(self, key: str) -> Formula | None:
        """Return a fact by its name."""
        return next((one for one in self.facts if one.key == key), None)

    @property
    def entered_columns(self) -> tuple[StatisticColumn, ...]:
        """The columns that no case fills."""
        return tuple(one for one in self.columns if one.kind == ENTERED)

    @property
    def counts_rows(self) -> bool:
        """Whether rows of registers or of screening rounds add to it."""
        return self.registers or any(one.kind == ROWS for one in self.columns)

    def levels_from(self, level: str) -> tuple[str, ...]:
        """Return the levels below one that make returns of their own."""
        return LEVELS[LEVELS.index(level) + 1 : LEVELS.index(self.lowest) + 1]

    def merge_facts(
        self, given: Mapping[str, Value], corrected: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Return all facts of a case; what was corrected replaces what its expression says."""
        facts = dict(given)
        for fact in self.facts:
            facts[fact.key] = corrected[fact.key] if fact.key in corrected else fact.of(facts)
        return facts

    def corrections(self, told: Mapping[str, str | None]) -> dict[str, Value]:
        """Return what was said of facts as their values; what this table does not know is left."""
        found = {fact.key: fact for fact in self.facts if fact.key in told}
        return {key: value_of(fact, told[key]) for key, fact in found.items()}

    def day(self, facts: Mapping[str, Value]) -> date | None:
        """Return the day on which a case counts; None where it does not yet."""
        found = facts.get(self.count_on)
        return found if isinstance(found, date) else None


def value_of(fact: Formula, told: str | None) -> Value:
    """Return what somebody says a fact is as its value. Raises ValueError for anything else."""
    if told is None:
        return None
    if fact.kind == NUMBER:
        try:
            number = Decimal(told)
        except InvalidOperation as error:
            raise ValueError(told) from error
        if not number.is_finite() or abs(number) > LARGEST:
            raise ValueError(told)
        return number
    if fact.kind == DATE:
        return date.fromisoformat(told)
    if fact.kind == YES_NO:
        if told not in ("yes", "no"):
            raise ValueError(told)
        return told == "yes"
    if fact.choices and told not in fact.choices:
        raise ValueError(told)
    return told


@lru_cache(maxsize=2048)
def compiled(source: str, names: tuple[str, ...]) -> Expression:
    """Return an expression over these names, made once. Raises FeelError."""
    return compile_expression(source, names=names)
