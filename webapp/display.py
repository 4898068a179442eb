"""How moments, deadlines and lamps are said on the screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Flask

from engine import roles, settings, worktime
from engine.terms import lamps, levels, priorities
from engine.timing import calendars
from engine.worktime import Calendar
from webapp.clock import now
from webapp.locales import localize


class HasDeadline(Protocol):
    """Anything with a running deadline: a task, a row of a list, a case."""

    @property
    def deadline_at(self) -> datetime | None:
        """When the running clock ends."""

    @property
    def warn_at(self) -> datetime | None:
        """When it turns yellow."""


@dataclass(frozen=True)
class Lamp:
    """A colour with its word; the icon comes from the style sheet."""

    colour: str
    word: str


def init_app(app: Flask) -> None:
    """Give templates the words for time."""
    times = (time_left, left_of, moment, exact, minute, lasting, local_day)
    for function in (*times, size, role_name, level_name, priority_name):
        app.add_template_filter(function)
    app.jinja_env.globals["lamp_of"] = lamp_of
    app.jinja_env.globals["is_pressing"] = is_pressing
    app.jinja_env.globals["now"] = now
    app.jinja_env.globals["most_mb"] = most_mb


def lamp_of(clocked: HasDeadline) -> Lamp:
    """Return the lamp of a running clock at this moment."""
    # A co-handler's answer or a demand cannot be suspended.
    paused = getattr(clocked, "paused_at", None) is not None
    return lamp(lamps.lamp(clocked.deadline_at, clocked.warn_at, now(), paused=paused))


def lamp(colour: str) -> Lamp:
    """Return a lamp by its colour."""
    return Lamp(colour, localize(lamps.NAMES[colour]))


def calendar() -> Calendar:
    """Return the office calendar by which what is left is said."""
    return calendars.cached_calendar()


def time_left(due: datetime) -> str:
    """Return what is left until a deadline, or how long it has been over."""
    return localize(worktime.remaining(now(), due, calendar()).wording)


def left_of(clocked: HasDeadline) -> str:
    """Return the same of a task, told in the unit of its limit once that limit has passed."""
    due, unit = clocked.deadline_at, getattr(clocked, "limit_unit", None)
    if due is None:
        return ""
    # The time to sign has a limit of its own, which a row of a list does not name.
    handled = getattr(clocked, "signed_at", None) is not None
    late = handled and unit is not None and due <= now()
    words = worktime.late_text(now(), due, unit, calendar()) if late and unit else None
    return localize(words) if words is not None else time_left(due)


def moment(when: datetime | None, ending: bool = False) -> str:
    """Return a moment as people say it: 今天 16:00, 11月22日 16:00."""
    return (
        ""
        if when is None
        else localize(worktime.moment_text(when, now(), calendar(), ending=ending))
    )


def exact(when: datetime) -> str:
    """Return a moment to the second, in the zone of the office, for hovering and for records."""
    return f"{local(when):%Y-%m-%d %H:%M:%S}"


def minute(when: datetime) -> str:
    """Return a moment to the minute, as papers say it: 2026-11-22 16:00."""
    return f"{local(when):%Y-%m-%d %H:%M}"


def local_day(when: datetime) -> str:
    """Return the local day of a moment: 2026-11-22."""
    return f"{local(when):%Y-%m-%d}"


def local(when: datetime) -> datetime:
    """Return a moment in the zone of the screens."""
    return when.astimezone(ZoneInfo(settings.current().timezone))


def lasting(length: timedelta) -> str:
    """Return how long something took: 2 小时 10 分."""
    return localize(worktime.duration_text(length))


def size(octets: int) -> str:
    """Return the size of a file: 340 KB, 1.2 MB."""
    if octets < 1024 * 1024:
        return f"{max(1, round(octets / 1024))} KB"
    return f"{octets / 1024 / 1024:.1f} MB"


def most_mb() -> int:
    """Return how large a file may be here, in MB."""
    return settings.current().upload_mb


def role_name(role: str) -> str:
    """Return the role as the screens call it."""
    words = localize(roles.name_of(role))
    return words[:1].upper() + words[1:]


def level_name(level: str) -> str:
    """Return the level as the screens call it."""
    words = localize(levels.NAMES.get(level, level))
    return words[:1].upper() + words[1:]


def is_pressing(priority: Any) -> bool:
    """Return whether a list says the priority beside the title."""
    return priority in priorities.PRESSING


def priority_name(priority: Any) -> str:
    """Return the priority as the screens call it."""
    return localize(priorities.NAMES.get(priority, priority or ""))
