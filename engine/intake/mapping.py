"""The mapping file: which columns fill which fields of the opening form, and which unit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Mapping as Cells
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import DomainError
from engine.intake import cells, dates
from engine.intake.dates import DateReader
from feel.text import Text

_COLUMN = re.compile(r"\{([^{}]+)\}")
_KNOWN = {
    "about",
    "name",
    "zone",
    "dates",
    "source",
    "opened_at",
    "closed_at",
    "due_at",
    "latitude",
    "longitude",
    "note",
    "place",
    "answers",
}
_PARTS = {"from", "values", "default", "cut", "as"}
_NOTHING = object()
# What `as` may name: how the text of the cells is read.
_READERS = ("date", "yuan")


class BadMapping(DomainError):
    """The mapping file cannot be used; ``text`` says which part."""


@dataclass(frozen=True)
class MappedValue:
    """How one answer comes about: a template over columns, a translation, a reading, a default."""

    template: str
    values: Cells[str, Any] = field(default_factory=dict)
    default: Any = None
    length: int = 0
    read: Callable[[str], Any] | None = None

    def of(self, row: Cells[str, str]) -> Any:
        """Return the answer for a row, as it was written; None where there is neither text nor
        default.

        Raises UnreadableCell for text that is neither translated nor read.
        """
        text = fill(self.template, row)
        found = self.translate(text)
        if found is not _NOTHING:
            return found
        if self.read is not None:
            value = self.read(text)
            return self.default if value is None else value
        if self.values:
            return self.default
        if self.length:
            text = text[: self.length]
        return text or self.default

    def translate(self, text: str) -> Any:
        """Return what the table has for a text, however it is spelt; else ``_NOTHING``."""
        return self.values.get(text, self.values.get(cells.comparable(text), _NOTHING))

    def templates(self) -> list[str]:
        """Return what refers to columns."""
        return [self.template]


@dataclass(frozen=True)
class MappedRows:
    """A list of people or things, one entry for each group of columns that says something."""

    entries: tuple[Cells[str, MappedValue], ...]

    def of(self, row: Cells[str, str]) -> list[dict[str, Any]]:
        """Return the entries for a row, without those whose columns are all empty. Raises
        ValueError.
        """
        return [
            {name: value.of(row) for name, value in entry.items()}
            for entry in self.entries
            if any(_has_content(value, row) for value in entry.values())
        ]

    def templates(self) -> list[str]:
        """Return what refers to columns."""
        return [value.template for entry in self.entries for value in entry.values()]


@dataclass(frozen=True)
class Mapping:
    """A checked mapping file."""

    name: str
    dates: DateReader
    source: str
    opened_at: str
    closed_at: str
    due_at: str
    latitude: str
    longitude: str
    note: str
    place: MappedValue
    fallback: str
    answers: Cells[str, MappedValue | MappedRows]

    @classmethod
    def load(cls, data: bytes) -> Mapping:
        """Read and check a mapping. Raises BadMapping."""
        given = _parse(data)
        place = given["place"]
        zone = _zone(str(given.get("zone", "Asia/Shanghai")))
        read = DateReader(zone, _formats(given.get("dates", [])))
        where = {key: place[key] for key in place if key != "fallback"}
        return cls(
            name=str(given.get("name", "import")),
            dates=read,
            place=_value("place", where, read),
            fallback=str(place["fallback"]),
            answers={
                name: _answer(f"answers.{name}", one, read)
                for name, one in given["answers"].items()
            },
            **{
                key: str(given.get(key, ""))
                for key in (
                    "source",
                    "opened_at",
                    "closed_at",
                    "due_at",
                    "latitude",
                    "longitude",
                    "note",
                )
            },
        )

    def columns(self) -> set[str]:
        """Return the columns that the mapping refers to."""
        templates = [self.source, self.opened_at, self.closed_at, self.due_at, self.note]
        templates += [self.latitude, self.longitude, self.place.template]
        for answer in self.answers.values():
            templates += answer.templates()
        return {name for template in templates for name in _COLUMN.findall(template)}

    def moments(self, template: str, row: Cells[str, str]) -> tuple[datetime, ...]:
        """Return the moments that a template may name for a row, none if empty.

        Raises UnreadableCell.
        """
        return self.dates.readings(fill(template, row))


def fill(template: str, row: Cells[str, str]) -> str:
    """Put the row's cells, as they were written, into ``{column}`` places.

    A missing cell is empty; spaces between cells stand only where there is something to part.
    """
    found, at = "", 0
    for place in _COLUMN.finditer(template):
        found = _joined(found, template[at : place.start()])
        found = _joined(found, (row.get(place[1]) or "").strip())
        at = place.end()
    return _joined(found, template[at:]).strip()


def _joined(text: str, part: str) -> str:
    """Return two pieces, the blank between them once."""
    return text if part.isspace() and (not text or text[-1].isspace()) else text + part


def _parse(data: bytes) -> dict[str, Any]:
    try:
        given = json.loads(data)
    except ValueError as error:
        raise _bad("不是有效的 JSON", f"is not JSON: {error}") from error
    if not isinstance(given, dict) or not given.get("source") or not given.get("answers"):
        raise _bad("缺少 source 或 answers", "lacks source or answers")
    unknown = set(given) - _KNOWN
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise _bad(f"含有未知的项：{listed}", f"has unknown parts: {listed}")
    if not isinstance(given["answers"], dict):
        raise _bad("的 answers 必须是对象", "has answers that are no object")
    place = given.get("place")
    if not isinstance(place, dict) or not place.get("fallback"):
        raise _bad("place.fallback 必须指定兜底单位", "lacks place.fallback, a unit's code")
    return given


def _formats(given: Any) -> tuple[re.Pattern[str], ...]:
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise _bad("的 dates 应当是日期格式的列表", "needs a list of formats as dates")
    try:
        return dates.compiled(given)
    except ValueError as error:
        raise _bad(
            f"的日期格式“{error}”须各写一次年、月、日，如 MM/DD/YYYY",
            f"has a date format “{error}” without year, month and day once each, as MM/DD/YYYY",
        ) from error


def _has_content(value: MappedValue, row: Cells[str, str]) -> bool:
    return any(fill(f"{{{name}}}", row) for name in _COLUMN.findall(value.template))


def _answer(where: str, given: Any, read: DateReader) -> MappedValue | MappedRows:
    if not isinstance(given, list) or not any(isinstance(one, dict) for one in given):
        return _value(where, given, read)
    return MappedRows(tuple(_entry(f"{where}[{at}]", one, read) for at, one in enumerate(given)))


def _entry(where: str, given: Any, read: DateReader) -> dict[str, MappedValue]:
    if not isinstance(given, dict):
        raise _bad(f"的 {where} 应当是对象", f"mixes objects and plain values: {where}")
    entry = {name: _value(f"{where}.{name}", one, read) for name, one in given.items()}
    if not any(_COLUMN.search(value.template) for value in entry.values()):
        raise _bad(f"的 {where} 没有引用任何列", f"has an entry that names no column: {where}")
    return entry


def _value(where: str, given: Any, read: DateReader) -> MappedValue:
    if isinstance(given, str):
        return MappedValue(given)
    if isinstance(given, list) and any(isinstance(one, dict) for one in given):
        raise _bad(f"的 {where} 不能再含有对象列表", f"nests a list of objects in {where}")
    if isinstance(given, (bool, int, float, list)):
        return MappedValue("", default=given)
    if not isinstance(given, dict) or set(given) - _PARTS:
        listed = ", ".join(sorted(_PARTS))
        raise _bad(f"的 {where} 只能含有 {listed}", f"may have only {listed} in {where}")
    template, values = given.get("from", ""), given.get("values", {})
    cut, reader = given.get("cut", 0), given.get("as")
    if not isinstance(template, str) or not isinstance(values, dict):
        raise _bad(
            f"的 {where}：from 应当是文字，values 应当是对象",
            f"needs text as from, and an object as values: {where}",
        )
    if isinstance(cut, bool) or not isinstance(cut, int) or cut < 0:
        raise _bad(f"的 {where}.cut 应当是字数", f"needs a number of characters: {where}.cut")
    # Found as it is written and as it compares; what is written out wins.
    values = {**{cells.comparable(key): one for key, one in values.items()}, **values}
    return MappedValue(template, values, given.get("default"), cut, _reader(where, reader, read))


def _reader(where: str, name: Any, read: DateReader) -> Callable[[str], Any] | None:
    if name is None:
        return None
    if not isinstance(name, str) or name not in _READERS:
        listed = ", ".join(_READERS)
        raise _bad(f"的 {where}.as 只能是 {listed}", f"knows only {listed} as {where}.as")
    return read.day if name == "date" else cells.yuan


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise _bad(f"没有时区 {name}", f"names no time zone: {name}") from error


def _bad(zh: str, en: str) -> BadMapping:
    return BadMapping(text=Text(f"映射文件{zh}。", f"The mapping file {en}."))
