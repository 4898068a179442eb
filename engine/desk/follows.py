"""Following a case (关注): it stays in sight, whoever handles it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.errors import NotFound
from engine.models import Case, Follow
from engine.storage.db import insert_into


def follow(db: Session, actor: Actor, case_id: int, *, now: datetime) -> None:
    """Keep an eye on a case; twice is once. Raises NotFound for what may not be seen."""
    case = _visible(db, actor, case_id)
    row = {"county_id": case.county_id, "user_id": actor.user_id, "case_id": case_id, "at": now}
    db.execute(insert_into(db, Follow).values(row).on_conflict_do_nothing())


def unfollow(db: Session, actor: Actor, case_id: int) -> None:
    """Stop following a case, even one the actor can no longer see.

    Raises NotFound for one that was neither followed nor may be seen.
    """
    mine = Follow.user_id == actor.user_id, Follow.case_id == case_id
    gone = db.execute(delete(Follow).where(*mine).returning(Follow.case_id))
    if gone.first() is None:
        _visible(db, actor, case_id)


def _visible(db: Session, actor: Actor, case_id: int) -> Case:
    case = db.get(Case, case_id)
    if case is None:
        raise NotFound(case_id)
    policy.require(db, actor, "see", case)
    return case
