"""Holidays that need no notice: days by rules, for the years whose notice is not out yet. Pure.

The State Council's regulation on public holidays names them by the common calendar, the lunar
calendar or a solar term. Which weekends are worked instead, and when a holiday that falls on a
weekend is made up for, only the notice of the year says: that is not guessed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from borax.calendars.lunardate import LunarDate, TermUtils

COMMON, LUNAR, TERM = "公历", "农历", "节气"
# The tables of the lunar calendar reach so far.
FIRST_YEAR, LAST_YEAR = 1901, 2099
MOST_DAYS = 15
_LINE = re.compile(
    r"^(?P<name>\S{1,20})\s+(?P<by>公历|农历|节气)\s+(?P<day>\S+)\s+(?P<days>\d{1,2})\s*天"
    r"(?:\s+提前\s*(?P<early>\d)\s*天)?$"
)
_MONTH_DAY = re.compile(r"^(\d{1,2})-(\d{1,2})$")


@dataclass(frozen=True)
class HolidayRule:
    """A holiday: by which calendar, on which day, for how many days, begun how many earlier.

    ``day`` is month-day, or the name of a solar term. Raises ValueError for what is no day.
    """

    name: str
    by: str
    day: str
    days: int = 1
    early: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(self.days)
        # A leap year has every day that a common year has.
        self.begins(2024)

    def begins(self, year: int) -> date:
        """Return the first day off in a year. Raises ValueError."""
        if self.by == TERM:
            first: date = TermUtils.day_start_from_term(year, self.day)
        else:
            matched = _MONTH_DAY.match(self.day)
            if matched is None:
                raise ValueError(self.day)
            month, day = int(matched[1]), int(matched[2])
            lunar = self.by == LUNAR
            first = LunarDate(year, month, day).to_solar_date() if lunar else date(year, month, day)
        return date(first.year, first.month, first.day) - timedelta(days=self.early)

    @property
    def line(self) -> str:
        """Write it as people edit it: 春节 农历 1-1 4天 提前1天."""
        early = f" 提前{self.early}天" if self.early else ""
        return f"{self.name} {self.by} {self.day} {self.days}天{early}"


# The regulation as revised for 2025: thirteen days.
RULES_OF_2025 = (
    HolidayRule("元旦", COMMON, "1-1"),
    HolidayRule("春节", LUNAR, "1-1", 4, early=1),
    HolidayRule("清明节", TERM, "清明"),
    HolidayRule("劳动节", COMMON, "5-1", 2),
    HolidayRule("端午节", LUNAR, "5-5"),
    HolidayRule("中秋节", LUNAR, "8-15"),
    HolidayRule("国庆节", COMMON, "10-1", 3),
)


def rule_of(line: str) -> HolidayRule:
    """Read a rule as it is typed. Raises ValueError."""
    found = _LINE.match(" ".join(line.split()))
    if found is None:
        raise ValueError(line)
    early = int(found["early"] or 0)
    return HolidayRule(found["name"], found["by"], found["day"], int(found["days"]), early)


@lru_cache(maxsize=512)
def holidays(rules: tuple[HolidayRule, ...], year: int) -> Mapping[date, str]:
    """Name the days off of a year by rules; none outside of the calendars' tables."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return {}
    found: dict[date, str] = {}
    for rule in rules:
        first = rule.begins(year)
        for number in range(rule.days):
            found.setdefault(first + timedelta(days=number), rule.name)
    return dict(sorted(found.items()))


def unpublished(rules: Iterable[HolidayRule], published: Iterable[int]) -> dict[date, bool]:
    """Return the days off of every year to come without a notice, as exceptions of a calendar."""
    known = set(published)
    first = min(known, default=2025)
    years = (year for year in range(first, LAST_YEAR + 1) if year not in known)
    return {day: False for year in years for day in holidays(tuple(rules), year)}
