"""Passing on in person what a citizen of a case was to be told: done once, by whom and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import unmask
from engine.casework.case_lock import begin, lock_case
from engine.errors import Conflict, NotAllowed, NotFound
from engine.models import Case, CitizenMessage
from feel.text import Text

BY_PERSON = frozenset({"by_hand", "failed"})
DONE = Text("已经登记过告知。", "Telling was noted already.")
UNDER_WAY = Text("正在发送，不必再告知。", "It is being sent; nobody need tell.")


def may(db: Session, actor: Actor, case: Case) -> bool:
    """Return whether the actor may note that a citizen was told.

    Whoever works on the case may; of a confidential one whoever registered it, who knows whom.
    """
    return actor.user_id == case.opened_by or unmask.holds(db, actor, case)


def note(db: Session, actor: Actor, case_id: int, message_id: int, *, now: datetime) -> None:
    """Note that the citizen was told in person. Raises NotFound, NotAllowed, Conflict."""
    work = begin(db, lock_case(db, case_id), actor, "tell", now=now)
    policy.require(db, actor, "see", work.case)
    if not may(db, actor, work.case):
        raise NotAllowed("tell", case_id)
    mine = select(CitizenMessage).where(
        CitizenMessage.id == message_id,
        CitizenMessage.case_id == work.case.id,
        CitizenMessage.county_id == work.case.county_id,
    )
    message = db.scalar(mine.with_for_update())
    if message is None:
        raise NotFound(message_id)
    if message.state not in BY_PERSON:
        raise Conflict(case_id, text=UNDER_WAY if message.state == "waiting" else DONE)
    message.state, message.way, message.settled_at = "told", "person", now
    message.told_by = actor.user_id
    work.record(db, "citizen.told", node=message.node_id)
