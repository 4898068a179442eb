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
from engine.access.actors import Actor, Seat
from engine.bpmn import AwaitedMessage
from engine.casework import answers as answering
from engine.casework import precedents, protection, ratings, steps
from engine.casework.answers import Answers
from engine.casework.case_lock import begin, begin_task, lock_case
from engine.casework.case_work import CaseWork, context_of, engine_faults, refuse_done
from engine.casework.conflicts import require_fresh
from engine.casework.opening import open_case
from engine.definitions.versions import PublishedVersion
from engine.errors import AlreadySigned, Conflict, InvalidInput, NotAllowed, TaskPaused
from engine.models import Case, Task, User
from engine.records import form_drafts, vault
from engine.records.answer_history import RETURN
from engine.storage import step_counts, tallies
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
        raise TaskPaused(task.id)
    task.assignee_id = task.signed_at = None
    tallies.count(db, work.case, task.unit_id, "handling", -1, at=now)
    tallies.count(db, work.case, task.unit_id, "waiting", 1, at=now)
    work.record(db, "task.released", task=task)
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

    Signs for it if nobody has; ``seen`` is the length of the chain on which it was filled in.
    Raises NotFound, NotAllowed, TaskAlreadyDone, StaleForm, forms.InvalidAnswers or Incident.
    """
    # 1. Lock the case, read the task after it, refuse what is done or not theirs to do.
    work, task = _begin(db, actor, task_id, "complete", now)
    # 2. Refuse a form that was filled in before a colleague's step.
    require_fresh(db, work, seen)
    # 3. Let the form of the case's own version clean the answers.
    form = work.version.form(task.form)
    clean = answering.clean(work, form, answers)
    # 4. The case's columns: triage and the next tasks go by what has just been answered.
    answering.set_columns(db, work, form, clean)
    precedents.remember(db, work, form, clean)
    # 5. Let the pure engine compute the step; an incident if it cannot.
    with engine_faults(work):
        definition, variables = work.version.definition, work.version.variables(form, clean)
        state, context = work.state.state, context_of(work)
        step = bpmn.complete(definition, state, task.engine_id, variables, context)
    # 6. Answers into the vault, attested by their digest in the chain.
    # 7. Audit first: history must show the answer before its consequences.
    work.record_task(db, "task.completed", **answering.keep(db, work, form, clean))
    ratings.note(db, work, form, clean)
    protection.keep_asked(db, work, form, clean)
    # 8. The task is done, by whom and for whom.
    steps.close_task(db, work, task, "completed")
    work.sign_off(task)
    # 9. What follows: state, other tasks, clocks, access, counters, messages.
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

    Raises InvalidInput without a reason, NotAllowed for a step that ``returnTo`` does not list,
    StaleForm as ``complete_task`` does.
    """
    work, task = _begin(db, actor, task_id, "return", now)
    require_fresh(db, work, seen)
    node = work.version.node(task.node_id)
    if node is None or target not in node.return_to:
        raise NotAllowed("return", target)
    if not reason.strip():
        raise InvalidInput({"reason": Text("请填写退回原因。", "Please give the reason.")})
    with engine_faults(work):
        step = bpmn.move_token(
            work.version.definition,
            work.state.state,
            task.engine_id,
            target,
            context_of(work),
        )
    told = {"reason": reason.strip(), "to": target}
    kept = vault.keep(db, work.case, task, f"{task.node_id}{RETURN}", told, at=now)
    work.record_task(db, "task.returned", to=target, receipt=kept.digest)
    tallies.count_returned(db, work.case, task.unit_id, at=now)
    step_counts.count_back(db, work.case, task, target, at=now)
    steps.close_task(db, work, task, "moved")
    work.sign_off(task)
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
    StaleForm as ``complete_task`` does.
    """
    work = begin(db, lock_case(db, case_id), actor, f"message.{message}", now=now)
    policy.require(db, actor, "see", work.case)
    caught, work.seat = _offered(db, work, actor, message)
    require_fresh(db, work, seen)
    form = work.version.form(caught.form)
    clean = answering.clean(work, form, answers)
    with engine_faults(work):
        step = bpmn.send_message(
            work.version.definition,
            work.state.state,
            message,
            work.version.variables(form, clean),
            context_of(work),
        )
    nothing = {"receipt": ""}
    vouched = answering.keep(db, work, form, clean, caught.node_id) if form else nothing
    said: dict[str, Any] = {"message": message, "name": caught.name, "node": caught.node_id}
    if message == tallies.BOUNCE:
        tallies.count_returned(db, work.case, work.seat.unit_id, at=now)
    work.record(db, "message.sent", **said, **vouched)
    protection.keep_asked(db, work, form, clean)
    steps.apply_step(db, work, step)
    return work.case


def offers(
    db: Session, case: Case, published: PublishedVersion, state: str, actor: Actor
) -> list[AwaitedMessage]:
    """Return the messages that the diagram catches now and this actor may send."""
    if case.closed_at is not None:
        return []
    caught = _catches(case, published, state)
    at_work = policy.units_at_work(db, case) if caught else frozenset()
    return [catch for catch in caught if _sender(case, at_work, catch, actor)]


def _offered(
    db: Session, work: CaseWork, actor: Actor, message: str
) -> tuple[AwaitedMessage, Seat]:
    """Return the catch for ``message``, and the seat that may send it.

    Raises Conflict if it is not caught now, NotAllowed if it is not theirs.
    """
    caught = _catches(work.case, work.version, work.state.state)
    matching = [catch for catch in caught if catch.message == message]
    if not matching:
        raise Conflict(work.case.id, message)
    at_work = policy.units_at_work(db, work.case)
    for catch in matching:
        seat = _sender(work.case, at_work, catch, actor)
        if seat is not None:
            return catch, seat
    raise NotAllowed(message, work.case.id)


def _catches(case: Case, published: PublishedVersion, state: str) -> list[AwaitedMessage]:
    """Return what the diagram catches; nothing at a task that is set aside in another case."""
    found, nodes = bpmn.catches(published.definition, state), published.definition.nodes
    return [one for one in found if case.main_id is None or not nodes[one.node_id].attached_to]


def _sender(
    case: Case, at_work: frozenset[int], catch: AwaitedMessage, actor: Actor
) -> Seat | None:
    """Return the seat of the catch's role that sits in a unit at work, or oversees the place."""
    for seat in actor.seats:
        if catch.role in ("", seat.role) and (
            seat.unit_id in (case.unit_id, *at_work) or policy.oversees(seat, case.place)
        ):
            return seat
    return None


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
    node = work.version.node(task.node_id)
    clocks.sign(db, work.case, task, node, work.works, at=work.now)
    steps.take(db, work, task)
    tallies.count(db, work.case, task.unit_id, "waiting", -1, at=work.now)
    tallies.count(db, work.case, task.unit_id, "handling", 1, at=work.now)
    work.record_task(db, "task.signed")
