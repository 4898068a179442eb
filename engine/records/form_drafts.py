"""What somebody has typed and not yet submitted: encrypted, one row a person and task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import Rejected
from engine.models import FormDraft
from engine.records import vault
from engine.records.bindings import of_draft
from engine.storage import pending_rows
from engine.storage.db import one_at_a_time
from feel.text import Text

LIMIT = 200_000  # bytes of a sealed draft


def save(
    db: Session, user_id: int, subject: str, answers: Mapping[str, Any], now: datetime
) -> None:
    """Keep answers for a task (its id) or an opening form (the process key). Raises Rejected."""
    row = FormDraft(user_id=user_id, subject=subject, saved_at=now)
    row.payload = vault.seal(answers, of_draft(row))
    if len(row.payload) > LIMIT:
        too_long = Text("草稿太大，无法保存。", "The draft is too large to be saved.")
        raise Rejected({"": too_long})
    db.merge(row)


def hold(db: Session, user_id: int) -> None:
    """One at a time for a person's opening forms, to the end of the transaction.

    No case row guards them yet: a draft still on its way must not outlive the case that its
    form became, or the next case would begin with the words of this one.
    """
    one_at_a_time(db, user_id)


def load(db: Session, user_id: int, subject: str) -> tuple[dict[str, Any], datetime] | None:
    """The kept answers and when they were saved, or None."""
    row = db.get(FormDraft, (user_id, subject))
    return None if row is None else (vault.unseal(row.payload, of_draft(row)), row.saved_at)


def discard(db: Session, user_id: int, subject: str) -> None:
    """Forget a draft at the end of the transaction that accepts its answers."""
    pending_rows.remove(db, FormDraft(user_id=user_id, subject=subject))
