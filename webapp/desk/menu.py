"""What somebody may do with a case now, and why something else would fail: the menu 更多."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import cases, moves
from engine.casework.moves import MoveOffer, extensions, pauses
from engine.models import Task
from engine.reading import casefile
from engine.reading.casefile import CaseFile
from webapp import display
from webapp.clock import now
from webapp.desk.move_questions import ASKED
from webapp.locales import localize
from webapp.names import node_name, task_name


@dataclass(frozen=True)
class MenuItem:
    """One line of the menu: ``link`` leads to its page, ``post`` does it at once.

    ``reason`` says why it cannot be done now; then there is neither.
    """

    name: str
    link: str = ""
    post: str = ""
    reason: str = ""


def choices(db: Session, actor: Actor, file: CaseFile, task: Task | None) -> list[MenuItem]:
    """Return everything that the actor's posts allow in this case, what is possible first."""
    found = [
        *_of_diagram(db, actor, file),
        *(_of_task(db, actor, file, task) if task is not None else ()),
        *_of_recall(db, actor, file),
        *(_moved(one, "case", file.case.id) for one in _offers(db, actor, file, None)),
    ]
    return sorted(found, key=lambda one: bool(one.reason))


def waiting_for_me(db: Session, actor: Actor, file: CaseFile, task: Task) -> list[MenuItem]:
    """Return what the page says above everything else: a decision of mine, a clock that I
    stopped.
    """
    found = []
    if task.paused_at is not None and policy.allowed(actor, "resume", task):
        since = display.moment(task.paused_at)
        words = _(
            "“%(step)s”自 %(since)s 起暂停，办理时限停止计时。", step=task_name(task), since=since
        )
        found.append(_at(task, "resume", words))
    if policy.superior_seat(actor, "decide", file.case, task) is not None:
        asked = extensions.pending(db, task)
        if asked is not None and asked.asked_by != actor.user_id:
            found.append(_at(task, "decide", _("承办人申请延期，待您审批。")))
        pause = pauses.pending(db, task)
        if pause is not None and actor.user_id not in (pause.asked_by, pause.holder_id):
            found.append(_at(task, "decide_pause", _("承办人申请暂停，待您审批。")))
    return found


def _at(task: Task, move: str, words: str) -> MenuItem:
    return MenuItem(words, link=url_for("desk.task_move", task_id=task.id, move=move))


def _of_diagram(db: Session, actor: Actor, file: CaseFile) -> Iterable[MenuItem]:
    """Yield the buttons that the diagram draws: offered while it catches them, else said why
    not.
    """
    caught = cases.offers(db, file.case, file.version, file.state.state, actor)
    names = {one.message: file.version.node(one.node_id) for one in caught}
    for message, node in names.items():
        link = url_for("desk.send_message", case_id=file.case.id, message=message)
        yield MenuItem(node_name(node) if node else message, link=link)
    closed = file.case.closed_at is not None
    why = _("事项已办结。") if closed else _("流程在此环节不支持此操作。")
    known = set(names)
    for node in file.version.definition.nodes.values():
        event = node.event
        if event is None or event.kind != "message" or node.role not in actor.roles:
            continue
        if node.name and event.name not in known:
            known.add(event.name)
            yield MenuItem(node_name(node), reason=why)


def _of_task(db: Session, actor: Actor, file: CaseFile, task: Task) -> Iterable[MenuItem]:
    held = task.assignee_id is not None
    if policy.allowed(actor, "return", task):
        node = file.version.node(task.node_id)
        if node is not None and node.return_to:
            yield MenuItem(_("退回"), link=url_for("desk.send_back", task_id=task.id))
        else:
            yield MenuItem(_("退回"), reason=_("流程未规定本环节可退回的环节。"))
    if held and policy.allowed(actor, "release", task):
        if task.paused_at is None:
            yield MenuItem(_("取消签收"), post=url_for("desk.release", task_id=task.id))
        else:
            yield MenuItem(_("取消签收"), reason=_("本环节已暂停，请先恢复办理。"))
    # One of the two needs no explanation.
    pointless = "suspend" if task.paused_at is not None else "resume"
    for offer in moves.offers(db, actor, file, task, now()):
        if offer.move.key == "co_handle":
            yield MenuItem(
                localize(offer.move.name), link=url_for("desk.ask_help", task_id=task.id)
            )
        elif offer.move.key in ASKED and offer.move.key != pointless:
            yield _moved(offer, "task", task.id)


def _of_recall(db: Session, actor: Actor, file: CaseFile) -> Iterable[MenuItem]:
    """Only the last completion can be taken back, by whoever made it."""
    undo = file.state.undo
    last = casefile.done_task(db, file, undo["task"]) if undo else None
    if last is None:
        return
    for offer in _offers(db, actor, file, last):
        choice = _moved(offer, "task", last.id)
        name = _("%(move)s：“%(step)s”", move=choice.name, step=task_name(last))
        yield MenuItem(name, choice.link, choice.post, choice.reason)


def _offers(db: Session, actor: Actor, file: CaseFile, task: Task | None) -> list[MoveOffer]:
    found = moves.offers(db, actor, file, task, now())
    return [offer for offer in found if offer.move.key in ASKED]


def _moved(offer: MoveOffer, kind: str, number: int) -> MenuItem:
    name = localize(offer.move.name)
    if offer.reason is not None:
        return MenuItem(name, reason=localize(offer.reason))
    key = offer.move.key
    if kind == "case":
        return MenuItem(name, link=url_for("desk.case_move", case_id=number, move=key))
    return MenuItem(name, link=url_for("desk.task_move", task_id=number, move=key))
