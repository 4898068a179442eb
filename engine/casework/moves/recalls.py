"""Recall (撤回): take a completed task back while the next step is untouched.

The engine's prior state, the case's columns and every clock come back as they were; what was
answered waits as a draft. A clock that ran out meanwhile has run out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.access import policy
from engine.access.actors import Actor
from engine.casework import counted_answers, recalculation, steps
from engine.casework.case_lock import begin_task
from engine.casework.case_work import CaseWork
from engine.casework.moves import cohandling
from engine.casework.moves.reminders import KIND as URGED
from engine.casework.moves.rules import NEVER_STOPS, MoveRule
from engine.errors import Conflict, DomainError
from engine.models import Case, CaseAccess, Event, Participation, Task, VaultRow
from engine.notices import outbox
from engine.records import form_drafts, vault
from engine.records.bindings import of_answers
from engine.storage import tallies
from engine.timing import clock_adjustments, clocks, due_rows
from feel.text import Text

OPEN = Text("本环节没有办结，不需要撤回。", "The task is open; there is nothing to recall.")
NOT_HERE = Text("流程规定本环节不能撤回。", "The process does not allow recalling this step.")
MOVED_ON = Text("事项已继续流转，不能撤回。", "The case has moved on; it cannot be recalled.")
TOUCHED = Text("下一环节已有人办理，不能撤回。", "Somebody has begun the next step already.")


def recall(db: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Reopen a task that the actor completed, as it was, and cancel what it led to.

    Raises NotFound, NotAllowed for what others did, Conflict when the case has moved on.
    """
    work = begin_task(db, task_id, actor, MOVE.key, now=now)
    task = work.task
    assert task is not None
    work.seat = policy.require(db, actor, MOVE.key, task)
    fault = _refusal(db, work)
    if fault is not None:
        raise fault
    done_at = task.done_at
    assert done_at is not None
    work.record(db, "task.recalled", task=task, node=task.node_id, name=task.name)
    _cancel(db, work, _opened_by_it(db, work), done_at)
    _restore(db, work)
    counted_answers.uncount(db, work, task)
    _keep_as_draft(db, actor, task, now)
    return task


def _restore(db: Session, work: CaseWork) -> None:
    """State, columns, rows and clocks as they were before the completion."""
    state, definition = work.state, work.version.definition
    assert state.prior is not None and state.undo is not None
    now_armed = {timer.engine_id: timer for timer in bpmn.armed_timers(definition, state.state)}
    then_armed = {timer.engine_id: timer for timer in bpmn.armed_timers(definition, state.prior)}
    gone = now_armed.keys() - then_armed.keys()
    due_rows.cancel(db, work.case, now=work.now, timers=gone)
    missing = [timer for key, timer in then_armed.items() if key not in now_armed]
    clocks.arm_timers(db, work.case, missing)
    for task in _to_reopen(db, work.case, _tokens(work)):
        put_back(db, work, task)
    for column, value in state.undo["columns"].items():
        setattr(work.case, column, value)
    recalculation.follow_promise(db, work)
    state.passed = state.passed[: state.undo["passed"]]
    state.state, state.prior, state.undo = state.prior, None, None


def put_back(db: Session, work: CaseWork, task: Task) -> None:
    """Open a task again as it was; its clocks go on from their first start."""
    since = task.done_at
    assert since is not None
    tallies.count_left(db, work.case, task, -1)
    task.done_at = task.outcome = task.done_by = task.done_for = None
    measure = "waiting" if task.assignee_id is None else "handling"
    tallies.count(db, work.case, task.unit_id, measure, 1, at=work.now)
    node = work.version.node(task.node_id)
    if task.started_at is None and task.signed_at is not None:
        # Done without signing first: signing and doing were one, and handling began then.
        clocks.start_handling(db, work.case, task, node, work.works, at=task.signed_at)
    else:
        spans = clock_adjustments.spans(db, task)
        clocks.rearm(db, work.case, task, node, work.works, since=since, now=work.now, pauses=spans)
    if task.joined_at is not None:
        cohandling.go_on(db, task, since)


