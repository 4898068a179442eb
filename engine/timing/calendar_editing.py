"""Editing the county's calendars: hours, week, exceptions, who works by which.

A change is written down first as a ``Timetable`` and shown with what it would move; only then
is it saved, in the chain of administration. Whether open deadlines follow is asked each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import CalendarDay, Setting, Unit
from engine.records import audit
from engine.timing import calendars, recalculation_requests
from engine.timing.calendars import ALWAYS, OFFICE, PREFIX, Almanac
from engine.worktime import (
    MONDAY_TO_FRIDAY,
    OFFICE_HOURS,
    RULES_OF_2025,
    Calendar,
    HolidayRule,
    rule_of,
)
from engine.worktime.calendar import Sessions
from feel.text import Text

USES = "uses"
LONGEST_NAME, MOST_DAYS = 40, 4000
BAD_HOURS = Text(
    "请按“08:30-12:00 14:30-18:00”填写，先后有序、不重叠。",
    "Write them like “08:30-12:00 14:30-18:00”, in order and without overlaps.",
)
NO_WORK = Text("一周至少有一个工作日。", "There must be at least one working day per week.")
NO_NAME = Text("请填写名称，不超过 40 个字。", "Give a name of at most 40 characters.")
TOO_MANY = Text("例外日期太多。", "Too many exceptions.")
CHANGED = Text(
    "日历已被别人修改，请重新打开再改。",
    "The calendar has been changed by someone else; open it again.",
)
IN_USE = Text("仍有单位使用此日历。", "Units still use this calendar.")
NO_UNIT = Text("无此编码的单位。", "There is no unit with this code.")
SAME = Text("与当前设置相同。", "This is already set.")
SESSION = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~至]\s*(\d{1,2}:\d{2})")


@dataclass(frozen=True)
class DayOut:
    """A day unlike its weekday: worked or off, and why."""

    working: bool
    name: str = ""


@dataclass(frozen=True)
class Timetable:
    """One calendar as people edit it; ``stamp`` is when it was last changed."""

    key: str
    name: str = ""
    hours: Sessions = OFFICE_HOURS
    week: tuple[bool, ...] = MONDAY_TO_FRIDAY
    # Whether the public holidays of the office's calendar hold here as well.
    holidays: bool = True
    years: frozenset[int] = frozenset()
    # Of the office alone: the holidays that need no notice, for years that have none yet.
    statutory: tuple[HolidayRule, ...] = RULES_OF_2025
    # Whether periods in days end at the close of business and not at 24:00.
    ends_at_close: bool = False
    days: Mapping[date, DayOut] = field(default_factory=dict)
    stamp: datetime | None = None

    def in_year(self, year: int) -> dict[date, DayOut]:
        """Return the exceptions of a year, in order."""
        return {day: one for day, one in sorted(self.days.items()) if day.year == year}

    def with_days(self, years: Iterable[int], days: Mapping[date, DayOut]) -> Timetable:
        """Return the exceptions of whole years replaced, and others put beside what is there."""
        gone = set(years)
        kept = {day: one for day, one in self.days.items() if day.year not in gone}
        return replace(self, days={**kept, **days})

    @property
    def value(self) -> dict[str, Any]:
        """What the setting holds."""
        hours = [[begins.isoformat("minutes"), ends.isoformat("minutes")]
                 for begins, ends in self.hours]  # fmt: skip
        value: dict[str, Any] = {"hours": hours, "years": sorted(self.years)}
        if self.key != OFFICE:
            value |= {"name": self.name, "holidays": self.holidays}
        elif self.statutory != RULES_OF_2025:
            value["statutory"] = [rule.line for rule in self.statutory]
        return {**value, "week": list(self.week), "ends_at_close": self.ends_at_close}


def editable_calendars(db: Session) -> list[Timetable]:
    """Return every calendar that can be edited, the office's first; two statements."""
    names: dict[str, dict[date, DayOut]] = {}
    for row in db.scalars(select(CalendarDay)):
        day = date.fromisoformat(row.day)
        names.setdefault(row.calendar, {})[day] = DayOut(row.working, row.name)
    rows = db.scalars(select(Setting).where(Setting.key.like(f"{PREFIX}%")))
    found = {row.key.removeprefix(PREFIX): row for row in rows}
    found.pop(USES, None)
    made = [_timetable(key, row, names.get(key, {})) for key, row in found.items()]
    return sorted(made, key=lambda one: (one.key != OFFICE, one.name, one.key))


def one(db: Session, key: str) -> Timetable:
    """Return a calendar by its key. Raises NotFound."""
    for found in editable_calendars(db):
        if found.key == key:
            return found
    raise NotFound(key)


def users(db: Session, key: str) -> list[Unit]:
    """Return the units that were given a calendar."""
    uses = _uses(db)
    ids = [int(unit_id) for unit_id, used in uses.items() if used == key]
    return list(db.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.code)))


def hours_of(text: str) -> Sessions:
    """Office hours as they are typed. Raises InvalidInput."""
    try:
        pairs = [(_time(begins), _time(ends)) for begins, ends in SESSION.findall(text)]
        if SESSION.sub("", text).strip(" ,，;；、\n\r\t"):
            raise ValueError(text)
        return Calendar(sessions=tuple(pairs)).sessions
    except ValueError as error:
        raise InvalidInput({"hours": BAD_HOURS}) from error


