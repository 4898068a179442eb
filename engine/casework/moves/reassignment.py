"""From hand to hand: a task changes its unit or its person, its clocks stay with it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import org
from engine.casework import case_access, recalculation, recusal, steps, time_carryover
from engine.casework.case_work import CaseWork
from engine.errors import InvalidInput
from engine.models import Task, TaskStay, Unit, new_id
from engine.notices import outbox
from engine.org import ClimbRequest, Lateness
from engine.storage import pending_rows, tallies
from engine.timing import clocks, due_rows
from feel.text import Text

NOBODY = Text("此人在该单位没有相应岗位。", "This person has no such post in that unit.")


def give(db: Session, work: CaseWork, task: Task, unit: Unit, user_id: int | None) -> None:
    """Put a task on a unit's queue, or into somebody's hands, who then has signed for it.

    A sign clock that runs goes on to run in a queue of the same unit, and ends in hands; another
    unit has its own. A handling clock that runs goes on as it is. Raises
    InvalidInput for a unit that the case goes round.
    """
    recusal.require_apart(work.case, unit)
    unsigned, elsewhere = task.assignee_id is None, unit.id != task.unit_id
    work.start_unsigned(db, task)
    tallies.count(db, work.case, task.unit_id, _measure(task), -1, at=work.now)
    if elsewhere:
        _leave(db, work, task)
        time_carryover.leave(db, work, task)
        _leave_the_empty_queue(db, work, task)
        task.unit, task.unit_id = unit, unit.id
        task.came_at, task.taken_at = work.now, None
        tallies.count_came(db, work.case, task)
        task.stamp(unit)
        case_access.grant(db, work.case, unit, "handler", work.now)
        time_carryover.arrive(db, work, task)
        _reckon_there(db, work, task)
    task.assignee_id = user_id
    task.signed_at = work.now if user_id is not None else None
    tallies.count(db, work.case, unit.id, _measure(task), 1, at=work.now)
    if unsigned and user_id is not None:
        node = work.version.node(task.node_id)
        clocks.sign(db, work.case, task, node, work.works, at=work.now)
    elif elsewhere and user_id is None:
        node = work.version.node(task.node_id)
        clocks.receive(db, work.case, task, node, work.works, now=work.now)
    if user_id is not None:
        steps.take(db, work, task)


def _leave_the_empty_queue(db: Session, work: CaseWork, task: Task) -> None:
    """The rungs that rang because nobody sat there say nothing of the next unit."""
    if task.queue_empty_since is not None:
        task.queue_empty_since = None
        due_rows.cancel(db, work.case, [task.id], now=work.now, rungs_of=clocks.SIGN)


def _leave(db: Session, work: CaseWork, task: Task) -> None:
    """Keep what the task's time in its unit was: how late it got there stays with that unit."""
    stay = TaskStay(
        id=new_id(),
        county_id=task.county_id,
        case_id=task.case_id,
        task_id=task.id,
        unit_id=task.unit_id,
        came_at=task.came_at,
        left_at=work.now,
        sign_due_at=task.sign_due_at,
        taken_at=task.taken_at,
        due_at=task.due_at,
        limited=task.limit_amount is not None,
    )
    pending_rows.add(db, stay)
    tallies.count_passed(db, work.case, task, stay)


def _reckon_there(db: Session, work: CaseWork, task: Task) -> None:
    """Another unit may work by another calendar, or under an emergency profile, or under none."""
    if work.works.almanac.uses or work.works.almanac.emergencies:
        recalculation.recalculate_task(db, work, task, recalculation.TRANSFER)


def require_holder(db: Session, work: CaseWork, task: Task, unit: Unit, user_id: int) -> None:
    """Refuse a person who does not hold the task's role in the unit. Raises InvalidInput."""
    holders = recusal.holders(db, work.case, unit.id, task.role, work.now)
    if user_id not in {holder.user_id for holder in holders}:
        raise InvalidInput({"person": NOBODY})


def who_answers(db: Session, work: CaseWork, task: Task) -> list[int]:
    """Return who answers for a queue in which nobody sits: who leads the unit, or the next one
    above.

    Nobody where somebody has the task, or could sign for it.
    """
    if task.assignee_id is not None or org.holders(db, task.unit_id, task.role, work.now):
        return []
    return _above(db, work, task)


def ask_above(db: Session, work: CaseWork, task: Task, key: str, *, cause: str) -> None:
    """Notify who decides what a task's holder asks for: the unit's leaders, or where there is
    none but the holder, those of the next unit above.
    """
    for user_id in _above(db, work, task):
        outbox.put(
            db,
            work.case,
            key,
            cause=f"{cause}:{user_id}",
            now=work.now,
            user_id=user_id,
            task=task,
            step=task.name,
            step_en=task.name_en,
        )


def _above(db: Session, work: CaseWork, task: Task) -> list[int]:
    late = Lateness(task.unit, task.role, task.assignee_id)
    way = ClimbRequest(task.unit, 0, "leader", late, around=recusal.around(work.case))
    found = recusal.arrival(db, work.case, org.climb_all(db, [way], work.now)[0], way, work.now)
    return [holder.user_id for holder in found.holders]


def notify(db: Session, work: CaseWork, task: Task, key: str, *, cause: str) -> None:
    """Notify the task's holder, or everybody who could sign for it."""
    signed = task.assignee_id is not None
    outbox.put(
        db,
        work.case,
        key,
        cause=cause,
        now=work.now,
        user_id=task.assignee_id,
        unit_id=None if signed else task.unit_id,
        role=None if signed else task.role,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )


def _measure(task: Task) -> str:
    return "waiting" if task.assignee_id is None else "handling"
