"""A case whose row is locked, and who acts on it: the one place where its chain grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.access.actors import Actor, Seat
from engine.models import Case, CaseState, Event, Task, new_id
from engine.models.casework import GENESIS
from engine.records import audit
from engine.storage import pending_rows


def untouched(case: Case) -> CaseState:
    """Return the state of a case to which nothing has happened: the chain begins here."""
    state = CaseState(case_id=case.id, county_id=case.county_id, state="", passed=[])
    state.audit_head, state.audit_length = GENESIS, 0
    return state


@dataclass
class LockedCase:
    """A locked case with its state as read after the lock, by whom it is worked on, and when.

    Without an actor the worker works on it. ``seat`` is the post through which the actor acts.
    """

    case: Case
    state: CaseState
    actor: Actor | None
    now: datetime
    seat: Seat | None = None

    def record(
        self,
        db: Session,
        kind: str,
        *,
        task: Task | None = None,
        automatic: bool = False,
        **data: Any,
    ) -> Event:
        """Append one event to the case's chain: who, through which post, about which task.

        ``automatic`` is what followed by itself from what somebody did: nobody's act. ``data``
        is small, JSON, and free of personal data. A deputy's event names whom it was for.
        """
        actor = None if automatic else self.actor
        if actor is not None and actor.citizen_of is not None:
            actor, data["by"] = None, "citizen"
        if self.seat is not None and not automatic:
            data["unit"] = self.seat.unit_id
            if self.seat.for_user_id is not None:
                data["for"] = self.seat.for_user_id
        event = Event(
            id=new_id(),
            county_id=self.case.county_id,
            case_id=self.case.id,
            seq=self.state.audit_length + 1,
            at=self.now,
            kind=kind,
            actor_id=actor.user_id if actor else None,
            task_id=task.id if task else None,
            data=audit.canonical(data),
        )
        event.hash = audit.link(self.state.audit_head, event)
        self.state.audit_head, self.state.audit_length = event.hash, event.seq
        pending_rows.add(db, event)
        return event
