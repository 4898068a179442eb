"""The story of a case in sentences: who did what, when, and how long it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from engine.org.escalation_path import SKIPPED
from engine.reading.casefile import CaseEvent
from engine.records import source_rows
from engine.terms.opinions import OPINIONS
from webapp import display, locales
from webapp.desk import timeline_moves
from webapp.locales import localize
from webapp.names import task_name

# Events that only the audit needs; the story tells their cause.
SILENT = frozenset(
    {
        *("case.changed", "task.cancelled", "task.moved", "anchored"),
        *("mergers.called", "answer.copied", "case.shown", "task.put_back"),
    }
)
SYSTEM = frozenset({"task.opened", "timer.fired"})
ACTS = ("notify", "supervise", "reassign", "escalate")


@dataclass(frozen=True)
class TimelineSentence:
    """One line of the story; ``quiet`` ones are folded, ``loud`` ones stand out."""

    text: str
    at: datetime
    quiet: bool = False
    loud: bool = False
    took: str = ""


def sentences_of(happenings: Iterable[CaseEvent]) -> list[TimelineSentence]:
    """Return the story, oldest first."""
    return [sentence for one in happenings if (sentence := _sentence(one)) is not None]


@dataclass(frozen=True)
class TimelineGroup:
    """Sentences that stand together: one by one, or folded because a machine wrote them."""

    quiet: bool
    lines: tuple[TimelineSentence, ...]


def chapters(sentences: Iterable[TimelineSentence]) -> list[TimelineGroup]:
    """Return the story newest first, with runs of system steps folded into one line."""
    newest_first = reversed(list(sentences))
    return [
        TimelineGroup(quiet, tuple(run))
        for quiet, run in groupby(newest_first, lambda one: one.quiet)
    ]


def _sentence(one: CaseEvent) -> TimelineSentence | None:
    if one.kind in SILENT:
        return None
    teller = TELLERS.get(one.kind)
    if teller is None:
        moved = timeline_moves.words(one, _who(one), _step(one))
        if moved is not None:
            return TimelineSentence(moved, one.at, loud=one.kind in timeline_moves.LOUD)
        if not one.kind.startswith("effect."):
            return TimelineSentence(_("系统记录：%(kind)s", kind=one.kind), one.at, quiet=True)
        return TimelineSentence(_("系统自动处理"), one.at, quiet=True)
    return teller(one)


def _who(one: CaseEvent) -> str:
    if one.data.get("by") == "citizen":
        return _("群众")
    name = one.actor or (_("登记人员") if one.concealed else _("系统"))
    if one.standing_in_for:
        return _("%(name)s（代%(other)s）", name=name, other=one.standing_in_for)
    return name


def _step(one: CaseEvent) -> str:
    if one.task is not None:
        name = task_name(one.task)
        # Of several units at the same step it must be said which one.
        return name if one.task.instance is None else f"{name} · {one.task.unit.name}"
    return str(one.data.get("name", ""))


def _opened_case(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 登记事项", who=_who(one)), one.at)


def _opened(one: CaseEvent) -> TimelineSentence:
    unit = one.unit or ""
    text = _("转到“%(step)s”，由%(unit)s办理", step=_step(one), unit=unit)
    if one.data.get("missing_unit"):
        text += _("（指定的单位 %(code)s 不存在，已改由属地办理）", code=one.data["missing_unit"])
    return TimelineSentence(text, one.at, quiet=True)


def _signed(one: CaseEvent) -> TimelineSentence:
    took = _since(one, one.task.opened_at if one.task else None)
    return TimelineSentence(
        _("%(who)s 签收“%(step)s”", who=_who(one), step=_step(one)), one.at, took=took
    )


def _released(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 取消签收“%(step)s”", who=_who(one), step=_step(one)), one.at)


def _completed(one: CaseEvent) -> TimelineSentence:
    task = one.task
    begun = (task.started_at or task.opened_at) if task else None
    if one.data.get("by") == "citizen":
        return TimelineSentence(_("群众在网上完成“%(step)s”", step=_step(one)), one.at)
    text = _("%(who)s 办结“%(step)s”", who=_who(one), step=_step(one))
    return TimelineSentence(text, one.at, took=_since(one, begun) if begun != one.at else "")


def _returned(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(
        _("%(who)s 退回“%(step)s”", who=_who(one), step=_step(one)), one.at, loud=True
    )


def _message(one: CaseEvent) -> TimelineSentence:
    name = str(one.data.get("name", ""))
    return TimelineSentence(_("%(who)s：%(name)s", who=_who(one), name=name), one.at, loud=True)


def _closed(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("事项办结"), one.at)


def _expired(one: CaseEvent) -> TimelineSentence:
    words = {
        "sign": _("“%(step)s”签收时限已过", step=_step(one)),
        "handle": _("“%(step)s”办理时限已过", step=_step(one)),
        "citizen": _("答复时限已到"),
    }
    return TimelineSentence(words.get(str(one.data.get("clock")), _("期限已过")), one.at, loud=True)


def _escalated(one: CaseEvent) -> TimelineSentence:
    acts = {
        "notify": _("已升级并告知%(unit)s", unit=one.unit or ""),
        "supervise": _("向%(unit)s发出督办单", unit=one.unit or ""),
        "reassign": _("已收回待签收，请%(unit)s改派", unit=one.unit or ""),
        "escalate": _("升级至%(unit)s", unit=one.unit or ""),
    }
    act = str(one.data.get("act"))
    # Nobody had signed: there was nothing to take back.
    text = acts.get("notify" if one.data.get("taken", act) is None else act, _("已升级"))
    text += _("（升级表规则 %(rule)s）", rule=one.data.get("rule", ""))
    skipped = one.data.get("skipped") or []
    if skipped:
        text += _("，跳过：%(names)s", names=locales.comma_list(map(_passed, skipped)))
    return TimelineSentence(text, one.at, loud=True)


def _passed(skip: Mapping[str, Any]) -> str:
    """Return a unit that was skipped, and why."""
    why = SKIPPED.get(str(skip.get("reason", "")))
    name = str(skip.get("name", ""))
    return _("%(name)s（%(why)s）", name=name, why=localize(why)) if why else name


def _timer(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("到时自动继续"), one.at, quiet=True)


def _refused(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 的一次操作被拒绝", who=_who(one)), one.at, quiet=True)


def _unmasking(one: CaseEvent) -> TimelineSentence:
    if one.data.get("node") == source_rows.ROW:
        return TimelineSentence(_("%(who)s 查看原始记录", who=_who(one)), one.at, quiet=True)
    if one.data.get("held"):
        return TimelineSentence(
            _("%(who)s 在办理中查看个人信息", who=_who(one)), one.at, quiet=True
        )
    return TimelineSentence(_("%(who)s 查看一项个人信息", who=_who(one)), one.at, quiet=True)


def _file_added(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 上传材料", who=_who(one)), one.at)


def _located(one: CaseEvent) -> TimelineSentence:
    words = {
        "case.located": _("%(who)s 把照片或视频里的位置设为事项位置", who=_who(one)),
        "position.declined": _("%(who)s 没有采用照片或视频里的位置", who=_who(one)),
    }
    return TimelineSentence(words[one.kind], one.at, quiet=one.kind == "position.declined")


def _linked(one: CaseEvent) -> TimelineSentence:
    number = str(one.data.get("number", ""))
    return TimelineSentence(_("已转为另一件事项 %(number)s", number=number), one.at, loud=True)


def _confidentiality(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("设为保密件"), one.at, loud=True)


def _disclosure(one: CaseEvent) -> TimelineSentence:
    lifts = one.data.get("what") == "lift"
    what = _("解除保密") if lifts else _("查看来电人")
    words = {
        "disclosure.asked": _("%(who)s 申请%(what)s", who=_who(one), what=what),
        "disclosure.reviewed": _("%(who)s 复核了%(what)s", who=_who(one), what=what),
    }
    if one.data.get("outcome") == "refused":
        return TimelineSentence(_("%(who)s 不同意%(what)s", who=_who(one), what=what), one.at)
    agreed = _("%(who)s 同意%(what)s", who=_who(one), what=what)
    return TimelineSentence(words.get(one.kind, agreed), one.at, loud=True)


def _released_file(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 把一份保密材料交承办单位查看", who=_who(one)), one.at)


def _filed(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("系统已生成卷宗，存入材料"), one.at)


def _amended(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 补充、更正了当事人信息", who=_who(one)), one.at)


def _paper(one: CaseEvent) -> TimelineSentence:
    who, name = _who(one), str(one.data.get("name", ""))
    number = str(one.data.get("number") or "")
    words = {
        "paper.drafted": _("%(who)s 起草了《%(name)s》", who=who, name=name),
        "paper.discarded": _("%(who)s 放弃了《%(name)s》的草稿", who=who, name=name),
    }
    final = _("%(who)s 把《%(name)s》定稿%(number)s", who=who, name=name, number=number)
    return TimelineSentence(words.get(one.kind, final), one.at, quiet=one.kind != "paper.final")


def _signing(one: CaseEvent) -> TimelineSentence:
    who, name = _who(one), str(one.data.get("name", ""))
    side = str(one.data.get("side", ""))
    words = {
        "paper.link": _("%(who)s 给出了签《%(name)s》的链接", who=who, name=name),
        "paper.signed": _("%(side)s在《%(name)s》上签名", side=side, name=name),
        "paper.scanned": _("%(who)s 收下签好的纸质《%(name)s》", who=who, name=name),
        "paper.sealed": _("%(who)s 在《%(name)s》上盖章", who=who, name=name),
    }
    return TimelineSentence(words[one.kind], one.at, quiet=one.kind == "paper.link")


def _download(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("%(who)s 下载卷宗", who=_who(one)), one.at, quiet=True)


def _incident(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("流程在此中断，待管理员处理"), one.at, loud=True)


def _mended(one: CaseEvent) -> TimelineSentence:
    words = {
        "incident.retried": _("%(who)s 让中断的流程重试", who=_who(one)),
        "incident.repaired": _("%(who)s 修复中断的流程", who=_who(one)),
        "incident.solved": _("流程恢复运行"),
    }
    return TimelineSentence(words[one.kind], one.at, quiet=True)


def _imported(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("从原系统导入"), one.at, quiet=True)


def _handed_over(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("单位撤并，由承接单位继续办理"), one.at)


def _since(one: CaseEvent, start: datetime | None) -> str:
    if start is None:
        return ""
    return _("用时 %(took)s", took=display.lasting(one.at - start))


def _withdrawn(one: CaseEvent) -> TimelineSentence:
    number = len(one.data.get("rungs", ()))
    text = _("%(who)s 撤销此前的 %(number)s 次升级，不计入统计", who=one.actor or "", number=number)
    return TimelineSentence(text, one.at, loud=True)


def _file_refused(one: CaseEvent) -> TimelineSentence:
    return TimelineSentence(_("群众上传的文件不是照片，没有收下"), one.at, quiet=True)


def _rated(one: CaseEvent) -> TimelineSentence:
    opinion = localize(OPINIONS[str(one.data["opinion"])])
    solved = _("群众在网上评价：已解决，%(opinion)s", opinion=opinion)
    unsolved = _("群众在网上反映没有解决")
    return TimelineSentence(solved if one.data.get("solved") else unsolved, one.at, loud=True)


def _letter(one: CaseEvent) -> TimelineSentence:
    words = {
        "citizen.wrote": _("群众在网上留言"),
        "citizen.photos": _("群众补充了照片"),
        "citizen.withdraws": _("群众在网上申请撤回"),
    }
    written = _("%(who)s 给群众留言", who=_who(one))
    return TimelineSentence(words.get(one.kind, written), one.at)


TELLERS: dict[str, Callable[[CaseEvent], TimelineSentence]] = {
    "file.refused": _file_refused,
    "case.rated": _rated,
    "citizen.wrote": _letter,
    "citizen.photos": _letter,
    "citizen.withdraws": _letter,
    "citizen.answered": _letter,
    "case.opened": _opened_case,
    "case.closed": _closed,
    "task.opened": _opened,
    "task.signed": _signed,
    "task.released": _released,
    "task.completed": _completed,
    "task.returned": _returned,
    "message.sent": _message,
    "clock.expired": _expired,
    "escalated": _escalated,
    "escalation.withdrawn": _withdrawn,
    "timer.fired": _timer,
    "refused": _refused,
    "personal.shown": _unmasking,
    "file.added": _file_added,
    "case.located": _located,
    "position.declined": _located,
    "case.linked": _linked,
    "confidentiality.set": _confidentiality,
    "disclosure.asked": _disclosure,
    "disclosure.decided": _disclosure,
    "disclosure.reviewed": _disclosure,
    "file.released": _released_file,
    "document.created": _filed,
    "people.amended": _amended,
    "paper.drafted": _paper,
    "paper.discarded": _paper,
    "paper.final": _paper,
    "paper.link": _signing,
    "paper.signed": _signing,
    "paper.scanned": _signing,
    "paper.sealed": _signing,
    "document.opened": _download,
    "incident": _incident,
    "incident.retried": _mended,
    "incident.repaired": _mended,
    "incident.solved": _mended,
    "case.imported": _imported,
    "case.handed_over": _handed_over,
}
