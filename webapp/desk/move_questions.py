"""What the page of a move asks before the move is made, and how its answers are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from engine import worktime
from engine.access.actors import Actor
from engine.casework import moves
from engine.casework.case_work import CaseWork
from engine.casework.moves import announcing, assignments, extensions, pauses, reopening, transfers
from engine.casework.moves.move_limits import REASONS, move_limits
from engine.casework.moves.transfers import TransferTarget
from engine.worktime import Limit
from webapp.desk import classifying, merging, summoning
from webapp.desk.move_question import Options, Question, reason_question
from webapp.locales import localize
from webapp.names import node_name

Said = Mapping[str, str]


@dataclass(frozen=True)
class MoveForm:
    """How one move is asked for and made: its questions, its use case, what is said after."""

    questions: Callable[[Session, CaseWork], list[Question]]
    make: Callable[[Session, Actor, int, Said, datetime], Any]
    confirmation: Any
    grave: bool = False


def _number(text: str) -> int:
    """Parse a posted id; 0, which no row has, if it is not a number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _nothing(_db: Session, _work: CaseWork) -> list[Question]:
    return []


def transfer_options(targets: Iterable[TransferTarget], own_unit: int | None) -> Options:
    """Return where a task may go, by unit: to the unit's queue, or to somebody there."""
    groups: Options = []
    for target in targets:
        unit = target.unit
        queue = [(f"{unit.id}.", _("%(unit)s（待签收）", unit=unit.name))]
        people = [(f"{unit.id}.{one.user_id}", one.name) for one in target.holders]
        groups.append((unit.name, people if unit.id == own_unit else [*queue, *people]))
    return groups


def target_of(value: str) -> tuple[int, int | None] | None:
    """Return unit and person of a chosen option; None for anything else."""
    unit, dot, person = value.partition(".")
    if not dot or not _number(unit):
        return None
    return _number(unit), _number(person) if person else None


def _transfer(db: Session, work: CaseWork) -> list[Question]:
    own = work.task.unit_id if work.task is not None else None
    options = transfer_options(transfers.targets(db, work), own)
    asked = Question("target", _("转给"), "select", options)
    return [asked, reason_question(help=_("转办人对接收方可见并载入办理记录；原因加密保存。"))]


def _make_transfer(db: Session, actor: Actor, task_id: int, said: Said, now: datetime) -> None:
    unit_id, user_id = target_of(said["target"]) or (0, None)
    moves.transfer(db, actor, task_id, unit_id, said["reason"], now=now, user_id=user_id)


def _assign(db: Session, work: CaseWork) -> list[Question]:
    people = [(str(one.user_id), one.name) for one in assignments.candidates(db, work)]
    return [Question("person", _("指派给"), "choice", [("", people)])]


def _suspend(db: Session, work: CaseWork) -> list[Question]:
    longest = move_limits(db).pauses
    allowed = [(key, _pause_words(key, longest[key])) for key in pauses.reasons(db, work)]
    return [
        Question("reason", _("暂停理由"), "choice", [("", allowed)], help=_asks_leader(db, work)),
        Question("note", _("具体情况"), "words"),
    ]


def _asks_leader(db: Session, work: CaseWork) -> str:
    why = pauses.why_asked(db, work)
    return {
        pauses.AGAIN: _("本单位在本环节暂停过，须负责人批准；批准之前照常计时。"),
        pauses.LATE: _("离到期不足 1 小时，须负责人在到期前批准；批准之前照常计时。"),
    }.get(why or "", "")


def _pause_words(reason: str, limit: Limit) -> str:
    longest = localize(worktime.limit_text(limit))
    return _("%(reason)s（最长 %(limit)s）", reason=localize(REASONS[reason]), limit=longest)


def _extend(_db: Session, work: CaseWork) -> list[Question]:
    assert work.task is not None and work.task.limit_amount is not None
    most = work.task.limit_amount
    limit = localize(worktime.limit_text(Limit(most, work.task.limit_unit or "working_days")))
    help = _("单位与本环节的期限相同；最多再加 %(limit)s。", limit=limit)
    return [Question("amount", _("延长时间"), "number", help=help, most=most), reason_question()]


def _decide(db: Session, work: CaseWork) -> list[Question]:
    assert work.task is not None
    row = extensions.pending(db, work.task)
    amount = row.amount if row is not None else 0
    limit = localize(worktime.limit_text(Limit(amount, work.task.limit_unit or "working_days")))
    decisions = [("yes", _("批准，延长 %(limit)s", limit=limit)), ("no", _("不批准"))]
    return [
        Question("granted", _("审批意见"), "choice", [("", decisions)]),
        reason_question(_("理由")),
    ]


