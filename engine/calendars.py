"""The county's working calendar: an editable table, seeded from the published holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ScalarSelect, delete, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import CalendarDay, Setting
from engine.worktime import (
    OFFICE_HOURS,
    Calendar,
    published_calendar,
    published_days,
    published_names,
    published_years,
)

KEY = "calendar.office"
OFFICE = "office"


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


def touch(db: Session, value: dict[str, object], now: datetime) -> None:
    """Store hours and published years; from the commit on, every process reads anew."""
    db.merge(Setting(key=KEY, value=value, changed_at=now))


def stamp_in_force() -> ScalarSelect[datetime]:
    """When the calendar was last changed, as a subquery for a caller's own statement."""
    return select(Setting.changed_at).where(Setting.key == KEY).scalar_subquery()


def at_stamp(db: Session, stamp: datetime | None) -> Calendar:
    """The calendar as of its last change, built at most once a process; seeded or not."""
    if stamp is None:
        return replace(published_calendar(), zone=ZoneInfo(settings.current().timezone))
    key = (str(db.get_bind().engine.url), stamp)
    if key not in _built:
        _built.clear()
        _built[key] = _build(db)
    return _built[key]


def load_calendar(db: Session) -> Calendar:
    """The working calendar in force, in one statement where it has not changed."""
    return at_stamp(db, db.scalar(select(stamp_in_force())))


def _build(db: Session) -> Calendar:
    value = db.get_one(Setting, KEY).value
    rows = db.scalars(select(CalendarDay).where(CalendarDay.calendar == OFFICE))
    return Calendar(
        zone=ZoneInfo(settings.current().timezone),
        sessions=tuple(
            (time.fromisoformat(start), time.fromisoformat(end)) for start, end in value["hours"]
        ),
        days={date.fromisoformat(row.day): row.working for row in rows},
        published_years=frozenset(value["years"]),
    )


_built: dict[tuple[str, datetime], Calendar] = {}
