"""Use cases: open a case, sign for a task, complete it, send it back, answer its messages.

Each runs in the caller's transaction, locks the case row first, asks policy, and writes the
audit event before its consequences.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn
from engine.access import policy
from engine.access.actors import Actor
from engine.bpmn import Catch
from engine.casework import completion, steps
from engine.casework.case_work import (
    CaseWork,
    begin,
    begin_task,
    context_of,
    engine_faults,
    lock_case,
    refuse_done,
)
from engine.casework.completion import Answers
from engine.casework.conflicts import require_fresh
from engine.casework.opening import open_case
from engine.definitions.versions import Published
from engine.errors import AlreadySigned, Conflict, NotAllowed, Paused, Rejected
from engine.models import Case, Task, User
from engine.records import audit, form_drafts, vault
from engine.records.answer_history import RETURN
from engine.storage import tallies
from engine.timing import clocks
from feel.text import Text

__all__ = [
    "complete_task",
    "keep_draft",
    "offers",
    "open_case",
    "release",
    "return_task",
    "send_message",
    "sign",
]


def sign(db: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Take a task as one's own. Raises AlreadySigned, TaskAlreadyDone, NotFound, NotAllowed."""
    work, task = _begin(db, actor, task_id, "sign", now)
    if task.assignee_id is not None:
        if task.assignee_id == actor.user_id:
            return task
        raise AlreadySigned(task.id, db.get_one(User, task.assignee_id).name)
    _sign(db, work, task)
    return task


