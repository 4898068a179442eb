"""Which rule gave a limit, which calendar counts, the outcome of a rung: in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine import roles, worktime
from engine.casework.moves.move_limits import REASONS
from engine.models import Extension, Pause, Task
from engine.org.escalation_path import SKIPPED
from engine.reading.casefile import CaseFile
from engine.reports.clock_history import FIRED, MOOT, WAITING, Clock, RungRecord
from engine.timing import calendars
from engine.worktime import Limit, Standstill
from webapp import display, locales
from webapp.clock import now
from webapp.locales import localize
from webapp.names import node_name, task_name

# What a rung of the escalation table does, to whom it goes: at the unit, or so many levels up.
RUNGS = {
    "notify": (_l("告知本级%(role)s"), _l("告知上%(up)s级%(role)s")),
    "supervise": (_l("由本级%(role)s督办"), _l("由上%(up)s级%(role)s督办")),
    "reassign": (_l("由本级%(role)s改派"), _l("由上%(up)s级%(role)s改派")),
    "escalate": (_l("提级至本级%(role)s"), _l("提级至上%(up)s级%(role)s")),
}
# The same where it is known who that is.
ACTS = {
    "notify": _l("告知%(role)s"),
    "supervise": _l("由%(role)s督办"),
    "reassign": _l("由%(role)s改派"),
    "escalate": _l("提级至%(role)s"),
}
DONE = {
    "notify": _l("已告知"),
    "supervise": _l("已督办"),
    "reassign": _l("已改派"),
    "escalate": _l("已提级"),
}
UPWARDS = {1: _l("一"), 2: _l("两"), 3: _l("三"), 4: _l("四")}


def clock_name(kind: str) -> str:
    """Return what a deadline is called: 签收时限, 办理时限, 答复时限."""
    return {"sign": _("签收时限"), "handle": _("办理时限")}.get(kind, _("答复时限"))


def limit(one: Limit) -> str:
    """3 个工作日."""
    return localize(worktime.limit_text(one))


def source(by: Mapping[str, Any] | None) -> str:
    """Return which rule gave a limit: the row and version of a table, a profile, the step
    itself.
    """
    by = by or {}
    said = _plain(by)
    extended = by.get("extended")
    if extended:
        more = localize(worktime.limit_text(Limit(*extended)))
        said = locales.comma_list(filter(None, (said, _("已批准延期 %(limit)s", limit=more))))
    until = by.get("until")
    if until:
        moment = display.moment(datetime.fromisoformat(until))
        latest = _("不晚于来件单位要求的 %(when)s", when=moment)
        said = locales.comma_list(filter(None, (said, latest)))
    return said


def _plain(by: Mapping[str, Any]) -> str:
    kind = by.get("source")
    if kind == "emergency":
        return _emergency(by)
    if kind == "risk":
        words = _("升级表第 %(version)s 版时限表第 %(rules)s 条")
        return words % {"version": by.get("table", ""), "rules": _rules(by)}
    if by.get("rules"):
        words = _("%(table)s第 %(rules)s 条（流程第 %(version)s 版）")
        name = by.get("name") or by.get("table") or _("分流表")
        return words % {"table": name, "rules": _rules(by), "version": by.get("version", "")}
    return {
        "triage": _("期限由分流表确定"),
        "task": _("期限由本环节规定"),
        "law": _("期限由本环节规定，从流程指定的日期起算，不能暂停、延期"),
        "process": _("期限由流程规定"),
        "given": _("期限随外部事项带入"),
    }.get(str(kind), "")


def _emergency(by: Mapping[str, Any]) -> str:
    unit = by.get("unit", "")
    if by.get("factor"):
        words = _("%(unit)s处于应急状态，按平时的 %(factor)s%% 计算")
    else:
        words = _("%(unit)s处于应急状态，按应急时限")
    said = words % {"unit": unit, "factor": by.get("factor", "")}
    instead = by.get("instead")
    if not instead:
        return said
    usual = localize(worktime.limit_text(Limit(instead["amount"], instead["unit"])))
    return locales.comma_list(
        filter(None, (said, _("平时为 %(usual)s", usual=usual), _plain(instead)))
    )


def _rules(by: Mapping[str, Any]) -> str:
    return locales.comma_list(str(rule) for rule in by.get("rules", ()))


def paused(reasons: Iterable[str], spans: Iterable[tuple[Any, Any]]) -> str:
    """因调查取证暂停 2 天."""
    parts = [
        _(
            "因%(reason)s暂停 %(length)s",
            reason=localize(REASONS[reason]) if reason in REASONS else reason,
            length=display.lasting(until - begun),
        )
        for reason, (begun, until) in zip(reasons, spans, strict=True)
    ]
    return locales.comma_list(parts)


def pause_line(row: Pause) -> str:
    """Return one line of the pause ledger: why, from when until when, and the longest it may
    last.
    """
    reason = localize(REASONS[row.reason]) if row.reason in REASONS else row.reason
    known = {"reason": reason, "begun": display.moment(row.from_at)}
    if row.until_at is None:
        longest = display.moment(row.limit_at)
        return _("%(reason)s：%(begun)s 起，最迟 %(longest)s 恢复", longest=longest, **known)
    until = display.moment(row.until_at)
    took = display.lasting(row.until_at - row.from_at)
    return _("%(reason)s：%(begun)s 至 %(until)s，共 %(took)s", until=until, took=took, **known)


def share(clock: Clock, row: Pause) -> str:
    """Return how much of a pause was office time, where office time is what counts."""
    office = clock.limit is not None and clock.limit.unit.startswith("working")
    if not office or row.until_at is None:
        return ""
    stopped = Standstill.over([(row.from_at, row.until_at)], clock.calendar).office
    if not stopped:
        return _("不含上班时间")
    return _("其中上班时间 %(length)s", length=display.lasting(stopped))


def stopped(clock: Clock) -> str:
    """Return what all pauses of a clock come to, and by how much they moved it."""
    spans = [(one.from_at, one.until_at) for one in clock.pauses if one.until_at is not None]
    if not spans or clock.limit is None:
        return ""
    total, unit = Standstill.over(spans, clock.calendar), clock.limit.unit
    if unit in ("hours", "working_hours"):
        exact = display.lasting(total.real if unit == "hours" else total.office)
        return _("合计 %(length)s，期限相应顺延", length=exact)
    days = total.days(unit, clock.calendar)
    if unit == "working_days":
        length = display.lasting(total.office)
        return _("合计上班时间 %(length)s，折 %(days)s 个工作日", length=length, days=days)
    return _("合计 %(length)s，折 %(days)s 天", length=display.lasting(total.real), days=days)


def used_before(clock: Clock) -> str:
    """Return what the unit had used of the clock before, in the time that counts for it."""
    if clock.before is None or clock.limit is None:
        return ""
    used = clock.before.running_time(clock.calendar)
    office = clock.limit.unit.startswith("working")
    return _("此前已用 %(used)s", used=display.lasting(used.office if office else used.real))


def answer_line(one: Mapping[str, datetime | None]) -> str:
    """Return an answer that did not hold: the time that is not counted, and what was left."""
    given, until = one["given"], one["until"]
    if given is None or until is None:
        return ""
    known = {"at": display.moment(given), "until": display.moment(until)}
    said = _(
        "%(at)s 答复，%(until)s 重新办理，其间 %(away)s 不计",
        away=display.lasting(until - given),
        **known,
    )
    left, least = one["left"], one["least"]
    parts = [said]
    if left is not None:
        parts.append(_("答复时剩余时限到 %(moment)s", moment=display.moment(left, ending=True)))
    if least is not None:
        parts.append(_("退回环节的时限到 %(moment)s", moment=display.moment(least, ending=True)))
    return locales.comma_list(parts)


def extension_line(row: Extension) -> str:
    """Return what was asked for, and what came of it."""
    limit = localize(worktime.limit_text(Limit(row.amount, row.unit or "working_days")))
    stand = {None: _("待审批"), True: _("已批准"), False: _("未批准")}[row.granted]
    asked = display.moment(row.asked_at)
    return _("%(asked)s 申请延长 %(limit)s：%(stand)s", asked=asked, limit=limit, stand=stand)


def counted(clock: Clock) -> str:
    """Return how the days were counted, with the articles; nothing where something else moved
    it.
    """
    if clock.start is None or clock.limit is None or clock.due is None:
        return ""
    # Read today, whenever the clock ended: "today" in its words is the reader's.
    why = worktime.explain(clock.start, clock.limit, clock.calendar, now(), pauses=clock.spans)
    return localize(why.text) if why.due == clock.due else ""


def calendar_name(key: str) -> str:
    """Return the calendar as the screens call it; a county's own by its own name."""
    names = {calendars.OFFICE: _("机关工作日历"), calendars.ALWAYS: _("全天候（24 小时）")}
    return str(names.get(key, key))


