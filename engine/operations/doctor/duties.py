"""Who has two duties that one person does not have together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from engine.access import duties
from engine.operations.doctor.findings import Discrepancy
from feel.text import Text

CHECK = "duties"


def examine(db: Session, now: datetime) -> Iterator[Discrepancy]:
    """Check the posts and deputyships in force of everybody; one finding a person and reason."""
    for user_id, why in sorted(set(duties.conflicts(db, now)), key=str):
        text = Text(f"一人兼有两项不能兼任的职责：{why.zh}", f"One person has two duties: {why.en}")
        yield Discrepancy(CHECK, "both", text, row_id=user_id)
