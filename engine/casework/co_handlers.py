"""Units that help with a task: their rows, clocks and notices, however they came to be asked.

Somebody who has the task asks them (``moves.cohandling``), or the diagram names them when it
opens: then each is asked at once, for as long as the task itself may take.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine import org
from engine.access import confidentiality, policy
from engine.casework import case_access
from engine.casework.case_work import CaseWork
from engine.models import Due, Participation, Post, Task, Unit, new_id
from engine.notices import outbox
from engine.records import vault
from engine.storage import pending_rows
from engine.worktime import Limit, deadline

KIND = "co_due"
# What is asked stands with the answers of the case, under the task's step.
QUESTION = ":co_handle"
# For a task without a limit of its own.
USUAL = Limit(3, "working_days")
NAMED = "派单时指定协办，请配合主办单位，在期限内答复协办意见。"
# Why a unit that was named is not asked.
UNKNOWN, SAME, AROUND, NO_POST = "unknown", "same", "around", "no_post"


def invite(db: Session, work: CaseWork, task: Task, codes: Sequence[str]) -> list[Participation]:
    """Ask the units that a diagram names for a task that has just opened; return who is asked.

    One that cannot be asked (no such unit, the main one itself, gone round, nobody who could
    answer) is recorded with the reason, and whoever named it is notified.
    """
    found: list[Participation] = []
    for code in dict.fromkeys(codes):
        unit, role, fault = _helper_of_code(db, work, task, code)
        if unit is None or fault:
            _left_out(db, work, task, code, fault)
        elif all(one.unit_id != unit.id for one in found):
            found.append(_row_of(work, task, unit, role))
    if not found:
        return []
    task.joined_at = work.now
    node = f"{task.node_id}{QUESTION}"
    for row in found:
        pending_rows.add(db, row)
        # A row for each unit, as for one asked by hand: every receipt has one of its own.
        kept = vault.keep(db, work.case, task, node, {"reason": NAMED}, at=work.now)
        due = row.due_at.isoformat()
        # Nobody's act on this task: whoever dispatched may still take it back.
        said: dict[str, Any] = {"receipt": kept.digest, "due": due, "named": True}
        record(db, work, task, "help.asked", row, automatic=True, **said)
        pending_rows.add(db, moment(row))
        case_access.grant(db, work.case, row.unit, "co_handler", work.now)
        notify(db, work, task, row, "help.asked", to_helper=True)
    return found


def new_row(
    work: CaseWork, task: Task, unit: Unit, role: str, limit: Limit, by_id: int
) -> Participation:
    """Return the row of a unit that is asked now, with its own deadline."""
    row = Participation(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        task_id=task.id,
        unit_id=unit.id,
        role=role,
        asked_by=by_id,
        asked_at=work.now,
        limit_amount=limit.amount,
        limit_unit=limit.unit,
        due_at=deadline(work.now, limit, work.works.calendar),
    )
    set_committed_value(row, "unit", unit)
    return row


def moment(row: Participation) -> Due:
    """Return the due row of a helping unit's deadline."""
    return Due(
        county_id=row.county_id,
        case_id=row.case_id,
        task_id=row.task_id,
        kind=KIND,
        mark=str(row.id),
        fire_at=row.due_at,
        data={},
    )


def record(
    db: Session, work: CaseWork, task: Task, kind: str, row: Participation, **data: Any
) -> None:
    """Append an event about a helping unit."""
    helper: dict[str, Any] = {"helper": row.unit_id, "helper_name": row.unit.name}
    work.record(db, kind, task=task, name=task.name, **helper, **data)


def notify(
    db: Session, work: CaseWork, task: Task, row: Participation, key: str, *, to_helper: bool
) -> None:
    """Notify the helping unit, or whoever has the task."""
    person = None if to_helper else task.assignee_id
    outbox.put(
        db,
        work.case,
        key,
        cause=f"{key}:{row.id}",
        now=work.now,
        user_id=person,
        unit_id=None if person else row.unit_id if to_helper else task.unit_id,
        role=None if person else row.role if to_helper else task.role,
        task=task,
        step=task.name,
        step_en=task.name_en,
        helper=row.unit.name,
    )


def roles_at(db: Session, unit: Unit, now: datetime) -> frozenset[str]:
    """Return the roles of which a unit has a post, taken or vacant."""
    in_force = or_(Post.until_at.is_(None), Post.until_at > now)
    return frozenset(db.scalars(select(Post.role).where(Post.unit_id == unit.id, in_force)))


def _helper_of_code(
    db: Session, work: CaseWork, task: Task, code: str
) -> tuple[Unit | None, str, str]:
    """Return the unit that a code means, the role that answers there, and why it cannot be
    asked.
    """
    unit = org.unit_named(db, work.case.county_id, code)
    if unit is None or unit.ended_at is not None:
        return None, "", UNKNOWN
    unit = org.work_unit(db, unit, task.role, now=work.now) if unit.kind == "area" else unit
    if unit.id == task.unit_id:
        return unit, "", SAME
    if confidentiality.avoids(work.case, unit):
        return unit, "", AROUND
    known = roles_at(db, unit, work.now)
    role = next((one for one in (task.role, "leader") if one in known), "")
    role = role or min(known & policy.ANSWERERS, default="")
    return unit, role, "" if role else NO_POST


def _row_of(work: CaseWork, task: Task, unit: Unit, role: str) -> Participation:
    amount, of = task.limit_amount, task.limit_unit
    limit = Limit(amount, of) if amount is not None and of is not None else USUAL
    by_id = work.actor.user_id if work.actor is not None else work.case.opened_by
    assert by_id is not None
    return new_row(work, task, unit, role, limit, by_id)


def _left_out(db: Session, work: CaseWork, task: Task, code: str, why: str) -> None:
    work.record(db, "help.left_out", automatic=True, task=task, name=task.name, unit=code, why=why)
    if work.actor is None or why == SAME:
        return
    outbox.put(
        db,
        work.case,
        "help.left_out",
        cause=f"help.left_out:{task.id}:{code}",
        now=work.now,
        user_id=work.actor.user_id,
        task=task,
        step=task.name,
        step_en=task.name_en,
        helper=code,
    )
