"""What the screens say of a notice or a call: what it is, where it stands, what happened."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext

from engine.casework.demands import CALL, CONSEQUENCES
from engine.models import Demand
from engine.reports.demands import TO_ANSWER, TO_DECIDE, DemandEntry, DemandRow
from engine.worktime import Limit, limit_text
from webapp import display
from webapp.locales import localize


def kind_name(kind: str) -> str:
    """督办单 or 中心呼."""
    return _("中心呼") if kind == CALL else _("督办单")


def title(kind: str) -> str:
    """Return the name of the list."""
    return _("中心呼、我必应") if kind == CALL else pgettext("heading", "督办单")


def stand_name(stand: str) -> str:
    """Return whose move it is, as the filter says it."""
    return {TO_ANSWER: _("待答复"), TO_DECIDE: _("待审核")}.get(stand, _("已办结"))


def stand(called: DemandRow) -> str:
    """Return where it stands, in words."""
    row = called.row
    if row.outcome == "withdrawn":
        return _("已收回")
    if row.outcome is not None:
        return _("答复已通过")
    if called.stand == TO_DECIDE:
        return _("已答复，待审核")
    return _("待答复") if row.round == 1 else _("第 %(round)s 次待答复", round=row.round)


def by_rule(row: Demand) -> str:
    """Return which row of which version of the table issued it; nothing for one issued by hand."""
    if row.rung is None:
        return ""
    clock = {
        "sign": _("签收时限"),
        "handle": _("办理时限"),
        "citizen": _("答复时限"),
    }.get(str(row.rung.get("clock")), "")
    return _(
        "%(clock)s超期，依据升级表第 %(version)s 版第 %(rule)s 条自动发出",
        clock=clock,
        version=row.rung.get("table", ""),
        rule=row.rung.get("rule", ""),
    )


def asks(row: Demand) -> str:
    """Return what a notice without words of its own asks for: one that a rung issued."""
    if row.rung is None:
        return ""
    return _("请说明超期原因和已采取措施，并尽快办结。")


def limit(row: Demand) -> str:
    """Return the time to answer."""
    return localize(limit_text(Limit(row.limit_amount, row.limit_unit)))


def consequence(key: str) -> str:
    """Return what followed, in words; nothing when nothing did."""
    return "" if key == "none" else localize(CONSEQUENCES[key])


def consequences() -> list[tuple[str, str]]:
    """Return what may follow, to choose from."""
    return [(key, localize(text)) for key, text in CONSEQUENCES.items()]


def turn(one: DemandEntry, row: Demand) -> str:
    """Return one step in the life of it, with who did it."""
    who = one.by or _("系统")
    said = {
        "demand.issued": _("%(who)s 发出", who=who),
        "demand.answered": _("%(who)s 答复", who=who),
        "demand.accepted": _("%(who)s 审核通过", who=who),
        "demand.rejected": _("%(who)s 退回，要求重新答复", who=who),
        "demand.withdrawn": _("%(who)s 收回", who=who),
        "demand.overdue": _("%(unit)s逾期未答复", unit=row.unit.name),
        "demand.escalated": _("仍未答复，升级到%(unit)s", unit=one.unit_reached),
    }
    return said[one.kind]


def took(row: Demand) -> str:
    """Return how long the answer of this round took."""
    if row.answered_at is None:
        return ""
    return display.lasting(row.answered_at - row.begun_at)
