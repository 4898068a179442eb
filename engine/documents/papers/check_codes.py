"""The code printed on a final paper: whoever has the paper can ask whether it is the one made here.

The code is the paper's id with a keyed digest of it, so that none can be guessed, and nothing has
to be kept for it.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import Paper
from engine.records import vault

CODE = re.compile(r"([0-9]{1,19})-([0-9a-f]{20})")


class PaperCheck(NamedTuple):
    """All that is told to whoever scans a paper: no title, no case, nobody's name."""

    number: str
    final_at: datetime
    digest: str
    sealed_digest: str = ""


def code_of(paper_id: int) -> str:
    """Return what stands behind a paper's QR code."""
    return f"{paper_id}-{vault.blind('paper', str(paper_id))[:20]}"


def look_up(db: Session, code: str) -> PaperCheck:
    """Return what a scanned code tells. Raises NotFound for one that was never printed."""
    named = CODE.fullmatch(code)
    paper_id = int(named[1]) if named else 0
    if not hmac.compare_digest(code, code_of(paper_id)) or paper_id >= 2**63:
        raise NotFound(code)
    row = db.scalar(select(Paper).where(Paper.id == paper_id, Paper.state == "final"))
    if row is None or row.final_at is None or row.digest is None:
        raise NotFound(code)
    return PaperCheck(row.number or "", row.final_at, row.digest, row.sealed_digest or "")
