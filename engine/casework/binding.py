"""Who goes on with a case: a task whose diagram names earlier ones comes to whoever did them.

The task opens signed for, and is announced to that person alone. Whoever last had one of the
tasks counts, so that a transfer with its reason changes who goes on from then; a person who no
longer holds the role in the unit does not, and the task waits in the queue as any other.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.nodes import Node
from engine.casework import recusal
from engine.casework.case_work import CaseWork
from engine.models import Task
from engine.notices import outbox
from engine.records import vault
from engine.storage import tallies


def goes_on(db: Session, work: CaseWork, task: Task, node: Node | None) -> int | None:
    """Return who gets a task that opens; None for the queue. Asks only where the diagram does."""
    if node is None or not node.assign:
        return None
    nodes = work.version.definition.nodes.values()
    steps = {one for one in node.assign if "." not in one}
    alike = {*steps, *(one.id for one in nodes if one.assign == node.assign)}
    last = db.scalar(
        select(Task)
        .where(
            Task.case_id == work.case.id,
            Task.county_id == work.case.county_id,
            Task.unit_id == task.unit_id,
            Task.role == task.role,
            Task.node_id.in_(sorted(alike)),
        )
        .order_by(Task.id.desc())
        .limit(1)
    )
    people = [last.done_by or last.assignee_id] if last is not None else []
    people += _chosen(db, work, node)
    if not any(people):
        return None
    holders = recusal.holders(db, work.case, task.unit_id, task.role, work.now)
    held = {one.user_id for one in holders}
    return next((person for person in people if person in held), None)


def _chosen(db: Session, work: CaseWork, node: Node) -> list[int]:
    """Return whom the last answers of a step chose, where the diagram names a field of it."""
    found = []
    for step, _, field in (one.partition(".") for one in node.assign if "." in one):
        answers = work.new_answers.get(step)
        if answers is None:
            answers = vault.answers_of(db, work.case).get(step, {})
        if answers.get(field):
            found.append(int(answers[field]))
    return found


def hand_over(task: Task, user_id: int) -> None:
    """Put a task that opens into somebody's hands, before its clocks start: it is signed for."""
    task.assignee_id = user_id
    task.signed_at = task.taken_at = task.opened_at


def bind(db: Session, work: CaseWork, task: Task, user_id: int) -> None:
    """Count, record and announce a task that opened in somebody's hands."""
    tallies.count_taken(db, work.case, task)
    tallies.count(db, work.case, task.unit_id, "waiting", -1, at=work.now)
    tallies.count(db, work.case, task.unit_id, "handling", 1, at=work.now)
    event = work.record(
        db,
        "task.assigned",
        automatic=True,
        task=task,
        name=task.name,
        from_person=None,
        to_person=user_id,
    )
    outbox.put(
        db,
        work.case,
        "task.assigned",
        cause=f"assigned:{event.id}",
        now=work.now,
        user_id=user_id,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )
