"""The files of a case as its page lists them, and each of them for who may have it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.errors import NotFound
from engine.models import Attachment, Case, Task, User
from engine.reading.casefile import CaseFile
from engine.records import attachments


@dataclass(frozen=True)
class CaseMaterial:
    """One attachment of a case."""

    id: int
    name: str
    mime: str
    size: int
    at: datetime
    uploaded_by: str
    step: str
    # Kept from those who handle the case, until somebody lets them have it.
    sealed: bool = False
    proof: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_image(self) -> bool:
        """Whether a browser can show it as a picture."""
        return self.mime.startswith("image/")

    @property
    def place(self) -> dict[str, float] | None:
        """Where a photo says it was taken, while nobody has decided about it."""
        return attachments.offered_position(dict(self.proof))


def materials(db: Session, file: CaseFile) -> list[CaseMaterial]:
    """Return the attachments of a case, with who uploaded them at which step; one statement.

    Behind a concealment not those of the reporter: how many there are is ``len(file.sealed)``.
    """
    case = file.case
    rows = db.execute(
        select(Attachment, User.name, Task.name)
        .outerjoin(User, User.id == Attachment.uploaded_by)
        .outerjoin(Task, and_(Task.id == Attachment.task_id, Task.case_id == Attachment.case_id))
        .where(Attachment.case_id == case.id, Attachment.county_id == case.county_id)
        .order_by(Attachment.id)
    )
    shown = [row for row in rows if str(row[0].id) not in file.sealed_files]
    return [_material(row, name or "", step or "") for row, name, step in shown]


def material(db: Session, actor: Actor, attachment_id: int) -> Attachment:
    """Return an attachment that the actor may have: of a visible case, or their own fresh upload.

    Raises NotFound.
    """
    row = db.get(Attachment, attachment_id)
    if row is None:
        raise NotFound(attachment_id)
    if row.case_id is None:
        if row.uploaded_by != actor.user_id:
            raise NotFound(attachment_id)
        return row
    seen = select(Case).where(
        Case.id == row.case_id, Case.county_id == row.county_id, policy.visible_cases(actor)
    )
    case = db.scalar(seen)
    if case is None or (row.sealed and confidentiality.concealment(db, actor, case).hides):
        raise NotFound(attachment_id)
    return row


def attachment_names(db: Session, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """File names by attachment id, for answers that hold ids; one statement.

    A guessed id in a posted form gives no name: only own uploads and visible cases do, and of
    what a reporter brought only to those who may know them.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    fresh = and_(Attachment.uploaded_by == actor.user_id, ~Attachment.sealed)
    rows = db.execute(
        select(Attachment, Case)
        .outerjoin(
            Case, and_(Case.id == Attachment.case_id, Case.county_id == Attachment.county_id)
        )
        .where(Attachment.id.in_(wanted), or_(fresh, policy.visible_cases(actor)))
    )
    return {
        row.id: attachments.name_of(row)
        for row, case in rows
        if not row.sealed or not confidentiality.concealment(db, actor, case).hides
    }


def _material(row: Attachment, uploaded_by: str, step: str) -> CaseMaterial:
    return CaseMaterial(
        id=row.id,
        name=attachments.name_of(row),
        mime=row.mime,
        size=row.size,
        at=row.at,
        uploaded_by=uploaded_by,
        step=step,
        sealed=row.sealed,
        proof=attachments.proof_of(row),
    )
