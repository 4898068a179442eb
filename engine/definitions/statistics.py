"""Tables of statistics that units send upward: their columns, as policy staff define them. Pure.

A table is one JSON file. ``facts`` are named expressions over a case, each of which may use those
before it; ``count_on`` names the fact that says on which day the case counts, if at all. A column
counts cases (``count``), adds numbers up (``sum``), is a share of two others (``part`` and
``whole``), or is entered by the unit (``entered``). ``lines`` make a list of the cases, and
``missing`` says which facts a case should have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from engine.errors import Conflict, DomainError
from engine.terms.levels import LEVELS
from engine.terms.periods import EVERY
from feel import EvaluationLimits, Expression, FeelError, compile_expression
from feel.text import Text
from forms import BrokenForm
from forms.strict_json import parse

STATISTICS = "statistics"
NAMES = Text("统计报表", "Statistical returns")
# What an expression knows of a case besides the facts before it.
GIVEN = ("case", "unit", "latest", "earliest", "answers", "tasks", "parties", "extensions")
# What an expression knows of a row of a register, in a table that counts these and no cases.
GIVEN_OF_ROWS = ("register", "row")
# Whose the cases of a table are: of who mediated, or of the unit that they were taken in by.
OWNERS = ("mediator", "unit")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
FACT = re.compile(r"[a-z\u4e00-\u9fff][a-z0-9_\u4e00-\u9fff]{0,39}")
MOST_COLUMNS = 120
# Of facts, columns of the list and gaps: each is evaluated for every case.
MOST_FORMULAS = 120
TEXT, NUMBER, DATE, YES_NO = KINDS = ("text", "number", "date", "yes_no")
TEMPLATE = re.compile(rf"{STATISTICS}/([a-z][a-z0-9_]{{0,39}})\.xlsx")
FILE = re.compile(rf"{STATISTICS}/([a-z][a-z0-9_]{{0,39}})\.json")
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
            return _compiled(self.feel, self.names).evaluate(facts, limits=LIMITS)
        except FeelError as error:
            raise UncountableCase(self.name, error.text) from error

    def holds(self, facts: Mapping[str, Value]) -> bool:
        """Return whether it is true; null is no."""
        return self.of(facts) is True


@dataclass(frozen=True)
class StatisticColumn:
    """One number of a table, under the heading ``group``.

    ``kind``: ``count``, ``sum``, ``rate`` (``part`` of ``whole``) or ``entered``.
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
        if self.kind == "count":
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
        return tuple(one for one in self.columns if one.kind == "entered")

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


def load(content: bytes, path: str) -> StatisticTable:
    """Read a table from its file. Raises BadStatistic with everything that is wrong."""
    try:
        told = parse(content, path)
    except BrokenForm as error:
        raise BadStatistic([(path, error.findings[0].message)]) from error
    return _StatisticsReader(told, path).table()


def tables(files: Mapping[str, bytes]) -> dict[str, StatisticTable]:
    """Return the tables of a definition by key. Raises BadStatistic."""
    found = {path: files[path] for path in sorted(files) if FILE.fullmatch(path)}
    return {table.key: table for table in (load(data, path) for path, data in found.items())}


def template(files: Mapping[str, bytes], key: str) -> bytes | None:
    """Return the workbook into which a table is written, where somebody made one."""
    return files.get(f"{STATISTICS}/{key}.xlsx")


@lru_cache(maxsize=2048)
def _compiled(source: str, names: tuple[str, ...]) -> Expression:
    return compile_expression(source, names=names)


