"""Papers that the system makes of a case, and how a unit numbers them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Case


class Paper(OfCounty, Identified, Base):
    """One paper of a case: a draft whose words people edit, or final and never changed again.

    ``payload`` holds the words, sealed to this row. A final paper is a file of the case
    (``attachment_id``) with the hash of its bytes and, where its kind has one, a number.
    ``sheet`` is the hash of the template that it was set with.
    """

    __tablename__ = "paper"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(8), default="draft")
    number: Mapped[str | None] = mapped_column(String(60))
    # Who numbered it: two committees of one name may each have their first.
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    sheet: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64))
    attachment_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("attachment.id"))
    made_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    final_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()

    __table_args__ = (
        of_case(),
        one_of("state", ("draft", "final")),
        CheckConstraint(
            "(state = 'final') = (digest IS NOT NULL AND sheet IS NOT NULL"
            " AND attachment_id IS NOT NULL AND final_by IS NOT NULL AND final_at IS NOT NULL)",
            name="final_whole",
        ),
        CheckConstraint("number IS NULL OR state = 'final'", name="number_of_final"),
        CheckConstraint("number IS NULL OR unit_id IS NOT NULL", name="numbered_by"),
        UniqueConstraint("county_id", "unit_id", "kind", "number"),
        # One draft of a kind at a time: two would be finished beside each other.
        Index(
            "uq_paper_draft",
            "case_id",
            "kind",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )


class PaperSeries(Base):
    """The last number that a unit gave to a kind of papers in a year."""

    __tablename__ = "paper_series"

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (
        ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        CheckConstraint("last > 0", name="last"),
    )