def rules_of(text: str) -> tuple[HolidayRule, ...]:
    """Holidays by rules as they are typed, one a line.

    Raises InvalidInput with the first bad one.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(rule_of(line))
        except ValueError as error:
            said = Text(
                f"第 {number} 行看不懂，应为“春节 农历 1-1 4天 提前1天”或“清明节 节气 清明 1天”。",
                f"Line {number} is not like “春节 农历 1-1 4天 提前1天” or “清明节 节气 清明 1天”.",
            )
            raise InvalidInput({"statutory": said}) from error
    return tuple(found)


def checked(table: Timetable) -> Timetable:
    """Return the same calendar if it can be one. Raises InvalidInput."""
    if table.key != OFFICE and not 0 < len(table.name) <= LONGEST_NAME:
        raise InvalidInput({"name": NO_NAME})
    if not any(table.week):
        raise InvalidInput({"week": NO_WORK})
    if len(table.days) > MOST_DAYS:
        raise InvalidInput({"days": TOO_MANY})
    return table


def almanac_with(db: Session, table: Timetable) -> Almanac:
    """Return the calendars as they would be with this one."""
    found = calendars.calendar_texts(db)
    found.values[table.key] = table.value
    found.days[table.key] = {day: one.working for day, one in table.days.items()}
    return found.almanac()


def create(db: Session, actor_id: int, name: str, *, now: datetime) -> Timetable:
    """Return a calendar of the county's own, beginning with office hours. Raises InvalidInput."""
    known = {table.key for table in editable_calendars(db)}
    number = next(number for number in range(1, len(known) + 2) if f"own{number}" not in known)
    table = checked(Timetable(f"own{number}", name.strip()))
    office = one(db, OFFICE)
    table = replace(table, hours=office.hours, week=office.week, years=office.years)
    calendars.touch(db, table.value, now, calendar=table.key)
    audit.record_admin(db, "calendar.created", actor_id, _event_data(table), at=now)
    return table


def save(db: Session, actor_id: int, table: Timetable, *, follow: bool, now: datetime) -> Timetable:
    """Write a calendar; ``follow`` has the open deadlines recalculated in the background.

    Raises NotFound, InvalidInput, Conflict when somebody changed it meanwhile or nothing changes.
    """
    before = one(db, table.key)
    if before.stamp != table.stamp:
        raise Conflict(table.key, text=CHANGED)
    if replace(checked(table), stamp=before.stamp) == before:
        raise Conflict(table.key, text=SAME)
    db.execute(delete(CalendarDay).where(CalendarDay.calendar == table.key))
    db.add_all(
        CalendarDay(
            calendar=table.key, day=day.isoformat(), working=one.working, name=one.name[:64]
        )
        for day, one in table.days.items()
    )
    calendars.touch(db, table.value, now, calendar=table.key)
    data = {**_event_data(table), **_difference(before, table), "follow": follow}
    audit.record_admin(db, "calendar.changed", actor_id, data, at=now)
    if follow:
        recalculation_requests.ask(db, "calendar", now=now, by_id=actor_id)
    return table


def use(
    db: Session, actor_id: int, unit: Unit, key: str | None, *, follow: bool, now: datetime
) -> None:
    """Assign a calendar to a unit and its subtree, or return to the one above.

    Raises NotFound for a calendar that is not one, Conflict where it is so already.
    """
    if key not in (None, ALWAYS):
        one(db, key or "")
    uses = _uses(db)
    if uses.get(str(unit.id)) == key:
        raise Conflict(unit.id, text=SAME)
    uses.pop(str(unit.id), None)
    if key is not None:
        uses[str(unit.id)] = key
    calendars.touch(db, dict(uses), now, calendar=USES)
    data = {"unit": unit.id, "name": unit.name, "calendar": key, "follow": follow}
    audit.record_admin(db, "calendar.used", actor_id, data, at=now)
    if follow:
        recalculation_requests.ask(db, "calendar", now=now, unit_id=unit.id, by_id=actor_id)


def remove(db: Session, actor_id: int, key: str, *, now: datetime) -> None:
    """Take a calendar of the county's own away. Raises NotFound, Conflict while it is used."""
    table = one(db, key)
    if key == OFFICE:
        raise NotFound(key)
    if key in _uses(db).values():
        raise Conflict(key, text=IN_USE)
    db.execute(delete(CalendarDay).where(CalendarDay.calendar == key))
    db.execute(delete(Setting).where(Setting.key == f"{PREFIX}{key}"))
    # A moment that is gone would look like an earlier one: the change has one of its own.
    calendars.touch(db, dict(_uses(db)), now, calendar=USES)
    audit.record_admin(db, "calendar.removed", actor_id, _event_data(table), at=now)


def _uses(db: Session) -> dict[str, str]:
    row = db.get(Setting, f"{PREFIX}{USES}")
    return dict(row.value) if row is not None else {}


def _timetable(key: str, row: Setting, days: Mapping[date, DayOut]) -> Timetable:
    value = row.value
    return Timetable(
        key,
        str(value.get("name", "")),
        tuple((_time(begins), _time(ends)) for begins, ends in value["hours"]),
        tuple(value.get("week", MONDAY_TO_FRIDAY)),
        bool(value.get("holidays", True)),
        frozenset(value["years"]),
        calendars.statutory_of(value),
        bool(value.get("ends_at_close", False)),
        days,
        row.changed_at,
    )


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    # 24:00 is how people write the end of a day.
    return time(0) if (hour, minute) == ("24", "00") else time(int(hour), int(minute))


def _event_data(table: Timetable) -> dict[str, Any]:
    return {"calendar": table.key, **table.value}


def _difference(before: Timetable, after: Timetable) -> dict[str, Any]:
    """Return the days that changed, for the chain."""
    days = sorted({*before.days, *after.days})
    changed = [day for day in days if before.days.get(day) != after.days.get(day)]
    return {
        "days": {
            day.isoformat(): None if (found := after.days.get(day)) is None else found.working
            for day in changed
        }
    }
