"""Drafts of definitions: their files by revision, who is at work on them, what was said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, UtcDateTime, one_of
from engine.models.people import Unit

STAGES = ("editing", "review", "published", "discarded")
REMARKS = ("comment", "submitted", "sent_back", "published")


class ProcessDraft(Identified, Base):
    """A change of one process, or of the escalation table, that is not published yet."""

    __tablename__ = "process_draft"

    process: Mapped[str] = mapped_column(String(64))
    # For which it is drawn: nobody outside of its area has to do with it.
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(120))
    stage: Mapped[str] = mapped_column(String(10), default="editing")
    base_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("version.id"))
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Raised by every save; a save names the one it was made from.
    revision: Mapped[int] = mapped_column(Integer, default=0)
    changed_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(400), default="")
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approver_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("version.id"))

    unit: Mapped[Unit] = relationship()

    __table_args__ = (
        one_of("stage", STAGES),
        CheckConstraint("approver_id <> author_id", name="second_person"),
        CheckConstraint("approver_id <> submitted_by", name="not_the_submitter"),
        CheckConstraint(
            "(stage IN ('published', 'discarded')) = (ended_at IS NOT NULL)", name="ended"
        ),
        CheckConstraint("stage <> 'published' OR approver_id IS NOT NULL", name="approved"),
        Index("ix_process_draft_process", "process", "stage"),
    )


class DraftFile(Base):
    """A file as one revision left it; what an older one had stays. No content: deleted."""

    __tablename__ = "draft_file"

    draft_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_draft.id"), primary_key=True
    )
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    saved_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftVisitor(Base):
    """Somebody who has a draft open, and when their page last said so."""

    __tablename__ = "draft_visitor"

    draft_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_draft.id"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftRemark(Identified, Base):
    """A comment on a draft, or a step of its review, with the revision it was about."""

    __tablename__ = "draft_remark"

    draft_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_draft.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    element: Mapped[str | None] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(String(2000))

    __table_args__ = (one_of("kind", REMARKS),)
