"""Periods of statistics: a month, a quarter, half a year, a year, each with a key of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from feel.text import Text

MONTH, QUARTER, HALF, YEAR = "month", "quarter", "half", "year"
EVERY = (MONTH, QUARTER, HALF, YEAR)
NAMES = {
    MONTH: Text("月报", "Monthly"),
    QUARTER: Text("季报", "Quarterly"),
    HALF: Text("半年报", "Half-yearly"),
    YEAR: Text("年报", "Yearly"),
}
_MONTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}
_KEY = re.compile(r"(20\d\d)(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?")


@dataclass(frozen=True)
class Span:
    """One period: ``key`` is 2026-03, 2026-Q1, 2026-H1 or 2026; both days are counted."""

    key: str
    first: date
    last: date

    @property
    def name(self) -> Text:
        """What the period is called."""
        year, _dash, part = self.key.partition("-")
        if not part:
            return Text(f"{year}年", year)
        if part[0] == "Q":
            return Text(f"{year}年第{'一二三四'[int(part[1]) - 1]}季度", f"{part} {year}")
        if part[0] == "H":
            return Text(f"{year}年{'上下'[int(part[1]) - 1]}半年", f"{part} {year}")
        return Text(f"{year}年{int(part)}月", self.key)


def span(key: str, every: str) -> Span | None:
    """Return the period of a key; None where the key names none of that length."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    year, month, quarter, half = found.groups()
    kinds = (month and MONTH, quarter and QUARTER, half and HALF)
    if every != next((kind for kind in kinds if kind), YEAR):
        return None
    return around(date(int(year), _first(month, quarter, half), 1), every)


def around(day: date, every: str) -> Span:
    """Return the period in which a day lies."""
    months = _MONTHS[every]
    number = (day.month - 1) // months
    first = date(day.year, number * months + 1, 1)
    after = first.month + months
    last = date(first.year + after // 13, (after - 1) % 12 + 1, 1) - timedelta(days=1)
    marks = {MONTH: f"-{first:%m}", QUARTER: f"-Q{number + 1}", HALF: f"-H{number + 1}", YEAR: ""}
    return Span(f"{day.year}{marks[every]}", first, last)


def latest(day: date, every: str, count: int) -> list[Span]:
    """Return the period of a day and those before it, the newest first."""
    found = [around(day, every)]
    while len(found) < count:
        found.append(around(found[-1].first - timedelta(days=1), every))
    return found


def _first(month: str | None, quarter: str | None, half: str | None) -> int:
    if month:
        return int(month)
    return int(quarter) * 3 - 2 if quarter else int(half) * 6 - 5 if half else 1
