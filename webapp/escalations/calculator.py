"""The calculator: what if it had been opened on Friday at four, for any step or limit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from flask import render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import settings
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.bpmn.errors import EngineFault
from engine.bpmn.nodes import CASE_LIMIT
from engine.casework.clockwork import works_in_force
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.storage.db import reading
from engine.terms.priorities import OFFERED
from engine.timing import calculator as reckoner
from engine.timing import calendar_editing, calendars
from engine.timing.calculator import CalculatedClock, ImaginedCase
from engine.timing.calendars import ALWAYS, OFFICE
from engine.timing.clocks import CITIZEN, HANDLE, DeadlineContext
from engine.worktime import Calendar, Limit
from forms.rendering import RenderModel
from webapp import clock_labels, display
from webapp.clock import now
from webapp.escalations import blueprint, calculator_labels, triage
from webapp.locales import localize
from webapp.names import node_name

PRIORITIES = tuple(reversed(OFFERED))
MOST = 1000


@dataclass
class CalculatorSheet:
    """What was asked and what came out."""

    steps: list[tuple[str, str]]
    calendars: list[tuple[str, str]]
    units: list[tuple[str, str]]
    levels: list[tuple[str, str]]
    priorities: list[tuple[str, str]]
    start: str
    clocks: list[CalculatedClock] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    names: dict[date, str] = field(default_factory=dict)
    # What is asked of a case of the process, where one is chosen.
    model: RenderModel | None = None
    asks: frozenset[str] = frozenset()


@blueprint.get("/calculator")
def calculator() -> str:
    """Calculate a deadline without any case; the question is in the address and can be shared."""
    with reading() as db:
        sheet = _sheet(db)
        if request.args.get("start"):
            _calculate(db, sheet)
    if request.headers.get("HX-Request"):
        # Another step was chosen: what it asks of a case.
        return render_template("escalations/_asked.html", sheet=sheet)
    return render_template(
        "escalations/calculator.html", sheet=sheet, words=clock_labels, how=calculator_labels
    )


def _sheet(db: Session) -> CalculatorSheet:
    steps = []
    for version in versions.currents(db, now()):
        name = node_name(version)
        steps.append((f"{version.process}/", _("%(process)s：整个事项（答复时限）", process=name)))
        nodes = versions.load(db, version.id).definition.nodes.values()
        steps += [
            (
                f"{version.process}/{node.id}",
                _("%(process)s：%(step)s", process=name, step=node_name(node)),
            )
            for node in nodes
            if node.kind in MANUAL_KINDS
        ]
    tables = calendar_editing.editable_calendars(db)
    names = [
        (one.key, clock_labels.calendar_name(one.key) if one.key == OFFICE else one.name)
        for one in tables
    ]
    start = request.args.get("start") or f"{display.local(now()):%Y-%m-%dT%H:%M}"
    found = CalculatorSheet(
        steps,
        [*names, (ALWAYS, clock_labels.calendar_name(ALWAYS))],
        limit_units(),
        [(level, display.level_name(level)) for level in settings.current().levels],
        [(one, display.priority_name(one)) for one in PRIORITIES],
        start,
    )
    chosen = next((one for one in tables if one.key == request.args.get("calendar")), tables[0])
    found.names = {day: one.name for day, one in tables[0].days.items() if one.name}
    found.names |= {day: one.name for day, one in chosen.days.items() if one.name}
    return found


def _calculate(db: Session, sheet: CalculatorSheet) -> None:
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
    asked = ImaginedCase(
        process[:64],
        level,
        args.get("category", "")[:64] or None,
        (args.get("priority", "") or PRIORITIES[0])[:16],
        args.get("risk", "")[:16] or None,
    )
    works = works_in_force(db, now())
    published = _published(db, asked.process)
    if published is not None:
        asked = _triaged(sheet, asked, published, step, start, calendar)
    limit = _limit(args.get("amount", ""), args.get("limit_unit", ""))
    if args.get("amount") and limit is None:
        sheet.error = _("期限须为 0 到 1000 的整数。")
    elif limit is not None:
        kind = HANDLE if step else CITIZEN
        found = reckoner.of_limit(works, calendar, asked, step or None, kind, limit, start)
        sheet.clocks = [found]
    elif published is None:
        sheet.error = _("请选择环节或填写期限。")
    else:
        _of_rule(sheet, published, works, calendar, asked, step, start)


def _published(db: Session, process: str) -> PublishedVersion | None:
    found = (one for one in versions.currents(db, now()) if one.process == process)
    version = next(found, None)
    return None if version is None else versions.load(db, version.id)


def _triaged(
    sheet: CalculatorSheet,
    asked: ImaginedCase,
    published: PublishedVersion,
    step: str,
    start: datetime,
    calendar: Calendar,
) -> ImaginedCase:
    """Return the case as its own forms and tables would sort it by what is answered on the page."""
    node = published.node(step)
    by_table = node is not None and node.limit == CASE_LIMIT
    asks = triage.of(published)
    if not asks:
        return asked
    said, errors, typed = asks.read(request.args, display.local(now()).date())
    wrong = errors if triage.answered(request.args) else {}
    sheet.model = asks.render(typed, wrong, str(get_locale()))
    sheet.asks = frozenset(asks.columns)
    asked = replace(
        asked,
        category=asks.column(said, "category") or asked.category,
        risk=asks.column(said, "risk") or asked.risk,
    )
    if errors:
        if by_table:
            sheet.notes.append(_("按分流表计算期限，请先填写左侧事项信息。"))
        return asked
    try:
        found = reckoner.triaged(asked, published, said, start, calendar)
    except EngineFault as fault:
        if by_table:
            sheet.notes.append(_("分流表未给出期限：%(why)s", why=localize(fault.text)))
        return asked
    if found.priority != asked.priority:
        name = display.priority_name(found.priority)
        sheet.notes.append(_("分流表定的紧急程度：%(priority)s。", priority=name))
    return found


def _of_rule(
    sheet: CalculatorSheet,
    published: PublishedVersion,
    works: DeadlineContext,
    calendar: Calendar,
    asked: ImaginedCase,
    step: str,
    start: datetime,
) -> None:
    """By the rule of the step, or by the promise of the process to the citizen."""
    info, node = published.definition.process, published.node(step)
    if node is not None:
        sheet.clocks = reckoner.of_step(works, calendar, asked, node, start)
        if not sheet.notes and not any(one.kind == HANDLE for one in sheet.clocks):
            sheet.notes.append(_("该环节无办理时限。"))
    elif info.limit is not None:
        # The citizen's clock goes by what the process promised, whatever triage says later, and
        # by the office's calendar, whoever works by another.
        limit, by = Limit(info.limit, info.limit_unit or "working_days"), {"source": "process"}
        office = works.almanac.office
        sheet.clocks = [reckoner.of_limit(works, office, asked, None, CITIZEN, limit, start, by)]
    else:
        sheet.notes.append(_("该流程未向群众承诺期限。"))


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
    """Return every unit of a limit."""
    return [
        ("working_days", _("个工作日")),
        ("working_hours", _("个工作小时")),
        ("hours", _("小时（昼夜连续）")),
        ("days", _("天")),
        ("months", _("个月")),
        ("years", _("年")),
    ]
