"""The county's calendars: a year at a glance, edited as text or from a file, previewed, saved."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.errors import InvalidInput, NotFound, Refusal
from engine.models import Unit
from engine.reports import deadline_preview
from engine.storage.db import reading, transaction
from engine.timing import calendar_editing, calendars, holiday_files
from engine.timing.calendar_editing import Timetable
from engine.timing.calendars import ALWAYS, OFFICE
from engine.worktime import Calendar, HolidayRule, holidays
from webapp import display
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import offered, require
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now
from webapp.locales import localize
from webapp.statuses import status_of

SHOWN = 50
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass
class CalendarPage:
    """A calendar being looked at or edited: one year of it, and what was refused."""

    table: Timetable
    year: int
    working: Calendar
    units: list[Unit]
    # The office's, which hold for every calendar that keeps the public holidays.
    statutory: tuple[HolidayRule, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""

    @property
    def months(self) -> list[tuple[int, list[list[date | None]]]]:
        """The year by months and weeks, Monday first; None where a week is another month's."""
        weeks = gregorian.Calendar().monthdatescalendar
        return [
            (
                month,
                [[day if day.month == month else None for day in week] for week in found],
            )
            for month, found in ((month, weeks(self.year, month)) for month in range(1, 13))
        ]


@blueprint.get("/calendars")
def work_calendars() -> str:
    """Every calendar, who works by it, and which years are published."""
    require()
    with reading() as db:
        tables = calendar_editing.editable_calendars(db)
        used = {
            key: calendar_editing.users(db, key) for key in [*(one.key for one in tables), ALWAYS]
        }
    return render_template("admin/calendars.html", tables=tables, used=used, always=ALWAYS)


@blueprint.get("/calendars/<key>")
def work_calendar(key: str) -> str:
    """One calendar: a year at a glance, its hours and its exceptions to edit."""
    require()
    return _render(_page(key))


@blueprint.post("/calendars/<key>/preview")
def preview_calendar(key: str) -> Answer:
    """What was typed or came in a file, and which open deadlines would move; saves nothing."""
    require()
    try:
        with reading() as db:
            before = calendar_editing.one(db, key)
            after = _posted_timetable(before)
            almanac = calendar_editing.almanac_with(db, after)
            moved = deadline_preview.preview(db, current_actor(), almanac, now())
    except InvalidInput as error:
        return _refused(key, error)
    days = _changed_days(before, after)
    if not days and replace(after, days=before.days) == before:
        return _refused(key, InvalidInput({"days": calendar_editing.SAME}))
    return render_template(
        "admin/calendar_preview.html",
        before=before,
        after=after,
        days=days,
        moved=moved,
        shown=moved.shifts[:SHOWN],
        lines=holiday_files.lines(after.days),
        hours=hours_text,
        week=week_text,
        statutory=statutory_text,
        name=name_of(before),
    )


@blueprint.post("/calendars/<key>/save")
def save_calendar(key: str) -> Answer:
    """Save what the preview showed; the open deadlines follow if that was chosen."""
    require()
    follow = request.form.get("follow") == "yes"
    try:
        with transaction() as db:
            table = _confirmed(calendar_editing.one(db, key))
            calendar_editing.save(db, current_actor().user_id, table, follow=follow, now=now())
    except InvalidInput as error:
        return _refused(key, error)
    except Refusal as error:
        page = _page(key)
        page.message = localize(error.text)
        return _render(page), status_of(error)
    flash(_("已保存，正在后台重新计算在办事项期限。") if follow else _("已保存。"), "success")
    return redirect(url_for("admin.work_calendar", key=key, year=request.form.get("year")), 303)


@blueprint.route("/calendars/new", methods=["GET", "POST"])
def new_calendar() -> Answer:
    """A calendar of the county's own."""
    require()
    change = ChangeForm(
        title=_("新建工作日历"),
        button=_("新建"),
        back=url_for("admin.work_calendars"),
        consequence=(_("默认采用机关上班时间和法定节假日；新建后可修改。"),),
        fields=(ChangeField("name", _("名称"), longest=calendar_editing.LONGEST_NAME),),
    )

    def act(db: Session) -> Timetable:
        return calendar_editing.create(db, current_actor().user_id, posted_text("name"), now=now())

    return carry_out(change, act, lambda made: _to(made.key, _("已新建。")))


