"""What somebody has typed and not yet submitted: encrypted, one row a person and task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.models import FormDraft
from engine.records import vault
from engine.records.bindings import of_draft
from engine.storage import pending_rows
from engine.storage.db import one_at_a_time
from feel.text import Text

LIMIT = 200_000  # bytes of a sealed draft
# Opening forms of one person and process that are offered, the newest first.
MOST = 20


@dataclass(frozen=True)
class OpeningDraft:
    """An opening form that was begun and not sent; ``key`` is the form's own word."""

    key: str
    answers: Mapping[str, Any]
    saved_at: datetime


def of_opening(process: str, key: str) -> str:
    """Return the subject of one opening form's draft; each form has a key of its own."""
    return f"{process}:{key}"


def openings(db: Session, user_id: int, process: str) -> list[OpeningDraft]:
    """Return the opening forms of a process that a person has begun, the newest first."""
    mine = FormDraft.subject.startswith(of_opening(process, ""), autoescape=True)
    rows = db.scalars(
        select(FormDraft)
        .where(FormDraft.user_id == user_id, mine)
        .order_by(FormDraft.saved_at.desc(), FormDraft.subject)
        .limit(MOST)
    )
    return [
        OpeningDraft(
            row.subject.partition(":")[2], vault.unseal(row.payload, of_draft(row)), row.saved_at
        )
        for row in rows
    ]


def save(
    db: Session, user_id: int, subject: str, answers: Mapping[str, Any], now: datetime
) -> None:
    """Keep answers for a task (its id) or an opening form (``of_opening``). Raises InvalidInput."""
    row = FormDraft(user_id=user_id, subject=subject, saved_at=now)
    row.payload = vault.seal(answers, of_draft(row))
    if len(row.payload) > LIMIT:
        too_long = Text("草稿太大，无法保存。", "The draft is too large to be saved.")
        raise InvalidInput({"": too_long})
    db.merge(row)


def hold(db: Session, user_id: int) -> None:
    """One at a time for a person's opening forms, to the end of the transaction.

    No case row guards them yet: a draft still on its way must not outlive the case that its
    form became, or the next case would begin with the words of this one.
    """
    one_at_a_time(db, user_id)


def load(db: Session, user_id: int, subject: str) -> tuple[dict[str, Any], datetime] | None:
    """Return the kept answers and when they were saved, or None."""
    row = db.get(FormDraft, (user_id, subject))
    return None if row is None else (vault.unseal(row.payload, of_draft(row)), row.saved_at)


def discard(db: Session, user_id: int, subject: str) -> None:
    """Forget a draft at the end of the transaction that accepts its answers."""
    pending_rows.remove(db, FormDraft(user_id=user_id, subject=subject))
