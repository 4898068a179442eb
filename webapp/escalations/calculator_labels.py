"""A calculated deadline in words: how it was counted, day by day, and what would fire."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from engine.timing.calculator import CalculatedClock, CalculatorDay, ExpectedRung
from engine.worktime import explain
from webapp import clock_labels
from webapp.clock import now
from webapp.locales import localize


def why(found: CalculatedClock) -> str:
    """Return how it was counted, with the articles."""
    return localize(explain(found.start, found.limit, found.calendar, now()).text)


def day(one: CalculatorDay, names: dict[date, str]) -> str:
    """Return what a day is on the way."""
    name = names.get(one.day, "")
    if not one.working:
        said = _("放假 %(name)s", name=name) if one.exception else _("休息日")
    elif one.exception:
        said = _("调休上班 %(name)s", name=name)
    else:
        said = _("工作日")
    return said.strip()


def passed(one: CalculatorDay, found: CalculatedClock) -> str:
    """Return how much of the limit has passed at the end of the day."""
    if found.limit.unit in ("months", "years"):
        return ""
    if found.limit.unit.endswith("hours"):
        return _("累计 %(count)s 小时", count=one.passed)
    if one.day == found.calendar.local(found.start).date():
        return _("开始当日，不计入")
    if found.limit.unit == "working_days" and not one.working:
        return _("不计")
    return _("第 %(count)s 天", count=one.passed)


def act(ring: ExpectedRung) -> str:
    """Return what a rung does, and for whom."""
    return clock_labels.rung(ring.rung.act, ring.rung.levels_up, ring.rung.role)
