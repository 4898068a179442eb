"""What answers say that figures count: was it solved, was the citizen satisfied, did they agree."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of

SATISFACTION, SOLUTION, EXCLUSION = "satisfaction", "solution", "exclusion"
CONTACT, ACCEPTANCE, SETTLEMENT = "contact", "acceptance", "settlement"
MARKS = (SATISFACTION, SOLUTION, EXCLUSION, CONTACT, ACCEPTANCE, SETTLEMENT)


class CaseMark(OfCounty, Identified, Base):
    """One answer that figures count, as yes, no, or neither; no person, no text.

    Of each kind one is current: which one, ``engine/storage/marks.py`` says.
    """

    __tablename__ = "case_mark"

    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))
    value: Mapped[bool | None] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Whose answer it was; none where it follows from the end of the case.
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"), index=True)
    current: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        of_case(),
        one_of("kind", MARKS),
        Index("ix_case_mark_case_id", "case_id", "kind"),
        Index(
            "uq_case_mark_current",
            "case_id",
            "kind",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
        Index(
            "ix_case_mark_at",
            "kind",
            "at",
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )
