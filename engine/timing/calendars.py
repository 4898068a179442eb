"""The county's working calendars: editable tables, the office's seeded from published holidays.

Beside the office's calendar there is one that never closes, and a county may have its own: a
hotline that answers on Sundays, a duty room. A unit, with all under it, works by the calendar
of the nearest unit above it that was given one, else by the office's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, make_url, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import CalendarDay, Setting
from engine.models.base import STAMPED_LEVELS, AncestorColumns
from engine.timing import config_stamp, emergencies
from engine.timing.emergencies import ActiveProfile
from engine.worktime import (
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    OFFICE_HOURS,
    ROUND_THE_CLOCK,
    RULES_OF_2025,
    Calendar,
    HolidayRule,
    published_calendar,
    published_days,
    published_names,
    published_years,
    rule_of,
    unpublished,
)

PREFIX = config_stamp.CALENDARS
OFFICE, ALWAYS = "office", "always"
KEY = f"{PREFIX}{OFFICE}"
# Which unit works by which calendar: ``{"<unit id>": "<calendar>"}``.
USES = f"{PREFIX}uses"


@dataclass(frozen=True)
class Almanac:
    """Every calendar, who works by which, and the emergency profiles that are on."""

    calendars: Mapping[str, Calendar]
    uses: Mapping[int, str] = field(default_factory=dict)
    emergencies: tuple[ActiveProfile, ...] = ()

    @property
    def office(self) -> Calendar:
        """The calendar of ordinary offices."""
        return self.calendars[OFFICE]

    def key_of(self, unit_id: int, stamps: AncestorColumns) -> str:
        """Return the calendar that a unit works by: its own, else the nearest above it, else the
        office's.

        ``stamps`` are the unit's ancestors, as they stand on the unit or on a row of it.
        """
        if not self.uses:
            return OFFICE
        above = (getattr(stamps, f"at_{level}") for level in reversed(STAMPED_LEVELS))
        for one in (unit_id, *above):
            if one in self.uses and self.uses[one] in self.calendars:
                return self.uses[one]
        return OFFICE

    def of(self, unit_id: int, stamps: AncestorColumns) -> Calendar:
        """Return the calendar that a unit works by."""
        return self.calendars[self.key_of(unit_id, stamps)]

    def profile_of(self, unit_id: int, stamps: AncestorColumns) -> ActiveProfile | None:
        """Return the emergency profile over a unit: the nearest above it counts."""
        return emergencies.over(self.emergencies, unit_id, stamps)


def seed(db: Session, now: datetime) -> None:
    """Write office hours and every published year's exceptions; replaces what was there."""
    db.execute(delete(CalendarDay).where(CalendarDay.calendar == OFFICE))
    for year in sorted(published_years()):
        names = published_names(year)
        db.add_all(
            CalendarDay(
                calendar=OFFICE,
                day=day.isoformat(),
                working=working,
                name=names[day].zh if day in names else "",
            )
            for day, working in (published_days(year) or {}).items()
        )
    hours = [[start.isoformat("minutes"), end.isoformat("minutes")] for start, end in OFFICE_HOURS]
    touch(db, {"hours": hours, "years": sorted(published_years())}, now)


def touch(db: Session, value: dict[str, object], now: datetime, *, calendar: str = OFFICE) -> None:
    """Store hours and published years; from the commit on, every process reads again."""
    config_stamp.touch(db, f"{PREFIX}{calendar}", value, now)


def at_stamp(db: Session, stamp: datetime | None) -> Almanac:
    """Return the calendars as of their last change, built at most once a process; seeded or not."""
    if stamp is None:
        return Almanac({OFFICE: unseeded(), ALWAYS: always()})
    key = (str(db.get_bind().engine.url), stamp)
    if key not in _built:
        built = calendar_texts(db).almanac()
        _built.clear()
        _built[key] = built
    return _built[key]


