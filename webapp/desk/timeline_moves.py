"""The moves of a case's story in sentences: handed on, suspended, extended, recalled, helped."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from engine.casework.moves.move_limits import REASONS
from engine.reading.casefile import CaseEvent
from webapp import clock_labels
from webapp.locales import localize


def words(one: CaseEvent, who: str, step: str) -> str | None:
    """Return the sentence for a move; None for an event that is not one."""
    teller = TELLERS.get(one.kind)
    return None if teller is None else teller(one, {"who": who, "step": step})


Known = dict[str, str]


def _suspended(one: CaseEvent, known: Known) -> str:
    reason = REASONS.get(str(one.data.get("reason")))
    return _(
        "%(who)s 暂停“%(step)s”：%(reason)s", **known, reason=localize(reason) if reason else ""
    )


def _resumed(one: CaseEvent, known: Known) -> str:
    if one.data.get("by_limit"):
        return _("“%(step)s”暂停期满，自动恢复办理", **known)
    return _("%(who)s 恢复办理“%(step)s”", **known)


def _decided(one: CaseEvent, known: Known) -> str:
    if one.data.get("granted"):
        return _("%(who)s 批准“%(step)s”延期", **known)
    return _("%(who)s 不批准“%(step)s”延期", **known)


def _pause_asked(one: CaseEvent, known: Known) -> str:
    if one.data.get("why") == "again":
        return _("%(who)s 申请再次暂停“%(step)s”", **known)
    return _("%(who)s 在到期前 1 小时内申请暂停“%(step)s”", **known)


def _pause_decided(one: CaseEvent, known: Known) -> str:
    if one.data.get("granted"):
        return _("%(who)s 批准暂停“%(step)s”", **known)
    return _("%(who)s 不批准暂停“%(step)s”", **known)


def _helper(one: CaseEvent, known: Known) -> Known:
    return {**known, "helper": str(one.data.get("helper_name", ""))}


def _help_asked(one: CaseEvent, known: Known) -> str:
    if one.data.get("named"):
        return _("派单时指定%(helper)s协办“%(step)s”", **_helper(one, known))
    return _("%(who)s 请%(helper)s协办“%(step)s”", **_helper(one, known))


def _demand(one: CaseEvent, known: Known) -> Known:
    return {**known, "number": str(one.data.get("number", ""))}


def _urged(one: CaseEvent, known: Known) -> str:
    said = _("%(who)s 催办“%(step)s”", **known)
    if not one.data.get("told_above"):
        return said
    return _("%(said)s，岗位空缺，已告知上级负责人", said=said)


def _issued(one: CaseEvent, known: Known) -> str:
    said = {**_demand(one, known), "unit": str(one.data.get("to_name", ""))}
    if one.data.get("form") == "call":
        return _("%(who)s 呼叫%(unit)s（%(number)s）", **said)
    return _("%(who)s 向%(unit)s发出督办单 %(number)s", **said)


def _recalculated(one: CaseEvent, known: Known) -> str:
    reason = clock_labels.recount_reason(str(one.data.get("reason")))
    clock = one.data.get("clock")
    if clock == "citizen":
        return _("答复时限重新计算：%(reason)s", reason=reason)
    if clock == "notice":
        return _("%(number)s 的期限重新计算：%(reason)s", reason=reason, **_demand(one, known))
    if clock == "help":
        return _(
            "%(helper)s协办“%(step)s”的期限重新计算：%(reason)s",
            **_helper(one, known) | {"reason": reason},
        )
    if clock == "pause":
        return _("“%(step)s”暂停的期限重新计算：%(reason)s", **known | {"reason": reason})
    if clock == "timer":
        return _("流程中的定时重新计算：%(reason)s", reason=reason)
    return _("“%(step)s”的期限重新计算：%(reason)s", **known | {"reason": reason})


def _versions(one: CaseEvent) -> Known:
    return {name: str(one.data.get(name, "")) for name in ("before", "version")}


LOUD = frozenset(
    {
        "task.urged",
        "task.recalled",
        "help.overdue",
        "case.reopened",
        "case.reclassified",
        "demand.issued",
        "demand.rejected",
        "task.deserted",
        "demand.overdue",
        "demand.escalated",
    }
)
TELLERS: dict[str, Callable[[CaseEvent, Known], str]] = {
    "task.transferred": lambda _one, known: _("%(who)s 转办“%(step)s”", **known),
    "task.assigned": lambda _one, known: _("%(who)s 指派“%(step)s”", **known),
    "task.urged": _urged,
    "task.deserted": lambda one, known: _(
        "%(unit)s无人可签收“%(step)s”", unit=one.data.get("unit_name", ""), **known
    ),
    "task.manned": lambda _one, known: _("“%(step)s”已有人可签收", **known),
    "task.suspended": _suspended,
    "task.resumed": _resumed,
    "pause.asked": _pause_asked,
    "pause.decided": _pause_decided,
    "extension.asked": lambda _one, known: _("%(who)s 申请“%(step)s”延期", **known),
    "extension.decided": _decided,
    "event.announced": lambda _one, known: _("%(who)s 把本件设为已知事件", **known),
    "event.ended": lambda _one, known: _("%(who)s 结束已知事件", **known),
    "case.merged": lambda one, known: _(
        "%(who)s 把本件并入 %(number)s", who=known["who"], number=one.data.get("main", "")
    ),
    "case.unmerged": lambda one, known: _(
        "%(who)s 把本件从 %(number)s 拆出", who=known["who"], number=one.data.get("main", "")
    ),
    "case.joined": lambda one, known: _(
        "%(who)s 把 %(number)s 并入本件", who=known["who"], number=one.data.get("number", "")
    ),
    "case.parted": lambda one, known: _("%(number)s 从本件拆出", number=one.data.get("number", "")),
    "case.told": lambda one, known: _(
        "主件 %(number)s 已答复，本件一并告知", number=one.data.get("main", "")
    ),
    "task.recalled": lambda _one, known: _("%(who)s 撤回“%(step)s”", **known),
    "help.asked": _help_asked,
    "help.left_out": lambda one, known: _(
        "指定协办“%(step)s”的单位 %(unit)s 无法派出", unit=one.data.get("unit", ""), **known
    ),
    "help.answered": lambda one, known: _(
        "%(who)s（%(helper)s）答复协办“%(step)s”", **_helper(one, known)
    ),
    "help.withdrawn": lambda one, known: _(
        "%(who)s 收回对%(helper)s的协办请求", **_helper(one, known)
    ),
    "help.overdue": lambda one, known: _(
        "%(helper)s协办“%(step)s”的期限已过", **_helper(one, known)
    ),
    "case.reopened": lambda _one, known: _("%(who)s 将事项重新办理", **known),
    "case.answered": lambda _one, _known: _("已答复群众，答复时限停止计时"),
    "case.unanswered": lambda _one, _known: _("答复无效，答复时限继续计时"),
    "case.reclassified": lambda _one, known: _("%(who)s 重新定性", **known),
    "case.migrated": lambda one, known: _(
        "%(who)s 将事项从第 %(before)s 版切换至第 %(version)s 版", **known, **_versions(one)
    ),
    "clock.recounted": _recalculated,
    "demand.issued": _issued,
    "demand.answered": lambda one, known: _("%(who)s 答复 %(number)s", **_demand(one, known)),
    "demand.accepted": lambda one, known: _(
        "%(who)s 通过 %(number)s 的答复", **_demand(one, known)
    ),
    "demand.rejected": lambda one, known: _(
        "%(who)s 退回 %(number)s 的答复", **_demand(one, known)
    ),
    "demand.withdrawn": lambda one, known: _("%(who)s 收回 %(number)s", **_demand(one, known)),
    "demand.overdue": lambda one, known: _("%(number)s 逾期未答复", **_demand(one, known)),
    "demand.escalated": lambda one, known: _(
        "%(number)s 仍未答复，升级到%(unit)s",
        unit=one.data.get("unit_name", ""),
        **_demand(one, known),
    ),
    "case.commented": lambda _one, known: _("%(who)s 留言", **known),
    "citizen.told": lambda _one, known: _("%(who)s 已告知群众", **known),
    "case.noted": lambda _one, known: _("%(who)s 添加内部备注", **known),
}