class _StatisticsReader:
    """Reads one file and notes everything that is wrong with it."""

    def __init__(self, told: Mapping[str, Any], path: str) -> None:
        self.told, self.path = told, path
        self.problems: list[tuple[str, Text]] = []
        self.names: tuple[str, ...] = GIVEN

    def table(self) -> StatisticTable:
        stem = FILE.fullmatch(self.path)
        key = str(self.told.get("key", ""))
        if not KEY.fullmatch(key) or stem is None or stem[1] != key:
            self._note("key", Text("代码应与文件名相同。", "The key must be the file's name."))
        every = self._one_of("every", EVERY)
        process = str(self.told.get("process") or "")
        registers = not process and self.told.get("registers") is True
        if registers:
            self.names = GIVEN_OF_ROWS
        facts = tuple(self._facts())
        count_on = str(self.told.get("count_on") or "")
        if process and count_on not in [fact.key for fact in facts]:
            self._note("count_on", Text("没有这个事实。", "There is no such fact."))
        table = StatisticTable(
            key=key,
            name=self._text(self.told, "name", "name"),
            process=process,
            every=every,
            owner=self._one_of("owner", OWNERS) if process else OWNERS[1],
            lowest=self._one_of("lowest", LEVELS),
            note=self._text(self.told, "note", "note") if "note" in self.told else Text("", ""),
            facts=facts,
            count_on=count_on,
            columns=tuple(self._columns()),
            lines=tuple(self._formula(one, where) for one, where in self._list("lines")),
            gaps=tuple(self._gaps(facts)),
            registers=registers,
        )
        self._rates(table)
        if self.problems:
            raise BadStatistic(self.problems)
        return table

    def _facts(self) -> Iterator[Formula]:
        for one, where in self._list("facts"):
            fact = self._formula(one, where, pattern=FACT)
            if fact.key in self.names:
                self._note(where, Text("这个名称已经有了。", "There is such a name already."))
            yield fact
            self.names = (*self.names, fact.key)

    def _columns(self) -> Iterator[StatisticColumn]:
        seen: set[str] = set()
        group = Text("", "")
        found = self._list("columns")
        if not found or len(found) > MOST_COLUMNS:
            self._note("columns", Text(f"应有 1 至 {MOST_COLUMNS} 列。", "1 to 120 columns."))
        for one, where in found[:MOST_COLUMNS]:
            if "group" in one:
                group = self._text(one, "group", where)
            column = self._column(one, where, group)
            if column.key in seen:
                self._note(where, Text("列的代码重复。", "Two columns have this key."))
            seen.add(column.key)
            yield column

    def _column(self, one: Mapping[str, Any], where: str, group: Text) -> StatisticColumn:
        kinds = [kind for kind in ("count", "sum", "part", "entered") if kind in one]
        if len(kinds) != 1:
            told = Text(
                "每列写一项：count、sum、part 和 whole、entered。",
                "A column has one of count, sum, part with whole, or entered.",
            )
            self._note(where, told)
        kind = kinds[0] if kinds else "entered"
        formula = None
        if kind in ("count", "sum"):
            formula = self._formula({**one, "feel": one[kind]}, where)
        digits = one.get("digits", 0)
        return StatisticColumn(
            key=self._key(one, where),
            name=self._text(one, "name", where),
            kind="rate" if kind == "part" else kind,
            group=group,
            digits=digits if isinstance(digits, int) and 0 <= digits <= 6 else 0,
            formula=formula,
            part=str(one.get("part", "")),
            whole=str(one.get("whole", "")),
        )

    def _gaps(self, facts: Sequence[Formula]) -> Iterator[Gap]:
        for one, where in self._list("missing"):
            fact = str(one.get("fact", ""))
            if fact not in [known.key for known in facts]:
                self._note(where, Text("没有这个事实。", "There is no such fact."))
            formula = self._formula({**one, "feel": one.get("when", "")}, where)
            yield Gap(formula.key, formula.name, fact, formula)

    def _rates(self, table: StatisticTable) -> None:
        plain = {one.key for one in table.columns if one.kind != "rate"}
        for one in table.columns:
            if one.kind == "rate" and not {one.part, one.whole} <= plain:
                told = Text("比率的分子、分母应是别的列。", "A rate is of two other columns.")
                self._note(one.key, told)

    def _formula(
        self, one: Mapping[str, Any], where: str, pattern: re.Pattern[str] = KEY
    ) -> Formula:
        source = str(one.get("feel", ""))
        try:
            known = _compiled(source, self.names).variables - frozenset(self.names)
            if known:
                names = "、".join(sorted(known))
                self._note(where, Text(f"没有 {names}。", f"There is no {names}."))
        except FeelError as error:
            self._note(where, error.text)
        key = self._key(one, where, pattern)
        kind, choices = str(one.get("kind", TEXT)), one.get("choices", [])
        if kind not in KINDS or not isinstance(choices, list):
            self._note(where, Text(f"kind 应是 {KINDS} 之一。", f"kind must be one of {KINDS}."))
            choices = []
        name = self._text(one, "name", where)
        return Formula(key, name, source, self.names, kind, tuple(map(str, choices)))

    def _list(self, name: str) -> list[tuple[Mapping[str, Any], str]]:
        told = self.told.get(name, [])
        rows = told if isinstance(told, list) else []
        whole = [one for one in rows if isinstance(one, dict)]
        if not isinstance(told, list) or len(whole) != len(rows):
            self._note(name, Text("应是一个列表。", "It must be a list."))
        if len(whole) > MOST_FORMULAS:
            most = Text(f"最多 {MOST_FORMULAS} 项。", f"At most {MOST_FORMULAS}.")
            self._note(name, most)
        whole = whole[:MOST_FORMULAS]
        return [(one, f"{name} {n}") for n, one in enumerate(whole, start=1)]

    def _key(self, one: Mapping[str, Any], where: str, pattern: re.Pattern[str] = KEY) -> str:
        key = str(one.get("key", ""))
        if not pattern.fullmatch(key):
            self._note(where, Text(f"代码“{key}”写法有误。", f"“{key}” is no key."))
        return key

    def _one_of(self, name: str, values: Sequence[str]) -> str:
        found = str(self.told.get(name, ""))
        if found not in values:
            said = "、".join(values)
            self._note(name, Text(f"应是 {said} 之一。", f"It must be one of {said}."))
        return found

    def _text(self, one: Mapping[str, Any], name: str, where: str) -> Text:
        told = one.get(name)
        if isinstance(told, dict) and told.get("zh_CN") and told.get("en"):
            return Text(str(told["zh_CN"])[:400], str(told["en"])[:400])
        self._note(where, Text(f"{name} 应有中文和英文。", f"{name} must be in both languages."))
        return Text("", "")

    def _note(self, where: str, text: Text) -> None:
        self.problems.append((where, text))
