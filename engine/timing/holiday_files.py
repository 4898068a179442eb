"""Holidays and make-up days as text: typed by hand, or a file of a year's published notice. Pure.

Files: CSV with columns ``date`` and ``is_off_day`` (1 off, 0 worked) or ``working``, perhaps
``name`` and ``source_year``; JSON as ``{"year": 2027, "days": [{"date", "name", "isOffDay"}]}``
or a list of such days.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.errors import InvalidInput
from engine.timing.calendar_editing import DayOut
from feel.text import Text

# A year with fewer days named is one that another year's notice reaches into.
FEW = 5
LARGEST = 1_000_000
LINE = re.compile(
    r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*[,，\s]\s*(休|班|off|work)\s*[,，\s]?\s*(.*)$"
)
OFF = frozenset({"1", "true", "yes", "休", "off"})
WORKED = frozenset({"0", "false", "no", "班", "work"})
NO_FILE = Text("请选择文件。", "Choose a file.")
UNREADABLE = Text(
    "文件无法读取：需要 UTF-8 的 CSV 或 JSON，含日期和是否放假两列。",
    "The file cannot be read: CSV or JSON in UTF-8, with the date and whether it is a day off.",
)
EMPTY = Text("文件里没有日期。", "There are no days in the file.")
TWICE = Text("文件里同一天出现了两次，而且不一样。", "A day stands in the file twice, differently.")


@dataclass(frozen=True)
class HolidayNotice:
    """What a file says: its days, and the years that it settles as a whole."""

    days: Mapping[date, DayOut]
    years: frozenset[int]


def as_lines(text: str) -> dict[date, DayOut]:
    """Return days as lines: ``2026-10-01 休 国庆节``.

    Raises InvalidInput with the first bad line.
    """
    found: dict[date, DayOut] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        matched = LINE.match(line.strip())
        try:
            if matched is None:
                raise ValueError(line)
            year, month, day, kind, name = matched.groups()
            found[date(int(year), int(month), int(day))] = DayOut(kind in WORKED, name.strip()[:64])
        except ValueError as error:
            said = Text(
                f"第 {number} 行看不懂，应为“2026-10-01 休 国庆节”。",
                f"Line {number} is not like “2026-10-01 休 National Day”.",
            )
            raise InvalidInput({"days": said}) from error
    return found


def lines(days: Mapping[date, DayOut]) -> str:
    """Return the same text again, in the order of the days."""
    return "\n".join(
        f"{day.isoformat()} {'班' if one.working else '休'} {one.name}".rstrip()
        for day, one in sorted(days.items())
    )


def from_file(content: bytes) -> HolidayNotice:
    """Return what a file says. Raises InvalidInput."""
    if not content.strip():
        raise InvalidInput({"file": NO_FILE})
    try:
        text = content[:LARGEST].decode("utf-8-sig")
        rows = _json(text) if text.lstrip()[:1] in "[{" else _csv(text)
        days = [_day(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise InvalidInput({"file": UNREADABLE}) from error
    if not days:
        raise InvalidInput({"file": EMPTY})
    return _notice(days)


def _csv(text: str) -> list[Mapping[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))


def _json(text: str) -> list[Mapping[str, Any]]:
    data = json.loads(text)
    if isinstance(data, dict):
        return [{"source_year": data.get("year"), **day} for day in data["days"]]
    return list(data)


def _day(row: Mapping[str, Any]) -> tuple[date, DayOut, int | None]:
    day = date.fromisoformat(str(row["date"]).strip())
    said = row.get("is_off_day", row.get("isOffDay"))
    off = _is(row["working"]) is False if said is None else _is(said)
    year = row.get("source_year")
    name = str(row.get("name") or "").strip()[:64]
    return day, DayOut(not off, name), int(year) if year else None


def _is(value: Any) -> bool:
    word = str(value).strip().lower()
    if word in OFF or word in WORKED:
        return word in OFF
    raise ValueError(value)


def _notice(days: Iterable[tuple[date, DayOut, int | None]]) -> HolidayNotice:
    found: dict[date, DayOut] = {}
    counted: Counter[int] = Counter()
    named: set[int] = set()
    for day, one, year in days:
        if found.get(day, one).working != one.working:
            raise InvalidInput({"file": TWICE})
        found[day] = one
        counted[day.year] += 1
        if year is not None:
            named.add(year)
    return HolidayNotice(
        found, frozenset(named or {year for year, n in counted.items() if n >= FEW})
    )
