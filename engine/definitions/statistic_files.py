"""Tables of statistics read from their files, with everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.definitions.statistics import (
    ENTERED,
    FACT,
    GIVEN,
    GIVEN_OF_ROWS,
    KEY,
    KINDS,
    MOST_COLUMNS,
    MOST_FORMULAS,
    OWNERS,
    ROWS,
    STATISTICS,
    TEXT,
    BadStatistic,
    Formula,
    Gap,
    StatisticColumn,
    StatisticTable,
    compiled,
)
from engine.terms.levels import LEVELS
from engine.terms.periods import EVERY
from feel import FeelError
from feel.text import Text
from forms import BrokenForm
from forms.strict_json import parse

TEMPLATE = re.compile(rf"{STATISTICS}/([a-z][a-z0-9_]{{0,39}})\.xlsx")
FILE = re.compile(rf"{STATISTICS}/([a-z][a-z0-9_]{{0,39}})\.json")


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
        kinds = [kind for kind in ("count", "sum", "part", ROWS, ENTERED) if kind in one]
        if len(kinds) != 1:
            told = Text(
                "每列写一项：count、sum、part 和 whole、rows、entered。",
                "A column has one of count, sum, part with whole, rows, or entered.",
            )
            self._note(where, told)
        kind = kinds[0] if kinds else ENTERED
        formula = None
        if kind in ("count", "sum", ROWS):
            names = GIVEN_OF_ROWS if kind == ROWS else self.names
            formula = self._formula({**one, "feel": one[kind]}, where, names=names)
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
        self,
        one: Mapping[str, Any],
        where: str,
        pattern: re.Pattern[str] = KEY,
        names: tuple[str, ...] | None = None,
    ) -> Formula:
        source, given = str(one.get("feel", "")), names or self.names
        try:
            known = compiled(source, given).variables - frozenset(given)
            if known:
                listed = "、".join(sorted(known))
                self._note(where, Text(f"没有 {listed}。", f"There is no {listed}."))
        except FeelError as error:
            self._note(where, error.text)
        key = self._key(one, where, pattern)
        kind, choices = str(one.get("kind", TEXT)), one.get("choices", [])
        if kind not in KINDS or not isinstance(choices, list):
            self._note(where, Text(f"kind 应是 {KINDS} 之一。", f"kind must be one of {KINDS}."))
            choices = []
        name = self._text(one, "name", where)
        return Formula(key, name, source, given, kind, tuple(map(str, choices)))

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
