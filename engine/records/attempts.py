"""What stays of a step that was refused or failed: written after everything else rolled back.

1. Whoever locks a case declares the attempt to the transaction.
2. The step is refused, or the engine fails: the transaction rolls back, nothing of it stays.
3. ``transaction()`` opens a second, small one and calls the recorder here.
4. The recorder locks the case again, for it may have gone on meanwhile, and appends its event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.errors import Incident, Refusal
from engine.models import Case, CaseState, IncidentRow
from engine.records.locked_case import LockedCase
from engine.storage.db import attempting, on_failure


@dataclass(frozen=True)
class Attempt:
    """Who tries what on which case, when, and about which task or due row."""

    case_id: int
    actor: Actor | None
    verb: str
    now: datetime
    task_id: int | None = None
    due_id: int | None = None


def declare(db: Session, attempt: Attempt) -> None:
    """Record a refusal or an incident of this transaction as this attempt."""
    attempting(db, attempt)


@on_failure(Refusal)
def record_refusal(db: Session, error: Exception, attempt: Attempt) -> None:
    """Write what was refused, to whom; what the worker is refused is nobody's."""
    case = _locked(db, attempt)
    if case is None or attempt.actor is None:
        return
    case.record(
        db, "refused", verb=attempt.verb, reason=type(error).__name__, subject=attempt.task_id
    )


@on_failure(Incident)
def record_incident(db: Session, error: Exception, attempt: Attempt) -> None:
    """List an incident with its element and reason; a repeated one only counts up."""
    assert isinstance(error, Incident)
    case = _locked(db, attempt)
    if case is None:
        return
    row = db.scalar(
        select(IncidentRow).where(
            IncidentRow.case_id == attempt.case_id,
            IncidentRow.element == error.element,
            IncidentRow.verb == attempt.verb,
            IncidentRow.solved_at.is_(None),
        )
    )
    if row is not None:
        row.times += 1
        # A repair may have changed why it fails.
        row.reason_zh, row.reason_en = error.text.zh, error.text.en
        row.data = _details(error, attempt)
        return
    row = IncidentRow(
        county_id=case.case.county_id,
        case_id=attempt.case_id,
        element=error.element,
        verb=attempt.verb,
        reason_zh=error.text.zh,
        reason_en=error.text.en,
        data=_details(error, attempt),
        at=attempt.now,
    )
    db.add(row)
    case.record(db, "incident", element=error.element, verb=attempt.verb)


def _details(error: Incident, attempt: Attempt) -> dict[str, Any]:
    """Return what was tried: whose task or moment, by whom, with which variables."""
    return {
        "task_id": attempt.task_id,
        "due_id": attempt.due_id,
        "by": (attempt.actor.user_id or None) if attempt.actor else None,
        "values": error.values,
    }


def _locked(db: Session, attempt: Attempt) -> LockedCase | None:
    locked = select(Case).where(Case.id == attempt.case_id).with_for_update(key_share=True)
    case, state = db.scalar(locked), db.get(CaseState, attempt.case_id)
    if case is None or state is None:
        return None
    return LockedCase(case, state, attempt.actor, attempt.now)
