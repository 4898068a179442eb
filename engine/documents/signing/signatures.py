"""Use cases: somebody signs a final paper at a desk, by a link on a telephone, or by hand.

What is kept of a signature on a screen are its strokes, sealed, and a keyed digest over the place,
the hash of the paper, the strokes, the time and the device. A link opens one place for two days,
and is spent by the signature.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import unmask
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.documents.papers.catalogue import KINDS
from engine.documents.signing import ink, signers
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, Paper, PaperSignature
from engine.records import attachments, vault
from engine.records.attachments import Upload
from engine.records.bindings import of_ink
from feel.text import Text

LINK_HOURS = 48
SIGNED = Text("这里已经签过名。", "This place is signed already.")
SEALED = Text("文书已经盖章，不能再签。", "The paper is sealed; nobody signs it any more.")
NO_SCAN = Text(
    "请上传签好的纸质文书：PDF 或者照片。",
    "Upload the paper that was signed by hand: PDF or photo.",
)
SCANS = frozenset({"application/pdf", "image/jpeg", "image/png"})


class LinkedPlace(NamedTuple):
    """What a link opens: one place of one paper, and the file that is signed."""

    row: PaperSignature
    paper: Paper
    side: Text
    name: str
    attachment_id: int


def sign(
    db: Session, actor: Actor, signature_id: int, strokes: Any, device: str, *, now: datetime
) -> Paper:
    """Keep what somebody signed at the actor's desk.

    Raises NotFound, NotAllowed, Conflict, InvalidInput.
    """
    work, paper, row = _begin(db, actor, signature_id, now)
    _keep(db, work, paper, row, ink.check(strokes), device, "screen")
    row.witness_id = actor.user_id
    return paper


def invite(db: Session, actor: Actor, signature_id: int, *, now: datetime) -> str:
    """Return a new token for a place; an earlier one opens nothing from now on.

    Raises NotFound, NotAllowed, Conflict.
    """
    work, paper, row = _begin(db, actor, signature_id, now)
    token = secrets.token_urlsafe(24)
    row.token_mac, row.token_until = _mac(token), now + timedelta(hours=LINK_HOURS)
    _record(db, work, "paper.link", paper, row)
    return token


def linked(db: Session, token: str, *, now: datetime) -> LinkedPlace:
    """Return what a token opens. Raises NotFound: spent, too old, never made."""
    row = db.scalar(
        select(PaperSignature).where(
            PaperSignature.token_mac == _mac(token), PaperSignature.token_until > now
        )
    )
    if row is None:
        raise NotFound(None)
    paper = db.get_one(Paper, row.paper_id)
    case = db.get_one(Case, row.case_id)
    if paper.sealed_at is not None or paper.attachment_id is None or case.confidential:
        raise NotFound(None)
    about = signers.signer(row)
    return LinkedPlace(row, paper, about.side, about.name, paper.attachment_id)


def sign_by_link(db: Session, token: str, strokes: Any, device: str, *, now: datetime) -> Paper:
    """Keep what the holder of a token signed; the token is spent. Raises NotFound, InvalidInput."""
    place = linked(db, token, now=now)
    case = lock_case(db, place.row.case_id)
    work = begin(db, case, None, "paper", now=now)
    again = linked(db, token, now=now)
    db.refresh(again.row)
    if again.row.token_mac != _mac(token) or work.case.confidential:
        raise NotFound(None)
    _keep(db, work, again.paper, again.row, ink.check(strokes), device, "link")
    return again.paper


def take_scan(
    db: Session, actor: Actor, paper_id: int, upload: Upload, name: str, *, now: datetime
) -> Paper:
    """Keep the paper as it was signed by hand: whoever has not signed on a screen signed there.

    Raises NotFound, NotAllowed, Conflict, InvalidInput.
    """
    if upload.mime not in SCANS:
        raise InvalidInput({"file": NO_SCAN})
    of_row = select(Paper.case_id).where(Paper.id == paper_id).scalar_subquery()
    work = begin(db, lock_case(db, of_row), actor, "paper", now=now)
    paper = _require(db, work, actor, paper_id)
    waiting = [one.row for one in signers.of_paper(db, paper) if not one.signed]
    if not waiting:
        raise Conflict(paper_id, text=SIGNED)
    proof = {"document": f"paper.{paper.kind}.signed", "received_at": now.isoformat()}
    raw, mime = upload.content, upload.mime
    scan = attachments.file_away(
        db, work.case, raw, name, mime, {**proof, **upload.claims}, now=now
    )
    scan.uploaded_by = actor.user_id
    db.flush()
    for row in waiting:
        row.way, row.signed_at, row.witness_id, row.scan_id = "paper", now, actor.user_id, scan.id
        row.token_mac = row.token_until = None
    work.record(
        db,
        "paper.scanned",
        paper=str(paper.id),
        document=paper.kind,
        name=KINDS[paper.kind].title.zh,
        attachment=str(scan.id),
        digest=scan.digest,
        places=[row.key for row in waiting],
    )
    return paper


def holds(row: PaperSignature, paper: Paper) -> bool:
    """Return whether a signature on a screen is what it was when it was given, on this paper."""
    if row.way == "paper":
        return True
    if row.ink is None or row.signed_at is None:
        return False
    strokes = vault.unseal(row.ink, of_ink(row))
    return row.proof == _proof(row, paper, strokes, row.signed_at)


def _begin(
    db: Session, actor: Actor, signature_id: int, now: datetime
) -> tuple[CaseWork, Paper, PaperSignature]:
    of_row = select(PaperSignature.case_id).where(PaperSignature.id == signature_id)
    work = begin(db, lock_case(db, of_row.scalar_subquery()), actor, "paper", now=now)
    row = db.get(PaperSignature, signature_id, populate_existing=True)
    if row is None or row.key == signers.SEAL:
        raise NotFound(signature_id)
    paper = _require(db, work, actor, row.paper_id)
    if row.signed_at is not None:
        raise Conflict(signature_id, text=SIGNED)
    return work, paper, row


def _require(db: Session, work: CaseWork, actor: Actor, paper_id: int) -> Paper:
    policy.require(db, actor, "see", work.case)
    paper = db.get(Paper, paper_id, populate_existing=True)
    if paper is None or paper.state != "final":
        raise NotFound(paper_id)
    if not unmask.holds(db, actor, work.case):
        raise NotAllowed("paper", paper_id)
    if paper.sealed_at is not None:
        raise Conflict(paper_id, text=SEALED)
    return paper


def _keep(
    db: Session,
    work: CaseWork,
    paper: Paper,
    row: PaperSignature,
    strokes: ink.Strokes,
    device: str,
    way: str,
) -> None:
    row.way, row.signed_at, row.device = way, work.now, vault.blind("signature.device", device)
    row.token_mac = row.token_until = None
    row.ink = vault.seal(strokes, of_ink(row))
    row.proof = _proof(row, paper, strokes, work.now)
    _record(db, work, "paper.signed", paper, row, way=way, digest=paper.digest, proof=row.proof)


def _record(
    db: Session, work: CaseWork, kind: str, paper: Paper, row: PaperSignature, **more: Any
) -> None:
    side, name = signers.signer(row).side.zh, KINDS[paper.kind].title.zh
    work.record(
        db,
        kind,
        paper=str(paper.id),
        document=paper.kind,
        name=name,
        place=row.key,
        side=side,
        **more,
    )


def _proof(row: PaperSignature, paper: Paper, strokes: ink.Strokes, at: datetime) -> str:
    said = [str(row.id), row.key, paper.digest, strokes, at.isoformat(), row.device, row.way]
    return vault.blind("signature.proof", json.dumps(said, separators=(",", ":")))


def _mac(token: str) -> str:
    return vault.blind("signature.token", token)
