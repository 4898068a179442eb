"""The calculator: what if it had been opened on Friday at four, for any step or limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import calendars, settings, timetables, versions, whatif
from engine.bpmn.nodes import MANUAL_KINDS
from engine.calendars import ALWAYS, OFFICE
from engine.clocks import CITIZEN, HANDLE, Clockwork
from engine.db import reading
from engine.whatif import Asked, Reckoned
from engine.work import works_in_force
from engine.worktime import Calendar, Limit
from webapp import display
from webapp.clock import now
from webapp.desk import clockwords
from webapp.desk.names import node_name
from webapp.escalations import blueprint, pathwords

PRIORITIES = ("一般", "重要", "紧急")
MOST = 1000


@dataclass
class Sheet:
    """What was asked and what came out."""

    steps: list[tuple[str, str]]
    calendars: list[tuple[str, str]]
    units: list[tuple[str, str]]
    levels: list[tuple[str, str]]
    priorities: list[tuple[str, str]]
    start: str
    found: list[Reckoned] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    names: dict[date, str] = field(default_factory=dict)


@blueprint.get("/calculator")
def calculator() -> str:
    """Reckon a deadline without any case; the address holds the question, so it can be shared."""
    with reading() as db:
        sheet = _sheet(db)
        if request.args.get("start"):
            _reckon(db, sheet)
    return render_template(
        "escalations/calculator.html", sheet=sheet, words=clockwords, how=pathwords
    )


def _sheet(db: Session) -> Sheet:
    steps = []
    for version in versions.currents(db, now()):
        name = node_name(version)
        steps.append((f"{version.process}/", _("%(process)s：整个事项（群众时钟）", process=name)))
        nodes = versions.load(db, version.id).definition.nodes.values()
        steps += [
            (
                f"{version.process}/{node.id}",
                _("%(process)s：%(step)s", process=name, step=node_name(node)),
            )
            for node in nodes
            if node.kind in MANUAL_KINDS
        ]
    tables = timetables.listed(db)
    names = [
        (one.key, clockwords.calendar_name(one.key) if one.key == OFFICE else one.name)
        for one in tables
    ]
    start = request.args.get("start") or f"{display.local(now()):%Y-%m-%dT%H:%M}"
    found = Sheet(
        steps,
        [*names, (ALWAYS, clockwords.calendar_name(ALWAYS))],
        limit_units(),
        [(level, display.level_name(level)) for level in settings.current().levels],
        [(one, display.priority_name(one)) for one in PRIORITIES],
        start,
    )
    chosen = next((one for one in tables if one.key == request.args.get("calendar")), tables[0])
    found.names = {day: one.name for day, one in tables[0].days.items() if one.name}
    found.names |= {day: one.name for day, one in chosen.days.items() if one.name}
    return found


def _reckon(db: Session, sheet: Sheet) -> None:
    args = request.args
    key = args.get("calendar", OFFICE)
    almanac = calendars.load(db)
    calendar = almanac.calendars.get(key, almanac.office)
    start = _start(args.get("start", ""), calendar)
    if start is None:
        sheet.error = _("请填写正确的开始时间。")
        return
    process, _slash, step = args.get("step", "").partition("/")
    known = dict(sheet.levels)
    level = args.get("level", "") if args.get("level") in known else next(reversed(known))
    priority = args.get("priority", "") or PRIORITIES[0]
    asked = Asked(process[:64], level, args.get("category", "")[:64] or None, priority[:16])
    works = works_in_force(db, now())
    limit = _limit(args.get("amount", ""), args.get("limit_unit", ""))
    if args.get("amount") and limit is None:
        sheet.error = _("期限须为 0 到 1000 的整数。")
    elif limit is not None:
        kind = HANDLE if step else CITIZEN
        found = whatif.of_limit(works, calendar, asked, step or None, kind, limit, start)
        sheet.found = [found]
    else:
        _of_rule(db, sheet, works, calendar, asked, step, start)


def _of_rule(
    db: Session,
    sheet: Sheet,
    works: Clockwork,
    calendar: Calendar,
    asked: Asked,
    step: str,
    start: datetime,
) -> None:
    """By the rule of the step, or by the promise of the process to the citizen."""
    version = next(
        (one for one in versions.currents(db, now()) if one.process == asked.process), None
    )
    if version is None:
        sheet.error = _("请选择环节，或者填写期限。")
        return
    definition = versions.load(db, version.id).definition
    info, node = definition.process, definition.nodes.get(step)
    if node is not None:
        sheet.found = whatif.of_step(works, calendar, asked, node, start)
        if not any(one.kind == HANDLE for one in sheet.found):
            sheet.notes.append(_("这个环节的办理期限由分流表逐件确定，请填写期限再算。"))
    elif info.limit is not None:
        limit = Limit(info.limit, info.limit_unit or "working_days")
        # The citizen's clock goes by the office's calendar, whoever works by another.
        office = calendars.load(db).office
        sheet.found = [whatif.of_limit(works, office, asked, None, CITIZEN, limit, start)]
    else:
        sheet.notes.append(_("这个流程没有向群众承诺期限。"))


def _start(text: str, calendar: Calendar) -> datetime | None:
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return None
    if typed.tzinfo is not None or not 2000 <= typed.year <= 2100:
        return None
    return calendar.moment(typed.date(), typed.time())


def _limit(amount: str, unit: str) -> Limit | None:
    if not (amount.isascii() and amount.isdigit() and len(amount) < 5 and int(amount) <= MOST):
        return None
    known = unit if unit in dict(limit_units()) else "working_days"
    return Limit(min(int(amount), 100) if known == "years" else int(amount), known)


def limit_units() -> list[tuple[str, str]]:
    """Every unit of a limit."""
    return [
        ("working_days", _("个工作日")),
        ("working_hours", _("个工作小时")),
        ("hours", _("小时（昼夜连续）")),
        ("days", _("天")),
        ("months", _("个月")),
        ("years", _("年")),
    ]