def release(db: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Give a signed task back to the unit's queue; its clocks go on as they were."""
    work, task = _begin(db, actor, task_id, "release", now)
    if task.paused_at is not None:
        raise Paused(task.id)
    task.assignee_id = task.signed_at = None
    tallies.count(db, work.case, task.unit_id, "handling", -1, at=now)
    tallies.count(db, work.case, task.unit_id, "waiting", 1, at=now)
    audit.record(db, work.case, work.state, "task.released", actor, at=now, task=task)
    return task


def keep_draft(db: Session, actor: Actor, task_id: int, answers: Answers, *, now: datetime) -> bool:
    """Keep what somebody has typed so far; False when the task was done meanwhile.

    Under the case's lock: a draft on its way must not outlive the completion it met, nor does
    being late make it a refusal. Raises NotFound or NotAllowed.
    """
    work = begin_task(db, task_id, actor, "draft", now=now)
    assert work.task is not None
    if work.task.done_at is not None:
        return False
    policy.require(db, actor, "draft", work.task)
    form_drafts.save(db, actor.user_id, str(task_id), answers, now)
    return True


def complete_task(
    db: Session,
    actor: Actor,
    task_id: int,
    answers: Answers,
    *,
    now: datetime,
    seen: int | None = None,
) -> Case:
    """Record the answers and move the case on to its next tasks.

    Runs in the caller's transaction and keeps the case row locked. Signs for the task if
    nobody has. ``seen`` is the length of the chain that the form was filled in on. Raises
    NotFound, NotAllowed, TaskAlreadyDone, Stale, forms.Invalid or Incident.
    """
    work, task = _begin(db, actor, task_id, "complete", now)
    require_fresh(db, work, seen)
    form = work.published.form(task.form)
    clean = form.clean(answers, today=completion.today(now)) if form else {}
    # First the case's columns: triage and the next tasks go by what has just been answered.
    completion.set_columns(db, work, form, clean)
    with engine_faults(work):
        step = bpmn.complete(
            work.published.definition,
            work.state.state,
            task.engine_id,
            work.published.variables(form, clean),
            context_of(work),
        )
    vouched = completion.keep(db, work, form, clean)
    # Audit first: history must show the answer before its consequences.
    completion.record(db, work, "task.completed", **vouched)
    steps.close_task(db, work, task, "completed")
    completion.set_hands(task, actor, work.seat)
    steps.apply_step(db, work, step, near=task)
    return work.case


def return_task(
    db: Session,
    actor: Actor,
    task_id: int,
    target: str,
    reason: str,
    *,
    now: datetime,
    seen: int | None = None,
) -> Case:
    """Send a task back to an earlier step that its diagram allows, with a reason.

    Raises Rejected without a reason, NotAllowed for a step that ``returnTo`` does not list,
    Stale as ``complete_task`` does.
    """
    work, task = _begin(db, actor, task_id, "return", now)
    require_fresh(db, work, seen)
    node = work.published.node(task.node_id)
    if node is None or target not in node.return_to:
        raise NotAllowed("return", target)
    if not reason.strip():
        raise Rejected({"reason": Text("请填写退回原因。", "Please give the reason.")})
    with engine_faults(work):
        step = bpmn.move_token(
            work.published.definition,
            work.state.state,
            task.engine_id,
            target,
            context_of(work),
        )
    told = {"reason": reason.strip(), "to": target}
    kept = vault.keep(db, work.case, task, f"{task.node_id}{RETURN}", told, at=now)
    completion.record(db, work, "task.returned", to=target, receipt=kept.digest)
    steps.close_task(db, work, task, "moved")
    completion.set_hands(task, actor, work.seat)
    steps.apply_step(db, work, step, near=task)
    return work.case


def send_message(
    db: Session,
    actor: Actor,
    case_id: int,
    message: str,
    answers: Answers,
    *,
    now: datetime,
    seen: int | None = None,
) -> Case:
    """Press a button that the diagram offers now: hand up, withdraw, close early, ...

    Raises NotFound, NotAllowed for a role that may not, Conflict when it is no longer offered,
    Stale as ``complete_task`` does.
    """
    work = begin(db, lock_case(db, case_id), actor, f"message.{message}", now=now)
    policy.require(db, actor, "see", work.case)
    caught = _offered(db, work, actor, message)
    require_fresh(db, work, seen)
    form = work.published.form(caught.form)
    clean = form.clean(answers, today=completion.today(now)) if form else {}
    with engine_faults(work):
        step = bpmn.send_message(
            work.published.definition,
            work.state.state,
            message,
            work.published.variables(form, clean),
            context_of(work),
        )
    nothing = {"receipt": ""}
    vouched = completion.keep(db, work, form, clean, caught.node_id) if form else nothing
    said: dict[str, Any] = {
        "message": message,
        "name": caught.name,
        "node": caught.node_id,
        **vouched,
    }
    audit.record(db, work.case, work.state, "message.sent", actor, at=now, **said)
    steps.apply_step(db, work, step)
    return work.case


def offers(db: Session, case: Case, published: Published, state: str, actor: Actor) -> list[Catch]:
    """The messages that the diagram catches now and this actor may send."""
    if case.closed_at is not None:
        return []
    caught = bpmn.catches(published.definition, state)
    at_work = policy.units_at_work(db, case) if caught else frozenset()
    return [catch for catch in caught if _may_send(case, at_work, catch, actor)]


def _offered(db: Session, work: CaseWork, actor: Actor, message: str) -> Catch:
    """The catch for ``message``. Raises Conflict if not caught now, NotAllowed if not theirs."""
    caught = bpmn.catches(work.published.definition, work.state.state)
    matching = [catch for catch in caught if catch.message == message]
    if not matching:
        raise Conflict(work.case.id, message)
    at_work = policy.units_at_work(db, work.case)
    for catch in matching:
        if _may_send(work.case, at_work, catch, actor):
            return catch
    raise NotAllowed(message, work.case.id)


def _may_send(case: Case, at_work: frozenset[int], catch: Catch, actor: Actor) -> bool:
    """Whether a seat of the catch's role sits in a unit at work, or oversees the place."""
    for seat in actor.seats:
        if catch.role in ("", seat.role) and (
            seat.unit_id in (case.unit_id, *at_work) or policy.oversees(seat, case.place)
        ):
            return True
    return False


def _begin(
    db: Session, actor: Actor, task_id: int, verb: str, now: datetime
) -> tuple[CaseWork, Task]:
    """Lock the case of a task, then read the task: done is done, whoever was first."""
    work = begin_task(db, task_id, actor, verb, now=now)
    task = work.task
    assert task is not None
    refuse_done(db, work)
    work.seat = policy.require(db, actor, verb, task)
    return work, task


def _sign(db: Session, work: CaseWork, task: Task) -> None:
    assert work.actor is not None
    task.assignee_id, task.signed_at = work.actor.user_id, work.now
    node = work.published.node(task.node_id)
    clocks.sign(db, work.case, task, node, work.works, at=work.now)
    tallies.count(db, work.case, task.unit_id, "waiting", -1, at=work.now)
    tallies.count(db, work.case, task.unit_id, "handling", 1, at=work.now)
    completion.record(db, work, "task.signed")
