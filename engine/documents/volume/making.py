"""Making a case's dossier and filing it: once for each row of the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.case_lock import begin, lock_case
from engine.definitions import versions
from engine.documents.volume import printing, volume
from engine.errors import NotFound
from engine.models import Attachment, Case, Outbox
from engine.records import attachments

TEMPLATE = "dossier"


def create(db: Session, row: Outbox, now: datetime) -> None:
    """Make the document that an outbox row asks for; a second delivery makes no second one.

    Raises NotFound for a template that does not exist: the row shows up as undeliverable.
    """
    template = str(row.data.get("template"))
    if template != TEMPLATE or row.case_id is None:
        raise NotFound(template)
    case = db.get_one(Case, row.case_id)
    if _is_made(db, case, row):
        return
    published = versions.load(db, case.version_id)
    content = volume.gather(db, case, published, now)
    # Printing takes a second: nobody waits for the case's lock meanwhile.
    raw = printing.as_pdf(content)
    work = begin(db, lock_case(db, case.id), None, "document", now=now)
    proof = {"document": template, "outbox": str(row.id), "received_at": now.isoformat()}
    name = f"{case.number} {content.title}.pdf"
    filed = attachments.file_away(db, work.case, raw, name, "application/pdf", proof, now=now)
    db.flush()
    work.record(
        db, "document.created", document=template, attachment=str(filed.id), digest=filed.digest
    )


def _is_made(db: Session, case: Case, row: Outbox) -> bool:
    mine = select(Attachment).where(
        Attachment.case_id == case.id, Attachment.county_id == case.county_id
    )
    return any((one.proof or {}).get("outbox") == str(row.id) for one in db.scalars(mine))
