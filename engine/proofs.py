"""What a definition must pass before it may run: check and scenarios, remembered by content."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from engine import versions
from engine.bpmn import check as checker
from engine.bpmn.check import NOTHING, Known, Report

KEPT = 64


@dataclass(frozen=True)
class Proof:
    """What was found about exactly these files."""

    digest: str
    report: Report

    @property
    def ok(self) -> bool:
        """Whether they may be published."""
        return self.report.ok


def prove(process: str, files: Mapping[str, bytes], known: Known = NOTHING) -> Proof:
    """Check a definition in a child process; the same files are checked once.

    ``known`` is what they stand in (see ``surroundings``); once that has changed they are
    checked again. Call it outside of any transaction: it takes a second.
    """
    digest = versions.digest_of(files)
    key = (process, digest, hash_of(known))
    with _lock:
        if key in _proofs:
            _proofs.move_to_end(key)
            return _proofs[key]
    proof = Proof(digest, checker.check_files(files, known=known))
    with _lock:
        _proofs[key] = proof
        while len(_proofs) > KEPT:
            _proofs.popitem(last=False)
    return proof


def hash_of(known: Known) -> str:
    """One digest of all that is known."""
    parts = [sorted(known.roles), sorted(known.units or ()), known.gaps]
    text = json.dumps(parts, default=lambda gap: [gap.lacking, gap.of, gap.names])
    return hashlib.sha256(text.encode()).hexdigest()


_lock = Lock()
_proofs: OrderedDict[tuple[str, str, str], Proof] = OrderedDict()
