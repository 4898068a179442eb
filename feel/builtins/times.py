"""Built-ins on dates. Now and today are lent by the host: nothing here reads a clock."""

from __future__ import annotations

from feel import temporal
from feel.builtins.registry import built_in, need_date
from feel.frame import Frame
from feel.values import Value


@built_in("day of year", "date")
def day_of_year(frame: Frame, day: Value) -> int:
    return need_date(day).timetuple().tm_yday


@built_in("day of week", "date")
def day_of_week(frame: Frame, day: Value) -> str:
    return temporal.WEEKDAYS[need_date(day).weekday()]


@built_in("month of year", "date")
def month_of_year(frame: Frame, day: Value) -> str:
    return temporal.MONTHS[need_date(day).month - 1]


@built_in("week of year", "date")
def week_of_year(frame: Frame, day: Value) -> int:
    return need_date(day).isocalendar().week


@built_in("last day of month", "date")
def last_day_of_month(frame: Frame, day: Value) -> Value:
    return temporal.last_day(temporal.day_of(need_date(day)))