def asked_with(clock: Clock, file: CaseFile, task: Task | None) -> str:
    """Return what the escalation table was asked with, and which of its rows fit."""
    spoken = {
        "process": node_name(file.version.definition.process),
        "step": task_name(task) if task is not None else "",
    }
    names = {
        "process": _("流程"),
        "step": _("环节"),
        "level": _("层级"),
        "category": _("类别"),
        "priority": _("缓急"),
        "clock": _("时限种类"),
    }
    known = [
        _("%(name)s = %(value)s", name=names[key], value=spoken.get(key) or _value(key, value))
        for key, value in clock.inputs.items()
        if value
    ]
    rules = locales.comma_list(str(rule) for rule in clock.rules) or _("无")
    return _(
        "依据升级表第 %(version)s 版（共 %(rows)s 条）；条件：%(known)s；适用规则：第 %(rules)s 条",
        version=clock.table,
        rows=clock.rows,
        known=locales.comma_list(known),
        rules=rules,
    )


def _value(key: str, value: str) -> str:
    if key == "level":
        return display.level_name(value)
    if key == "priority":
        return display.priority_name(value)
    return clock_name(value) if key == "clock" else value


def rule(table: int, row: int, again: int) -> str:
    """Return which row of which version of the table gave a rung, or which round after the last
    row.
    """
    if not again:
        return _("第 %(version)s 版第 %(rule)s 条", version=table, rule=row)
    if not row:
        return _("之后第 %(again)s 次（默认循环）", again=again)
    words = _("第 %(version)s 版循环表第 %(rule)s 条，第 %(again)s 次")
    return words % {"version": table, "rule": row, "again": again}


