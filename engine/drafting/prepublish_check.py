"""What a definition must pass before it may run: check and scenarios, remembered by content.

One check for the editor, the trial, the scenarios, the review and programs: of the same draft
at the same moment all of them say the same.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.bpmn import check as checker
from engine.bpmn.check import CheckContext, CheckReport
from engine.definitions import versions
from engine.drafting import check_context, drafts, paper_templates_check, statistics_check
from engine.models import ProcessDraft

KEPT = 64
# Seconds for all files of a definition together: somebody waits, and so do others.
WITHIN = 30.0


@dataclass(frozen=True)
class DraftProof:
    """What was found about exactly these files."""

    digest: str
    report: CheckReport

    @property
    def ok(self) -> bool:
        """Whether they may be published."""
        return self.report.ok


@dataclass(frozen=True)
class DraftSnapshot:
    """A draft's newest files and what they stand in, read together to be proven together."""

    draft: ProcessDraft
    files: Mapping[str, bytes]
    context: CheckContext

    def prove(self) -> DraftProof:
        """Return what the check says of them; call it outside of any transaction."""
        return prove(self.draft.process, self.files, self.context)


def exhibit(db: Session, actor: Actor, draft_id: int, *, now: datetime) -> DraftSnapshot:
    """Return the newest revision of a draft, for those who own the rules. Raises NotFound."""
    draft = drafts.visible(db, actor, draft_id)
    return DraftSnapshot(draft, drafts.files_of(db, draft), check_context.current_context(db, now))


def prove(process: str, files: Mapping[str, bytes], known: CheckContext) -> DraftProof:
    """Check a definition in a child process; the same files are checked once.

    ``context`` is what they stand in (see ``surroundings``); once that has changed they are
    checked again. Call it outside of any transaction: it takes a second. Raises Busy where the
    checker has no time for it.
    """
    digest = versions.digest_of(files)
    key = (process, digest, hash_of(known))
    with _lock:
        if key in _proofs:
            _proofs.move_to_end(key)
            return _proofs[key]
    proof = DraftProof(digest, _report(process, files, known))
    with _lock:
        _proofs[key] = proof
        while len(_proofs) > KEPT:
            _proofs.popitem(last=False)
    return proof


def _report(process: str, files: Mapping[str, bytes], known: CheckContext) -> CheckReport:
    if process == versions.STATISTICS:
        return statistics_check.check(files)
    if process == versions.PAPER_TEMPLATES:
        return paper_templates_check.check(files)
    return checker.check_files(files, known=known, within=WITHIN)


def hash_of(known: CheckContext) -> str:
    """Return one digest of all that is known."""
    parts = [sorted(known.roles), sorted(known.units or ()), known.gaps]
    text = json.dumps(parts, default=lambda gap: [gap.lacking, gap.of, gap.names])
    return hashlib.sha256(text.encode()).hexdigest()


_lock = Lock()
_proofs: OrderedDict[tuple[str, str, str], DraftProof] = OrderedDict()