def _cancel(db: Session, work: CaseWork, opened: list[Task], done_at: datetime) -> None:
    """Close what the completion opened; its queues are notified, and see the case no more."""
    for task in opened:
        steps.close_task(db, work, task, "cancelled")
        work.record(db, "task.cancelled", automatic=True, task=task)
        outbox.put(
            db,
            work.case,
            "task.recalled",
            cause=f"recalled:{task.id}",
            now=work.now,
            unit_id=task.unit_id,
            role=task.role,
            step=task.name,
            step_en=task.name_en,
        )
    due_rows.cancel(db, work.case, [task.id for task in opened], now=work.now)
    db.execute(
        delete(CaseAccess)
        .where(
            CaseAccess.case_id == work.case.id,
            CaseAccess.county_id == work.case.county_id,
            or_(
                CaseAccess.unit_id.in_([task.unit_id for task in opened]),
                CaseAccess.unit_id.in_(_helping(opened)),
            ),
            CaseAccess.reason.in_(("handler", "co_handler")),
            # Whoever was let in by an earlier step stays in.
            CaseAccess.from_at == done_at,
        )
        .execution_options(synchronize_session=False)
    )


def _helping(opened: list[Task]) -> Select[tuple[int]]:
    """Return the units that were asked to help with what is cancelled."""
    ids = [task.id for task in opened]
    return select(Participation.unit_id).where(Participation.task_id.in_(ids))


def _opened_by_it(db: Session, work: CaseWork) -> list[Task]:
    before = _tokens(work)
    return [task for task in _open(db, work.case) if task.engine_id not in before]


def _tokens(work: CaseWork) -> set[str]:
    """Return the engine's tasks that were open before the completion."""
    assert work.state.prior is not None
    tokens = bpmn.open_tasks(work.version.definition, work.state.prior)
    return {token.engine_id for token in tokens}


def _open(db: Session, case: Case) -> list[Task]:
    mine = select(Task).where(Task.case_id == case.id, Task.county_id == case.county_id)
    return list(db.scalars(mine.where(Task.done_at.is_(None)).order_by(Task.id)))


def _to_reopen(db: Session, case: Case, tokens: Collection[str]) -> list[Task]:
    """Return the newest row of each token that has no open row."""
    rows = db.scalars(
        select(Task)
        .where(
            Task.case_id == case.id, Task.county_id == case.county_id, Task.engine_id.in_(tokens)
        )
        .order_by(Task.id)
    )
    newest = {task.engine_id: task for task in rows}
    return [task for task in newest.values() if task.done_at is not None]


def _keep_as_draft(db: Session, actor: Actor, task: Task, now: datetime) -> None:
    """Keep the answers as a draft, so that the reopened form begins with them."""
    row = db.scalar(
        select(VaultRow)
        .where(VaultRow.task_id == task.id, VaultRow.node_id == task.node_id)
        .order_by(VaultRow.id.desc())
        .limit(1)
    )
    if row is not None and row.payload is not None:
        form_drafts.save(
            db, actor.user_id, str(task.id), vault.unseal(row.payload, of_answers(row)), now
        )


def _refusal(db: Session, work: CaseWork) -> DomainError | None:
    task, state = work.task, work.state
    assert task is not None
    if task.done_at is None:
        return Conflict(task.id, text=OPEN)
    node = work.version.node(task.node_id)
    if node is None or not node.recall:
        return Conflict(task.id, text=NOT_HERE)
    if state.prior is None or state.undo is None or state.undo["task"] != task.id:
        return Conflict(task.id, text=MOVED_ON)
    opened = [one.id for one in _opened_by_it(db, work)]
    touched = select(Event.id).where(
        Event.case_id == work.case.id,
        Event.task_id.in_(opened),
        Event.actor_id.is_not(None),
        Event.kind != URGED,
    )
    if db.scalar(touched.limit(1)) is not None:
        return Conflict(task.id, text=TOUCHED)
    return None


MOVE = MoveRule(
    key="recall",
    name=Text("撤回", "Recall"),
    of="done",
    who=Text("办结本环节的人，仍在该岗位", "who completed it and still holds the post"),
    when=Text(
        "流程允许撤回，下一环节没有人动过，事项未办结，也没有已经告知群众、另立事项或生成文书",
        "the process allows it, nobody has touched the next step, the case is open, and nothing "
        "was told to the citizen, opened as another case or made into a document",
    ),
    sign=Text("未签收即办结的，视为当时已签收", "done without signing, it counts as signed then"),
    handle=Text(
        "从原来的开始时刻接着算，办结到撤回之间也算在内；下一环节的时限取消",
        "goes on from its first start, the time until the recall included; the next step's ends",
    ),
    citizen=NEVER_STOPS,
    refusal=_refusal,
)
