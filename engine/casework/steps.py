"""What a step of the engine means for the database: state, tasks, clocks, access, notices.

Shared by everything that moves a case: people's moves and the worker's firings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import bpmn, org
from engine.casework import (
    binding,
    case_access,
    co_handlers,
    counted_answers,
    effects,
    incidents,
    merger_rows,
    recalculation,
    recusal,
    replies,
    time_carryover,
)
from engine.casework.case_work import CaseWork
from engine.models import Case, Participation, Pause, Task, Unit, new_id
from engine.notices import outbox
from engine.storage import pending_rows, step_counts, tallies
from engine.terms.priorities import NORMAL
from engine.timing import clock_adjustments, clocks, due_rows
from engine.timing.limits import LAW


def apply_step(
    db: Session, work: CaseWork, step: bpmn.Step, *, near: Task | None = None
) -> list[Task]:
    """Write what a step changed; return the tasks that it opened.

    ``near`` is the task just completed: a next task for the same unit needs no look-up.
    """
    _keep_state(work, step, near)
    _apply_context(db, work, step.context)
    _close_others(db, work, step, near)
    if not step.ended:
        recalculation.recalculate_changed(db, work)
    if bpmn.REOPENED in step.answers:
        work.begins_anew = True
    tasks = [_open_task(db, work, opened, near) for opened in step.opened_tasks]
    replies.follow(db, work, step.answers, tasks)
    clocks.arm_timers(db, work.case, step.timers)
    for effect in step.effects:
        effects.take(db, work, effect)
    definition = work.version.definition
    flows = definition.flows.of_step(step, definition.nodes)
    step_counts.count_flows(db, work.case, _flow_unit(work, near), flows, at=work.now)
    if step.ended:
        _end(db, work, step)
    merger_rows.follow(db, work, step, tasks)
    if work.troubled:
        incidents.settle(db, work, ended=step.ended)
    return tasks


def close_task(db: Session, work: CaseWork, task: Task, how: str) -> None:
    """Mark a task as done in the row and in the counters; its clocks go in ``apply_step``.

    What has come due by now stays, even if the worker has not got to it.
    """
    work.start_unsigned(db, task)
    measure = "waiting" if task.assignee_id is None else "handling"
    tallies.count(db, work.case, task.unit_id, measure, -1, at=work.now)
    if how == "completed":
        # Doing it is signing for it.
        take(db, work, task)
    else:
        work.state.turned = True
    task.done_at, task.outcome = work.now, how
    work.closed_tasks.append(task)
    _end_moves(db, work, task)
    tallies.count_left(db, work.case, task)


def take(db: Session, work: CaseWork, task: Task) -> None:
    """Note the first signing in the unit that has the task; later ones change nothing."""
    if task.taken_at is None:
        task.taken_at = work.now
        tallies.count_taken(db, work.case, task)


def _end_moves(db: Session, work: CaseWork, task: Task) -> None:
    """A pause and what others were asked for end with the task that they belong to."""
    now = work.now
    if task.paused_at is not None:
        task.paused_at = None
        running = update(Pause).where(Pause.task_id == task.id, Pause.until_at.is_(None))
        db.execute(running.values(until_at=now))
        # Its clock stood still: what was left of the limit was left when it ended.
        pauses = clock_adjustments.spans(db, task)
        task.due_at = clocks.handling_due(task, work.works, pauses)
    if task.joined_at is not None:
        asked = update(Participation).where(
            Participation.task_id == task.id, Participation.done_at.is_(None)
        )
        db.execute(asked.values(done_at=now, outcome="closed"))


def _keep_state(work: CaseWork, step: bpmn.Step, near: Task | None) -> None:
    work.state.prior = work.state.state
    work.state.undo = _undo(work, step, near)
    work.state.state = step.state
    fresh = [node for node in dict.fromkeys(step.passed_nodes) if node not in work.state.passed]
    if fresh:
        work.state.passed = [*work.state.passed, *fresh]


def _undo(work: CaseWork, step: bpmn.Step, near: Task | None) -> dict[str, Any] | None:
    """Return what a recall of the task just completed needs; None where there is no way back.

    Nor is there one from the step that opened the case: before it there was nothing.
    """
    if near is None or near.outcome != "completed" or not work.state.prior:
        return None
    if any(effect.kind in effects.LASTING for effect in step.effects):
        return None
    # Nor can the citizen be asked to forget the answer.
    if step.answers:
        return None
    return {"task": near.id, "columns": work.before, "passed": len(work.state.passed)}


def _apply_context(db: Session, work: CaseWork, context: bpmn.Context) -> None:
    """Copy what actions and triage changed from the context to the case's columns."""
    case = work.case
    changed: dict[str, Any] = {}
    for column, value in (
        ("level", context.level),
        ("category", context.category),
        ("priority", context.priority or NORMAL),
        ("risk", context.risk),
        ("limit_amount", context.limit),
        ("limit_unit", context.limit_unit),
    ):
        if getattr(case, column) != value:
            changed[column] = value
            setattr(case, column, value)
    promise = [context.promise, context.promise_unit]
    if case.promise != promise and None not in promise:
        case.promise = changed["promise"] = promise
    if context.department != (case.department.code if case.department else None):
        key = context.department
        case.department = org.unit_named(db, case.county_id, key) if key else None
        changed["department"] = context.department
    if context.limit_by is not None and context.limit_by != case.limit_by:
        case.limit_by = {**context.limit_by, "version": work.version.number}
    if changed:
        work.record(db, "case.changed", automatic=True, **changed)