def _decide_pause(db: Session, work: CaseWork) -> list[Question]:
    assert work.task is not None
    row, longest = pauses.pending(db, work.task), move_limits(db).pauses
    words = _pause_words(row.reason, longest[row.reason]) if row and row.reason in longest else ""
    decisions = [("yes", _("批准暂停：%(reason)s", reason=words)), ("no", _("不批准"))]
    return [
        Question("granted", _("审批意见"), "choice", [("", decisions)]),
        reason_question(_("理由")),
    ]


def _reopen(_db: Session, work: CaseWork) -> list[Question]:
    steps = [(node.id, node_name(node)) for node in reopening.targets(work)]
    return [Question("target", _("退回至"), "choice", [("", steps)]), reason_question()]


ASKED: Mapping[str, MoveForm] = {
    "transfer": MoveForm(_transfer, _make_transfer, _l("已转办。")),
    "assign": MoveForm(
        _assign,
        lambda db, actor, task_id, said, now: moves.assign(
            db, actor, task_id, _number(said["person"]), now=now
        ),
        _l("已指派。"),
    ),
    "urge": MoveForm(
        _nothing,
        lambda db, actor, task_id, said, now: moves.urge(db, actor, task_id, now=now),
        _l("已催办，对方将收到通知。"),
    ),
    "suspend": MoveForm(
        _suspend,
        lambda db, actor, task_id, said, now: moves.suspend(
            db, actor, task_id, said["reason"], said["note"], now=now
        ),
        _l("已暂停，办理时限停止计时。"),
    ),
    "resume": MoveForm(
        _nothing,
        lambda db, actor, task_id, said, now: moves.resume(db, actor, task_id, now=now),
        _l("已恢复办理，时限继续计时。"),
    ),
    "extend": MoveForm(
        _extend,
        lambda db, actor, task_id, said, now: moves.ask_extension(
            db, actor, task_id, _number(said["amount"]), said["reason"], now=now
        ),
        _l("已提交延期申请，待负责人审批；批准前照常计时。"),
    ),
    "decide": MoveForm(
        _decide,
        lambda db, actor, task_id, said, now: moves.decide_extension(
            db, actor, task_id, said["granted"] == "yes", said["reason"], now=now
        ),
        _l("已审批，申请人会收到通知。"),
    ),
    "decide_pause": MoveForm(
        _decide_pause,
        lambda db, actor, task_id, said, now: moves.decide_pause(
            db, actor, task_id, said["granted"] == "yes", said["reason"], now=now
        ),
        _l("已审批，申请人会收到通知。"),
    ),
    "recall": MoveForm(
        _nothing,
        lambda db, actor, task_id, said, now: moves.recall(db, actor, task_id, now=now),
        _l("已撤回，填写内容已存入草稿。"),
        grave=True,
    ),
    "reclassify": MoveForm(
        classifying.questions,
        lambda db, actor, case_id, said, now: moves.reclassify(
            db, actor, case_id, said, said["reason"], now=now
        ),
        _l("已重新定性，时限按新规则自原开始时间重新计算。"),
    ),
    "merge": MoveForm(
        merging.questions,
        lambda db, actor, case_id, said, now: moves.merge(
            db, actor, case_id, said["number"], said["reason"], now=now
        ),
        _l("已并单：由主件办理，主件答复时一并告知。"),
    ),
    "unmerge": MoveForm(
        lambda db, work: [reason_question()],
        lambda db, actor, case_id, said, now: moves.unmerge(
            db, actor, case_id, said["reason"], now=now
        ),
        _l("已拆单，本件继续办理。"),
    ),
    "announce": MoveForm(
        lambda db, work: [
            Question(
                "words", _("对来电人怎么说"), "words", help=_("给所有来电人听的，不写个人信息。")
            )
        ],
        lambda db, actor, case_id, said, now: announcing.announce(
            db, actor, case_id, said["words"], now=now
        ),
        _l("已设为已知事件，登记页会列出。"),
    ),
    "end_event": MoveForm(
        _nothing,
        lambda db, actor, case_id, said, now: announcing.end(db, actor, case_id, now=now),
        _l("已结束，登记页不再列出。"),
    ),
    "supervise": MoveForm(
        summoning.of_notice, summoning.supervise, _l("已发出督办单，对方将收到通知。")
    ),
    "call": MoveForm(summoning.of_call, summoning.call, _l("已呼叫，对方将收到通知。")),
    "reopen": MoveForm(
        _reopen,
        lambda db, actor, case_id, said, now: moves.reopen(
            db, actor, case_id, said["target"], said["reason"], now=now
        ),
        _l("已重新办理。"),
        grave=True,
    ),
}