@blueprint.route("/calendars/<key>/remove", methods=["GET", "POST"])
def remove_calendar(key: str) -> Answer:
    """Take a calendar away that nobody works by."""
    require()
    with reading() as db:
        table = calendar_editing.one(db, key)
    if key == OFFICE:
        raise NotFound(key)
    change = ChangeForm(
        title=_("删除日历：%(name)s", name=table.name),
        button=_("删除"),
        back=url_for("admin.work_calendar", key=key),
        danger=True,
    )

    def act(db: Session) -> None:
        calendar_editing.remove(db, current_actor().user_id, key, now=now())

    return carry_out(change, act, lambda _done: _to(None, _("已删除。")))


@blueprint.route("/calendars/units", methods=["GET", "POST"])
def calendar_of_unit() -> Answer:
    """Assign a calendar to a unit and its subtree, or return to the one above."""
    require()
    with reading() as db:
        options = [
            (one.key, name_of(one))
            for one in calendar_editing.editable_calendars(db)
            if one.key != OFFICE
        ]
    options += [(ALWAYS, _("全天候（24 小时）")), ("", _("不单独指定，随上级单位"))]
    code, key = request.args.get("unit", ""), request.args.get("calendar", ALWAYS)
    change = ChangeForm(
        title=_("单位使用的日历"),
        button=_("保存"),
        back=url_for("admin.work_calendars"),
        consequence=(_("该单位及其下级单位均按此日历计算；答复时限始终按机关工作日历。"),),
        fields=(
            ChangeField("unit", _("单位编码"), value=code, longest=32),
            ChangeField(
                "calendar", _("日历"), "select", value=key, options=options, required=False
            ),
            follow_field(),
        ),
    )

    def act(db: Session) -> None:
        unit = db.scalar(select(Unit).where(Unit.code == posted_text("unit")))
        if unit is None:
            raise InvalidInput({"unit": calendar_editing.NO_UNIT})
        used, follow = posted_text("calendar") or None, posted_text("follow") == "yes"
        calendar_editing.use(db, current_actor().user_id, unit, used, follow=follow, now=now())

    return carry_out(change, act, lambda _done: _to(None, _("已保存。")))


def follow_field() -> ChangeField:
    """Return whether what is open follows."""
    options = [("yes", _("重新计算在办事项的期限")), ("no", _("只用于以后开始的时限"))]
    return ChangeField("follow", _("在办的事项"), "select", value="yes", options=options)


def name_of(table: Timetable) -> str:
    """Return the calendar as the screens call it."""
    return _("机关工作日历") if table.key == OFFICE else table.name


def hours_text(table: Timetable) -> str:
    """Hours as they are typed: 08:30-12:00 14:30-18:00."""
    return " ".join(
        f"{begins:%H:%M}-{'24:00' if ends == ends.min else f'{ends:%H:%M}'}"
        for begins, ends in table.hours
    )


def week_text(table: Timetable) -> str:
    """Return the days of the week that are worked."""
    return " ".join(name for name, works in zip(weekdays(), table.week, strict=True) if works)


def weekdays() -> list[str]:
    """Monday to Sunday."""
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def _posted_timetable(before: Timetable) -> Timetable:
    """Return the calendar as the form has it: hours, week, and either the year's lines or a
    file.
    """
    year = _year()
    upload = request.files.get("file")
    table = _fields(before)
    if upload is not None and upload.filename:
        notice = holiday_files.from_file(upload.stream.read(holiday_files.LARGEST + 1))
        table = table.with_days(notice.years, notice.days)
        return calendar_editing.checked(replace(table, years=table.years | notice.years))
    days = holiday_files.as_lines(request.form.get("days", ""))
    published = request.form.get("published") == "yes"
    years = table.years | {year} if published else table.years - {year}
    return calendar_editing.checked(replace(table.with_days({year}, days), years=years))