def act(step: RungRecord) -> str:
    """Return what a rung does, and for whom."""
    return rung(step.act, step.levels_up, step.role)


def rung(act: str, levels_up: int, role: str) -> str:
    """Return what a rung does and for whom: 由上一级督办员督办."""
    here, above = RUNGS[act]
    up = str(UPWARDS.get(levels_up, levels_up))
    return str(above if levels_up else here) % {"role": localize(roles.name_of(role)), "up": up}


def act_for(act: str, who: str) -> str:
    """Return what a rung does, for a role or person that is named."""
    return str(ACTS[act]) % {"role": who}


def fate(step: RungRecord) -> str:
    """Return the outcome of a rung, and why nothing did."""
    if step.fate == WAITING:
        return _("待触发") if step.at > now() else _("已到时间，待系统处理")
    if step.fate == FIRED:
        return _fired(step)
    why = {
        "done": _("环节已办结"),
        "signed": _("已签收"),
        "unsigned": _("尚未签收，按签收时限升级"),
        "closed": _("事项已办结"),
        "answered": _("已答复群众"),
        "moved": _("时限已重新计算"),
        "paused": _("办理时限暂停中，恢复后重新安排"),
        "struck": _("时限已变更，无需触发"),
        "still": _("该时刻未在计时"),
    }.get(step.why, step.why)
    if step.fate == MOOT:
        return _("已到时间，仅作记录：%(why)s", why=why)
    return _("未触发：%(why)s", why=why)


def _fired(step: RungRecord) -> str:
    unit = step.data.get("unit_name", "")
    reached = len(step.data.get("reached", ()))
    said = _("已触发：到达%(unit)s，告知 %(count)s 人", unit=unit, count=reached)
    if not reached:
        said = _("已触发：到达%(unit)s，岗位空缺，无人可告知", unit=unit)
    elif step.data.get("reached_role"):
        role = display.role_name(str(step.data["reached_role"]))
        words = _("已触发：上级无人在岗，到达%(unit)s%(role)s，告知 %(count)s 人")
        said = words % {"unit": unit, "role": role, "count": reached}
    if step.data.get("number"):
        issued = (
            _("发出督办单 %(number)s") if step.data.get("new") else _("督办单 %(number)s 仍未办结")
        )
        said = locales.comma_list((said, issued % {"number": step.data["number"]}))
    return said


def skips(step: RungRecord) -> list[str]:
    """Return whom a rung passed by, each with the reason."""
    return [
        _(
            "跳过%(unit)s：%(why)s",
            unit=one.get("name", ""),
            why=localize(SKIPPED[one["reason"]]) if one.get("reason") in SKIPPED else "",
        )
        for one in step.data.get("skipped", ())
    ]


def recount_reason(reason: str) -> str:
    """Return why a deadline was recalculated."""
    return {
        "triage": _("类别、风险或紧急程度变更"),
        "transfer": _("责任单位变更"),
        "calendar": _("工作日历变更"),
        "emergency": _("应急状态变更"),
        "table": _("升级表有新版本"),
        "version": _("切换到流程新版本"),
    }.get(reason, reason)
