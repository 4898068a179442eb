"""What others changed on a case since somebody opened its page: told before it is overwritten.

A page knows the length of the chain that it was made from; what came after it, by somebody
else, about the same task or the whole case, is what its reader has not seen.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.errors import Conflict
from engine.models import Event
from feel.text import Text

# What changes nothing that a form shows or asks for.
NEEDLESS = (
    "refused",
    "personal.shown",
    "document.created",
    "document.opened",
    "paper.drafted",
    "people.amended",
    "paper.discarded",
    "paper.final",
    "paper.link",
    "paper.signed",
    "paper.scanned",
    "paper.sealed",
    "position.declined",
    "case.commented",
    "case.noted",
    "citizen.told",
    "task.urged",
    "extension.asked",
    "pause.asked",
    "demand.issued",
    "demand.answered",
    "demand.accepted",
    "demand.rejected",
    "demand.withdrawn",
)


class StaleForm(Conflict):
    """Others changed the case while a form was filled in that knew ``seen_length`` events."""

    text = Text(
        "您打开本页以后，此事项有变化，请核对后再提交。",
        "This case has changed since you opened the page; check and submit again.",
    )

    def __init__(self, case_id: int, seen_length: int) -> None:
        super().__init__(case_id)
        self.seen_length = seen_length


def require_fresh(db: Session, work: CaseWork, seen: int | None) -> None:
    """Refuse what was written on a page older than others' changes. Raises StaleForm.

    Without ``seen`` nobody was looking at a page. The chain's length is read under the lock, so
    a page that is up to date costs no statement.
    """
    actor = work.actor
    if seen is None or actor is None or work.state.audit_length <= seen:
        return
    task_id = work.task.id if work.task is not None else None
    of_case = Event.case_id == work.case.id, Event.county_id == work.case.county_id
    changed = select(Event.id).where(*of_case, *unseen(actor, task_id, seen))
    if db.scalar(changed.limit(1)) is not None:
        raise StaleForm(work.case.id, seen)


def unseen(actor: Actor, task_id: int | None, seen: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on the events of a case that the actor's page does not show yet."""
    return (
        Event.seq > seen,
        Event.actor_id.is_not(None),
        Event.actor_id != actor.user_id,
        Event.kind.not_in(NEEDLESS),
        or_(Event.task_id.is_(None), Event.task_id == task_id),
    )
