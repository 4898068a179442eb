"""Where a photo or film says it was taken, offered to its case: taken over, or forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.access import policy
from engine.access.actors import Actor, Seat
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.errors import Conflict, NotAllowed, NotFound
from engine.models import Attachment, Case, Task
from engine.records import attachments
from feel.text import Text

DECIDED = Text("这个位置已经处理过。", "This position was decided already.")


def decide(
    db: Session, actor: Actor, attachment_id: int, take: bool, *, now: datetime
) -> Attachment:
    """Make the position of a file that of its case, or let it go; the file forgets it.

    Raises NotFound, NotAllowed for who does not work on the case, Conflict the second time.
    """
    of_case = select(Attachment.case_id).where(Attachment.id == attachment_id).scalar_subquery()
    work = begin(db, lock_case(db, of_case), actor, "locate", now=now)
    policy.require(db, actor, "see", work.case)
    work.seat = _seat(db, work, actor)
    row = db.get(Attachment, attachment_id, populate_existing=True)
    if row is None:
        raise NotFound(attachment_id)
    position = attachments.offered_position(row.proof)
    if position is None:
        raise Conflict(attachment_id, text=DECIDED)
    kind = "case.located" if take else "position.declined"
    work.record(db, kind, attachment=attachment_id)
    if take:
        work.case.latitude, work.case.longitude = position["latitude"], position["longitude"]
    row.proof = _decided(row.proof, take)
    return row


def may_decide(actor: Actor, tasks: tuple[Task, ...]) -> bool:
    """Return whether the actor works on one of the case's open tasks."""
    return any(policy.allowed(actor, "attach", task) for task in tasks)


def _seat(db: Session, work: CaseWork, actor: Actor) -> Seat:
    mine: Case = work.case
    tasks = db.scalars(
        select(Task)
        .where(Task.case_id == mine.id, Task.county_id == mine.county_id, Task.done_at.is_(None))
        .options(joinedload(Task.unit))
    )
    seats = (policy.seat_for(actor, "attach", task) for task in tasks)
    seat = next((seat for seat in seats if seat is not None), None)
    if seat is None:
        raise NotAllowed("locate", mine.id)
    return seat


def _decided(proof: dict[str, Any], take: bool) -> dict[str, Any]:
    exif = {key: value for key, value in proof["exif"].items() if key != "position"}
    return {**proof, "exif": {**exif, "position_taken": take}}
