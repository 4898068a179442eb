"""What the board says of a late task: why it is here, whose move it is, what was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from engine import roles, worktime
from engine.reports.escalations import BoardAction, BoardRung, LateTask
from engine.worktime import Limit
from webapp import display, locales
from webapp.clock import now
from webapp.clock_labels import DONE, act_for
from webapp.locales import localize

TRIED = {
    "task.urged": _l("催办"),
    "task.assigned": _l("指派"),
    "task.transferred": _l("转办"),
    "task.extended": _l("延期"),
    "task.returned": _l("退回"),
    "case.commented": _lp("done", "留言"),
    "demand.issued": _l("发出督办单"),
}


def why(row: LateTask) -> str:
    """Return which clock ran out, and the rule and the skips of the last rung."""
    parts = [_clock(row)]
    fired = [rung for rung in row.rungs if rung.fired]
    if fired:
        parts.append(_("升级表规则 %(rule)s", rule=fired[-1].rule))
    skipped = sum(len(rung.skips) for rung in fired)
    if skipped:
        parts.append(_("岗位空缺跳过 %(count)s 次", count=skipped))
    if row.case_due_at is not None and row.case_due_at <= now():
        parts.append(_("答复时限已超期"))
    return " · ".join(parts)


def turn(row: LateTask) -> str:
    """Return whose move it is: a person, or a unit's queue."""
    if row.assignee:
        return f"{row.unit} {row.assignee}"
    role = display.role_name(row.role)
    return _("%(unit)s %(role)s（待签收）", unit=row.unit, role=role)


@dataclass(frozen=True)
class ReachedUnit:
    """A unit that the escalation has reached: what was done there, since when, whom it passed."""

    unit: str
    acts: list[str]
    at: datetime
    skips: list[str]


def ladder(row: LateTask) -> list[ReachedUnit]:
    """Return the units reached, each once, in the order in which they were reached."""
    found: dict[str, list[BoardRung]] = {}
    for rung in row.rungs:
        if rung.fired:
            found.setdefault(rung.unit, []).append(rung)
    return [
        ReachedUnit(
            unit,
            list(dict.fromkeys(act(rung) for rung in rungs)),
            rungs[0].at,
            list(dict.fromkeys(name for rung in rungs for name in rung.skips)),
        )
        for unit, rungs in found.items()
    ]


def act(rung: BoardRung) -> str:
    """Return what a rung did."""
    return str(DONE.get(rung.act, rung.act))


def following(rung: BoardRung) -> str:
    """Return what the next rung does, and for whom."""
    return act_for(rung.act, localize(roles.name_of(rung.role)))


def tried(row: LateTask) -> list[str]:
    """Return what people have done about it, the latest first."""
    return [_tried(one) for one in reversed(row.actions)]


def _clock(row: LateTask) -> str:
    over = row.deadline_at is not None and row.deadline_at <= now()
    if row.signing and row.sign_limit is not None:
        limit = localize(worktime.limit_text(row.sign_limit))
        if over:
            return _("“%(step)s”签收时限 %(limit)s已满", step=step(row), limit=limit)
        return _("“%(step)s”签收时限 %(limit)s将满", step=step(row), limit=limit)
    if row.signing:
        return _("签收时限已满") if over else _("签收将到期")
    if row.limit_amount is None:
        return _("期限已满") if over else _("将到期")
    limit = localize(worktime.limit_text(Limit(row.limit_amount, row.limit_unit or "working_days")))
    if over:
        return _("%(step)s %(limit)s已满", step=step(row), limit=limit)
    return _("%(step)s %(limit)s将满", step=step(row), limit=limit)


def step(row: LateTask) -> str:
    """Return the name of the late step."""
    return row.step_en if locales.english() and row.step_en else row.step


def _tried(one: BoardAction) -> str:
    what = str(TRIED.get(one.kind, one.kind))
    return f"{display.moment(one.at)} {one.by or ''} {what}".replace("  ", " ")
