"""How long messages are kept: what was sent and read long ago goes; the chain says it happened.

Notices, messages of the outbox and deliveries are ways of telling people; what they tell of is
in the chain and in the rows of its case, which stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Case, Delivery, DeliveryAttempt, Notice, Outbox, Setting
from engine.models.base import UtcDateTime
from engine.storage.db import insert_into

# What this key holds: up to which moment messages may have been removed.
KEY = "messages.cleared"
BATCH = 500


def clear(db: Session, now: datetime, after: int) -> tuple[int, int | None]:
    """Remove old messages among the next ones after the id ``after``, oldest first.

    Returns how many went, and the id to go on after; None when what follows is younger. A message
    stays while anything of it was not sent, and while somebody has not read it whose case is open.
    """
    days = settings.current().message_days
    if not days:
        return 0, None
    horizon = now - timedelta(days=days)
    rows = db.execute(_oldest(), {"after": after, "horizon": horizon}).all()
    if not any(row.at < horizon for row in rows):
        return 0, None
    old = [row.id for row in rows if row.goes]
    if old:
        _remove(db, old)
        _note(db, horizon, now)
    return len(old), rows[-1].id


def cleared_until(db: Session) -> datetime | None:
    """Return the moment before which messages may be gone; None when none was ever removed."""
    kept = db.get(Setting, KEY)
    return datetime.fromisoformat(kept.value["until"]) if kept else None


@lru_cache(maxsize=1)
def _oldest() -> Any:
    """Return the next messages, and whether each is done with. Ids grow with time."""
    horizon = bindparam("horizon", type_=UtcDateTime)
    unsent = exists().where(Delivery.outbox_id == Outbox.id, Delivery.sent_at.is_(None))
    unread = exists().where(Notice.outbox_id == Outbox.id, Notice.read_at.is_(None))
    done_with = and_(
        Outbox.sent_at < horizon,
        Outbox.spread_at.is_not(None),
        ~unsent,
        or_(Case.closed_at.is_not(None), ~unread),
    )
    return (
        select(Outbox.id, Outbox.at, done_with.label("goes"))
        .outerjoin(Case, Case.id == Outbox.case_id)
        .where(Outbox.id > bindparam("after"))
        .order_by(Outbox.id)
        .limit(BATCH)
    )


def _remove(db: Session, ids: Sequence[int]) -> None:
    deliveries = select(Delivery.id).where(Delivery.outbox_id.in_(ids))
    db.execute(delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(deliveries)))
    for table in (Delivery, Notice):
        db.execute(delete(table).where(table.outbox_id.in_(ids)))
    db.execute(delete(Outbox).where(Outbox.id.in_(ids)))


def _note(db: Session, horizon: datetime, now: datetime) -> None:
    """Remember the latest moment of all; with fewer days to keep it moves on, never back."""
    before = cleared_until(db)
    value = {"until": max(horizon, before or horizon).isoformat()}
    row = insert_into(db, Setting).values(key=KEY, value=value, changed_at=now)
    updated = {"value": value, "changed_at": now}
    db.execute(row.on_conflict_do_update(index_elements=["key"], set_=updated))