def load(db: Session) -> Almanac:
    """Return the calendars in force, in one statement where they have not changed."""
    return at_stamp(db, db.scalar(select(config_stamp.in_force())))


def load_calendar(db: Session) -> Calendar:
    """Return the office's calendar in force."""
    return load(db).office


def cached_calendar() -> Calendar:
    """Return the office's calendar as this process last read it, without asking the database."""
    ours = _shown_url(settings.current().database_url)
    found = (built.office for (url, _stamp), built in _built.items() if url == ours)
    return next(found, None) or unseeded()


@lru_cache(maxsize=4)
def _shown_url(database_url: str) -> str:
    """Return a database's address as the engine shows it."""
    return str(make_url(database_url))


def unseeded() -> Calendar:
    """Return the office's calendar as published, before anybody edited it."""
    return _unseeded(settings.current().timezone)


@lru_cache(maxsize=4)
def _unseeded(timezone: str) -> Calendar:
    # Made once: a calendar keeps what it has worked out about its days.
    return replace(published_calendar(), zone=ZoneInfo(timezone))


def always() -> Calendar:
    """Return the calendar of those who never close."""
    return Calendar(zone=_zone(), sessions=ROUND_THE_CLOCK, week=EVERY_DAY)


@dataclass(frozen=True)
class CalendarTexts:
    """Every calendar as it is written down: settings by calendar, exceptions by day, uses."""

    values: dict[str, dict[str, Any]]
    days: dict[str, dict[date, bool]]
    uses: dict[int, str]
    emergencies: tuple[ActiveProfile, ...]

    def almanac(self) -> Almanac:
        """Return what follows from it."""
        rules = statutory_of(self.values.get(OFFICE, {}))
        made = {key: _calendar(value, self.days, key, rules) for key, value in self.values.items()}
        made.setdefault(OFFICE, unseeded())
        calendars = MappingProxyType({**made, ALWAYS: always()})
        return Almanac(calendars, MappingProxyType(self.uses), self.emergencies)


def calendar_texts(db: Session) -> CalendarTexts:
    """Return what stands in the tables; three statements."""
    values = {
        row.key.removeprefix(PREFIX): dict(row.value)
        for row in db.scalars(select(Setting).where(Setting.key.like(f"{PREFIX}%")))
    }
    uses = {int(unit_id): key for unit_id, key in values.pop("uses", {}).items()}
    days: dict[str, dict[date, bool]] = {}
    for row in db.scalars(select(CalendarDay)):
        days.setdefault(row.calendar, {})[date.fromisoformat(row.day)] = row.working
    return CalendarTexts(values, days, uses, emergencies.in_force(db))


def statutory_of(value: Mapping[str, Any]) -> tuple[HolidayRule, ...]:
    """Return the holidays that need no notice, as the office's calendar has them written down."""
    lines = value.get("statutory")
    return RULES_OF_2025 if lines is None else tuple(rule_of(line) for line in lines)


def _calendar(
    value: Mapping[str, Any],
    days: Mapping[str, dict[date, bool]],
    key: str,
    rules: tuple[HolidayRule, ...],
) -> Calendar:
    """A county's own calendar keeps the public holidays, unless it is said not to.

    A year without a notice has those that need none.
    """
    holidays: dict[date, bool] = {}
    if value.get("holidays", True):
        holidays = {**unpublished(rules, value["years"]), **days.get(OFFICE, {})}
    return Calendar(
        zone=_zone(),
        sessions=tuple(
            (time.fromisoformat(start), time.fromisoformat(end)) for start, end in value["hours"]
        ),
        days={**holidays, **days.get(key, {})},
        published_years=frozenset(value["years"]),
        week=tuple(value.get("week", MONDAY_TO_FRIDAY)),
        ends_at_close=bool(value.get("ends_at_close", False)),
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.current().timezone)


_built: dict[tuple[str, datetime], Almanac] = {}