def _confirmed(before: Timetable) -> Timetable:
    """Return the calendar as the preview showed it, whole; made from the stamp that it showed."""
    days = holiday_files.as_lines(request.form.get("days", ""))
    years = frozenset(
        int(one) for one in request.form.getlist("years") if one.isascii() and one.isdigit()
    )
    stamp = before.stamp if posted_text("stamp") == _stamp(before) else None
    return replace(_fields(before), days=days, years=years, stamp=stamp)


def _fields(before: Timetable) -> Timetable:
    week = request.form.getlist("week")
    return replace(
        before,
        name=posted_text("name") if before.key != OFFICE else before.name,
        hours=calendar_editing.hours_of(request.form.get("hours", "")),
        week=tuple(str(day) in week for day in range(7)),
        holidays=before.key == OFFICE or request.form.get("holidays") == "yes",
        statutory=_statutory(before),
        ends_at_close=request.form.get("ends_at") == "close",
    )


def _statutory(before: Timetable) -> tuple[HolidayRule, ...]:
    """Return the rules as typed; only the office's calendar has any."""
    text = request.form.get("statutory")
    return before.statutory if text is None else calendar_editing.rules_of(text)


def statutory_text(table: Timetable) -> str:
    """Return the holidays that need no notice, one a line."""
    return "\n".join(rule.line for rule in table.statutory)


def _stamp(table: Timetable) -> str:
    return table.stamp.isoformat() if table.stamp is not None else ""


def _changed_days(before: Timetable, after: Timetable) -> list[tuple[date, Any, Any]]:
    days = sorted({*before.days, *after.days})
    pairs = ((day, before.days.get(day), after.days.get(day)) for day in days)
    return [(day, old, new) for day, old, new in pairs if old != new]


def _year() -> int:
    text = request.values.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else display.local(now()).year


def _page(key: str) -> CalendarPage:
    with reading() as db:
        table = calendar_editing.one(db, key)
        working = calendars.load(db).calendars[key]
        rules = calendar_editing.one(db, OFFICE).statutory if key != OFFICE else table.statutory
        units = calendar_editing.users(db, key)
        return CalendarPage(table, _year(), working, units, rules)


def _refused(key: str, error: InvalidInput) -> tuple[str, int]:
    page = _page(key)
    page.errors = {name: localize(text) for name, text in error.errors.items()}
    return _render(page), status_of(error)


def _render(page: CalendarPage) -> str:
    lines = holiday_files.lines(page.table.in_year(page.year))
    return render_template(
        "admin/calendar.html",
        page=page,
        table=page.table,
        name=name_of(page.table),
        hours=request.form.get("hours", hours_text(page.table)),
        lines=request.form.get("days", lines),
        weekdays=weekdays(),
        ticked=_ticked(page.table),
        statutory=request.form.get("statutory", statutory_text(page.table)),
        provisional=_provisional(page),
        missing=page.working.notice_missing(now()),
        office=OFFICE,
    )


def _provisional(page: CalendarPage) -> Mapping[date, str]:
    """Return the holidays that a year without a notice has by rules, by name."""
    if page.table.key != OFFICE and not page.table.holidays:
        return {}
    provisional = page.working.provisional(page.year)
    return holidays(page.statutory, page.year) if provisional else {}


def _ticked(table: Timetable) -> list[str]:
    """Return the days of the week as typed, else as they are."""
    if request.method == "POST":
        return request.form.getlist("week")
    return [str(day) for day, works in enumerate(table.week) if works]


def _to(key: str | None, words: str) -> Response:
    flash(words, "success")
    where = url_for("admin.work_calendar", key=key) if key else url_for("admin.work_calendars")
    return redirect(where, 303)


blueprint.app_context_processor(
    lambda: {
        "calendar_stamp": _stamp,
        "calendar_name": name_of,
        "calendar_hours": hours_text,
        "calendar_week": week_text,
        "calendars_offered": offered,
        "weekdays": weekdays,
    }
)
