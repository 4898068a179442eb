"""What a case waits for next: steps of people, or a moment at which it goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.nodes import Node
from engine.definitions.versions import PublishedVersion
from engine.models import Due


@dataclass(frozen=True)
class NextTimer:
    """The moment at which a case that waits for nobody goes on by itself, and its node."""

    at: datetime
    node: Node | None


def next_timer(
    db: Session, case_id: int, county_id: int, published: PublishedVersion
) -> NextTimer | None:
    """Return the next moment of a case's timers."""
    timers = select(Due).where(
        Due.case_id == case_id, Due.county_id == county_id, Due.kind == "timer"
    )
    row = db.scalar(timers.order_by(Due.fire_at).limit(1))
    if row is None:
        return None
    return NextTimer(row.fire_at, published.definition.nodes.get(str(row.data.get("node"))))
