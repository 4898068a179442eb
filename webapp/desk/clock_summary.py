"""The clocks of a case and its task in words: which day it is, what is left, which rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import worktime
from engine.models import Task
from engine.reading.casefile import CaseFile
from engine.terms import lamps
from engine.timing import calendars, clock_adjustments
from engine.timing.clock_adjustments import ClockAdjustments
from engine.worktime import Calendar, Limit
from webapp import clock_labels, display, locales
from webapp.clock import now
from webapp.display import Lamp
from webapp.locales import localize


@dataclass(frozen=True)
class ClockBar:
    """How much of a limit is used, in percent, and from where to where it was paused."""

    percent: int
    pauses: tuple[tuple[int, int], ...] = ()


def bar(
    start: datetime, due: datetime, pauses: Sequence[tuple[datetime, datetime]]
) -> ClockBar | None:
    """Return the picture of a running limit; None where it has no length."""
    whole = (due - start).total_seconds()
    if whole <= 0:
        return None

    def at(when: datetime) -> int:
        return round(100 * min(max((when - start).total_seconds() / whole, 0), 1))

    used = at(now())
    return ClockBar(
        used, tuple((at(begun), at(ended)) for begun, ended in pauses if at(begun) < used)
    )


@dataclass(frozen=True)
class ClockLine:
    """One clock: its name, where it stands, what is left, and why."""

    name: str
    stand: str
    lamp: Lamp | None = None
    remaining: str = ""
    due: datetime | None = None
    rule: str = ""
    pause: str = ""
    bar: ClockBar | None = None


def clocks(db: Session, file: CaseFile, task: Task | None) -> list[ClockLine]:
    """Return the citizen's clock, then signing and handling of the task that is shown."""
    almanac = calendars.load(db)
    lines = [_citizen(file, almanac.office)]
    if task is not None:
        calendar = almanac.of(task.unit_id, task)
        lines.append(_signing(task, calendar))
        lines.append(_handling(db, task, calendar))
    return [line for line in lines if line is not None]


def _citizen(file: CaseFile, calendar: Calendar) -> ClockLine | None:
    case, info = file.case, file.version.definition.process
    name = _("答复时限")
    if case.closed_at is not None:
        took = display.lasting(case.closed_at - case.opened_at)
        return ClockLine(name, _("已办结，历时 %(took)s", took=took))
    if case.answered_at is not None:
        return ClockLine(name, _("%(moment)s 已答复", moment=display.moment(case.answered_at)))
    limit = Limit(info.limit, info.limit_unit or "working_days") if info.limit else None
    away = ClockAdjustments()
    for one in case.answers or ():
        begins, ends = (datetime.fromisoformat(one[end]) for end in ("given", "until"))
        away.pauses.append((begins, ends))
        away.reasons.append(_("已答复"))
    return _running(name, case.opened_at, case.due_at, limit, calendar, "", kept=away)


def _signing(task: Task, calendar: Calendar) -> ClockLine | None:
    name = _("签收时限")
    if task.signed_at is not None:
        return ClockLine(name, _("%(moment)s 已签收", moment=display.moment(task.signed_at)))
    if task.sign_due_at is None:
        return ClockLine(name, _("尚未签收"))
    line = _running(name, task.opened_at, task.sign_due_at, None, calendar, "")
    return line and ClockLine(name, _("尚未签收"), line.lamp, line.remaining, line.due, line.rule)


def _handling(db: Session, task: Task, calendar: Calendar) -> ClockLine | None:
    name = _("办理时限")
    if task.limit_amount is None:
        return ClockLine(name, _("不限时"))
    limit = Limit(task.limit_amount, task.limit_unit or "working_days")
    source = clock_labels.source(task.limit_by or {"source": task.limit_source})
    if task.paused_at is not None:
        since = display.moment(task.paused_at)
        return ClockLine(name, _("自 %(moment)s 起暂停", moment=since), rule=source)
    if task.started_at is None:
        words = localize(worktime.limit_text(limit))
        return ClockLine(name, _("签收后 %(limit)s", limit=words), rule=source)
    kept = ClockAdjustments()
    if worktime.deadline(task.started_at, limit, calendar) != task.due_at:
        # Only what has moved it is asked for.
        kept = clock_adjustments.of_tasks(db, [task])[task.id]
    return _running(name, task.started_at, task.due_at, limit, calendar, source, task.warn_at, kept)


def _running(
    name: str,
    start: datetime,
    due: datetime | None,
    limit: Limit | None,
    calendar: Calendar,
    source: str,
    warn: datetime | None = None,
    kept: ClockAdjustments | None = None,
) -> ClockLine | None:
    if due is None:
        return None
    kept = kept or ClockAdjustments()
    colour = lamps.lamp(due, warn, now())
    stand, rule = "", source
    if limit is not None and worktime.deadline(start, limit, calendar, pauses=kept.pauses) == due:
        why = worktime.explain(start, limit, calendar, now(), pauses=kept.pauses)
        stand, rule = (
            _day(why.day_number, limit, calendar),
            locales.comma_list(filter(None, (source, localize(why.text)))),
        )
    paused = clock_labels.paused(kept.reasons, kept.pauses)
    span = bar(start, due, kept.pauses)
    return ClockLine(
        name, stand, display.lamp(colour), display.time_left(due), due, rule, paused, span
    )


def _day(number: int, limit: Limit, calendar: Calendar) -> str:
    if number == 0:
        # The starting day is not counted: "day 0 of 15" would only puzzle.
        return _("期限 %(limit)s", limit=localize(worktime.limit_text(limit)))
    known = {"number": number, "of": limit.amount}
    if number > limit.amount and limit.unit in ("working_days", "days"):
        over = localize(worktime.limit_text(Limit(number - limit.amount, limit.unit)))
        whole = localize(worktime.limit_text(limit))
        return _("已超 %(over)s（限 %(limit)s）", over=over, limit=whole)
    if limit.unit == "working_days" and not calendar.is_working(calendar.local(now()).date()):
        # What is not worked has no number of its own.
        return _("今天不上班，第 %(number)s / %(of)s 个工作日", **known)
    if limit.unit == "working_days":
        return _("第 %(number)s / %(of)s 个工作日", **known)
    if limit.unit == "days":
        return _("第 %(number)s / %(of)s 天", **known)
    return _("期限 %(limit)s", limit=localize(worktime.limit_text(limit)))
