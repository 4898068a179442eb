"""What a case from outside brought along: the row as it came, and the answer that was given.

Both are kept in the vault, under nodes that no diagram has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.models import Case
from engine.records import vault
from engine.records.answer_history import AnswerSet, newest

ROW, REPLY = "import:row", "import:reply"


def keep(db: Session, case: Case, row: Mapping[str, str], reply: str, *, at: datetime) -> str:
    """Keep the whole row and the official reply; return the digest of the row for the audit."""
    if reply:
        vault.keep(db, case, None, REPLY, {"reply": reply}, at=at)
    return vault.keep(db, case, None, ROW, dict(row), at=at).digest


@dataclass(frozen=True)
class SourceOrigin:
    """What a case page shows of where an imported case came from."""

    number: str
    reply: str


def outside(case: Case, kept: Sequence[AnswerSet]) -> SourceOrigin | None:
    """Return number and reply of a case that was imported, None for any other."""
    found = newest(list(kept))
    if ROW not in found and REPLY not in found:
        return None
    return SourceOrigin(outside_id(case.source), str(found.get(REPLY, {}).get("reply", "")))


def outside_id(source: str | None) -> str:
    """Return the number that the case had outside: what follows the name of its ledger."""
    return (source or "").partition(":")[2]
