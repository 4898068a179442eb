"""What the head of a case's page says beside the case: followed by me, how much was said."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.moves import remarks
from engine.models import Case, Follow, Remark


@dataclass(frozen=True)
class CaseHeader:
    """Whether the actor follows the case, and how many remarks of it they may read."""

    followed: bool = False
    remarks: int = 0


def at(db: Session, actor: Actor, case: Case) -> CaseHeader:
    """Return a glance at a visible case, in one statement."""
    followed = (
        select(Follow.at).where(Follow.user_id == actor.user_id, Follow.case_id == case.id).exists()
    )
    said = select(func.count()).select_from(Remark).where(remarks.readable(actor, case))
    row = db.execute(select(followed, said.scalar_subquery())).one()
    return CaseHeader(bool(row[0]), row[1])
