"""Sealing: a final paper with everybody's signature and the unit's seal, signed with the county's
certificate.

The bytes of the final paper stay as they are at the beginning of the sealed file: signatures and
seal are added behind them. Any reader of PDF then says whether anything was changed since.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import NamedTemporaryFile

from pyhanko import stamp
from pyhanko.pdf_utils import content, layout
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign import signers as pdf_signers
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import unmask
from engine.casework.case_lock import begin, lock_case
from engine.documents.papers.catalogue import KINDS
from engine.documents.signing import certificate, ink, seals, signatures, signers
from engine.errors import Conflict, NotAllowed, NotFound
from engine.models import Attachment, Case, Paper, PaperSignature
from engine.records import attachments, vault
from engine.records.bindings import of_ink
from engine.roles import with_verb
from feel.text import Text

FIELD, DIAMETER = "seal", 42 / 25.4 * 72
WAITING = Text("还有人没有签名：{}。", "Not everybody has signed: {}.")
DONE = Text("已经盖章。", "It is sealed already.")
CHANGED = Text(
    "签名记录被改动过，不能盖章。", "A signature is not as it was given; it is not sealed."
)
MOVED = Text("签名刚刚有变化，请再试一次。", "The signatures have just changed; try again.")


@dataclass(frozen=True)
class PaperToSeal:
    """A paper that everybody has signed, with what is put into its file."""

    paper: Paper
    title: str
    unit: str
    pdf: bytes
    inks: Sequence[tuple[PaperSignature, ink.Strokes]]
    seal: PaperSignature | None
    proofs: frozenset[str]


def may_seal(actor: Actor, paper: Paper, *, has_seal: bool, holds: bool) -> bool:
    """Return whether somebody may seal: leaders of the unit; without a seal, who holds the case."""
    if not has_seal:
        return holds
    return any(
        seat.unit_id == paper.unit_id and seat.role in with_verb("seal") for seat in actor.seats
    )


def prepare(db: Session, actor: Actor, paper_id: int) -> PaperToSeal:
    """Return what sealing needs; nothing is changed. Raises NotFound, NotAllowed, Conflict."""
    paper = db.get(Paper, paper_id)
    if paper is None or paper.state != "final" or paper.attachment_id is None:
        raise NotFound(paper_id)
    case = db.get_one(Case, paper.case_id)
    policy.require(db, actor, "see", case)
    if case.confidential:
        raise NotAllowed("seal", paper_id)
    rows = signers.rows(db, paper)
    seal = next((row for row in rows if row.key == signers.SEAL), None)
    holds = unmask.holds(db, actor, case)
    if not may_seal(actor, paper, has_seal=seal is not None, holds=holds):
        raise NotAllowed("seal", paper_id)
    if paper.sealed_at is not None:
        raise Conflict(paper_id, text=DONE)
    waiting = [one.side for one in map(signers.signer, rows) if one.row != seal and not one.signed]
    if waiting:
        zh, en = ("、".join(one.zh for one in waiting), ", ".join(one.en for one in waiting))
        raise Conflict(paper_id, text=Text(WAITING.zh.format(zh), WAITING.en.format(en)))
    signed = [row for row in rows if row is not seal]
    if not all(signatures.holds(row, paper) for row in signed):
        raise Conflict(paper_id, text=CHANGED)
    return PaperToSeal(
        paper,
        KINDS[paper.kind].title.zh,
        signers.signer(seal).name if seal is not None else "",
        attachments.path_of(db.get_one(Attachment, paper.attachment_id)).read_bytes(),
        [(row, vault.unseal(row.ink, of_ink(row))) for row in signed if row.ink is not None],
        seal,
        _proofs(signed),
    )


def seal(about: PaperToSeal, now: datetime) -> bytes:
    """Return the sealed file. Call it outside of any transaction. Raises InvalidInput."""
    signer = certificate.load(now)
    writer = IncrementalPdfFileWriter(io.BytesIO(about.pdf))
    for row, strokes in about.inks:
        box = layout.BoxConstraints(row.right - row.left, row.top - row.bottom)
        lines = content.RawContent(ink.drawing(strokes, box.width, box.height), box=box)
        made = _style(lines).create_stamp(writer, box, {})
        made.apply(row.page, round(row.left), round(row.bottom))
    place = fields.SigFieldSpec(FIELD)
    if about.seal is not None:
        place = fields.SigFieldSpec(FIELD, on_page=about.seal.page, box=_round(about.seal))
    fields.append_signature_field(writer, place)
    if about.seal is None:
        return _signed(writer, about, signer, None)
    with NamedTemporaryFile(suffix=".pdf") as page:
        page.write(seals.draw(about.unit))
        page.flush()
        return _signed(writer, about, signer, _style(content.ImportedPdfPage(page.name)))


def _signed(
    writer: IncrementalPdfFileWriter,
    about: PaperToSeal,
    signer: pdf_signers.Signer,
    style: stamp.BaseStampStyle | None,
) -> bytes:
    terms = pdf_signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=about.title,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out = io.BytesIO()
    pdf_signers.PdfSigner(terms, signer=signer, stamp_style=style).sign_pdf(writer, output=out)
    return out.getvalue()


def finish(db: Session, actor: Actor, about: PaperToSeal, pdf: bytes, *, now: datetime) -> Paper:
    """File the sealed paper away with its case. Raises NotFound, NotAllowed, Conflict."""
    of_row = select(Paper.case_id).where(Paper.id == about.paper.id).scalar_subquery()
    work = begin(db, lock_case(db, of_row), actor, "paper", now=now)
    paper = db.get_one(Paper, about.paper.id, populate_existing=True)
    again = prepare(db, actor, paper.id)
    if again.proofs != about.proofs:
        raise Conflict(paper.id, text=MOVED)
    proof = {"document": f"paper.{paper.kind}.sealed", "paper": str(paper.id)}
    proof["received_at"] = now.isoformat()
    number = f" {paper.number}" if paper.number else ""
    name = f"{about.title}{number}（已签章）.pdf"
    filed = attachments.file_away(db, work.case, pdf, name, "application/pdf", proof, now=now)
    db.flush()
    paper.sealed_id, paper.sealed_digest = filed.id, filed.digest
    paper.sealed_by, paper.sealed_at = actor.user_id, now
    work.record(
        db,
        "paper.sealed",
        paper=str(paper.id),
        document=paper.kind,
        name=about.title,
        number=paper.number or "",
        attachment=str(filed.id),
        digest=filed.digest,
    )
    return paper


def _proofs(rows: Sequence[PaperSignature]) -> frozenset[str]:
    return frozenset(f"{row.key}:{row.proof or row.scan_id}" for row in rows)


def _round(row: PaperSignature) -> tuple[int, int, int, int]:
    """Return the square of a seal over the middle of its place: over unit and date."""
    x, y, half = (row.left + row.right) / 2, (row.bottom + row.top) / 2, DIAMETER / 2
    return round(x - half), round(y - half), round(x + half), round(y + half)


def _style(drawing: content.PdfContent) -> stamp.StaticStampStyle:
    middle = layout.AxisAlignment.ALIGN_MID
    return stamp.StaticStampStyle(
        background=drawing,
        background_opacity=1.0,
        border_width=0,
        background_layout=layout.SimpleBoxLayoutRule(
            x_align=middle, y_align=middle, margins=layout.Margins(0, 0, 0, 0)
        ),
    )