def _close_others(db: Session, work: CaseWork, step: bpmn.Step, near: Task | None) -> None:
    """Close tasks that the step cancelled, and delete every due row that lost its reason."""
    closed = {task.engine_id: task.how for task in step.closed_tasks}
    done = [near.id] if near is not None and _had_clocks(near) else []
    if near is not None:
        closed.pop(near.engine_id, None)
    if closed:
        for task in _open_rows(db, work.case, list(closed)):
            how = "moved" if closed[task.engine_id] == "moved" else "cancelled"
            close_task(db, work, task, how)
            work.record(db, f"task.{how}", automatic=True, task=task)
            done.append(task.id)
    if not step.ended:
        due_rows.cancel(db, work.case, done, now=work.now, timers=step.disarmed_timers)


def _had_clocks(task: Task) -> bool:
    moments = (task.due_at, task.sign_due_at, task.joined_at)
    return any(moment is not None for moment in moments)


def _open_rows(db: Session, case: Case, engine_ids: Sequence[str]) -> list[Task]:
    return list(
        db.scalars(
            select(Task).where(
                Task.case_id == case.id,
                Task.county_id == case.county_id,
                Task.engine_id.in_(engine_ids),
                Task.done_at.is_(None),
            )
        )
    )


def _open_task(db: Session, work: CaseWork, opened: bpmn.OpenTask, near: Task | None) -> Task:
    node = work.version.node(opened.node_id)
    unit, missing = _unit_for(db, work.case, opened, near)
    task = Task(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        engine_id=opened.engine_id,
        node_id=opened.node_id,
        name=opened.name or opened.node_id,
        name_en=node.name_en if node else "",
        form=opened.form or None,
        role=opened.role,
        level=opened.level,
        unit_id=unit.id,
        instance=opened.instance,
        opened_at=work.now,
        came_at=work.now,
    )
    task.unit = unit
    task.stamp(unit)
    time_carryover.bring(db, work, task)
    person = binding.goes_on(db, work, task, node)
    pending_rows.add(db, task)
    if person is not None:
        binding.hand_over(task, person)
    clocks.start_task(db, work.case, task, opened, node, work.works)
    if near is None or near.unit_id != unit.id:
        case_access.grant(db, work.case, unit, "handler", work.now)
    _announce(db, work, task, missing, person)
    if person is not None:
        binding.bind(db, work, task, person)
    if opened.helpers:
        co_handlers.invite(db, work, task, opened.helpers)
    return task


def _announce(
    db: Session, work: CaseWork, task: Task, missing: str | None, person: int | None
) -> None:
    extra: dict[str, Any] = {"missing_unit": missing} if missing else {}
    if task.counts_from is not None:
        extra["counts_from"] = task.counts_from.isoformat()
        # Whether the law lets anything move it.
        extra["firm"] = task.limit_source == LAW
    work.record(
        db,
        "task.opened",
        automatic=True,
        task=task,
        node=task.node_id,
        name=task.name,
        unit=task.unit_id,
        role=task.role,
        **extra,
    )
    tallies.count(db, work.case, task.unit_id, "waiting", 1, at=work.now)
    tallies.count_came(db, work.case, task)
    if person is not None:
        return
    outbox.put(
        db,
        work.case,
        "task.opened",
        cause=f"opened:{task.id}",
        now=work.now,
        unit_id=task.unit_id,
        role=task.role,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )


def _unit_for(
    db: Session, case: Case, opened: bpmn.OpenTask, near: Task | None
) -> tuple[Unit, str | None]:
    """Return the unit whose queue a task opens on; a code that no unit has falls back to the
    place's.

    Returns that code as second value, so that the record shows it and nobody is swallowed.
    """
    unit, missing = _unit_asked(db, case, opened, near)
    return recusal.instead(db, case, unit, opened.role), missing


def _unit_asked(
    db: Session, case: Case, opened: bpmn.OpenTask, near: Task | None
) -> tuple[Unit, str | None]:
    if opened.unit:
        named = org.unit_named(db, case.county_id, opened.unit)
        if named is not None:
            area = named.kind == "area"
            return (org.work_unit(db, named, opened.role) if area else named), None
    elif near is not None and (near.level, near.role) == (opened.level, opened.role):
        return near.unit, None
    unit = org.unit_at(db, case.place, opened.level)
    return org.work_unit(db, unit, opened.role), opened.unit or None


def _flow_unit(work: CaseWork, near: Task | None) -> int:
    """Return whose step it was: of the task that was done, else of who registered the case."""
    return near.unit_id if near is not None else work.case.unit_id


def tasks_of(db: Session, case: Case) -> Sequence[Task]:
    """Return the tasks of a case as this session has them."""
    mine = (Task.case_id == case.id, Task.county_id == case.county_id)
    return db.scalars(select(Task).where(*mine)).all()


def _end(db: Session, work: CaseWork, step: bpmn.Step) -> None:
    work.case.closed_at, work.case.outcome = work.now, step.end_node
    work.case.answered_at = work.case.answered_at or work.now
    # The state before the end stays: a case that is reopened goes on from there.
    work.state.undo = None
    due_rows.cancel_all(db, work.case, now=work.now)
    tallies.count_closed(db, work.case)
    tallies.count_ended(db, work.case)
    step_counts.count_closed(db, work.case, tasks_of(db, work.case))
    found = counted_answers.count_end(db, work)
    more: dict[str, Any] = {"figures": found} if found else {}
    work.record(db, "case.closed", automatic=True, end=step.end_node, **more)
