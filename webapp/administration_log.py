"""Notes in the chain of administration of what somebody is about to see or take along."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.records import audit
from engine.storage.db import transaction
from webapp.clock import now


def note(kind: str, actor: Actor, **data: Any) -> None:
    """Put down in the chain of administration what somebody is about to see or take along.

    In a transaction of its own, before the answer: what cannot be put down is not shown.
    """
    with transaction() as db:
        enter(db, kind, actor, **data)


def enter(db: Session, kind: str, actor: Actor, **data: Any) -> None:
    """Put it down in the transaction that shows it."""
    audit.record_admin(db, kind, actor.user_id, data, at=now())
