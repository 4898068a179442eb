"""Papers that the system makes of a case, and how a unit numbers them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
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

from engine.models.base import Base, Hex, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Case


class Paper(OfCounty, Identified, Base):
    """One paper of a case: a draft whose words people edit, or final and never changed again.

    ``payload`` holds the words, sealed to this row. A final paper is a file of the case
    (``attachment_id``) with the hash of its bytes and, where its kind has one, a number.
    ``sealed_id`` is the file with everybody's signature and the unit's seal in it.
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
    sealed_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("attachment.id"))
    sealed_digest: Mapped[str | None] = mapped_column(Hex)
    sealed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

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
        CheckConstraint(
            "(sealed_at IS NULL AND sealed_id IS NULL AND sealed_digest IS NULL"
            " AND sealed_by IS NULL) OR (state = 'final' AND sealed_at IS NOT NULL"
            " AND sealed_id IS NOT NULL AND sealed_digest IS NOT NULL AND sealed_by IS NOT NULL)",
            name="sealed_whole",
        ),
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


class PaperSignature(OfCounty, Identified, Base):
    """A place of a final paper where somebody signs, and the signature once it is there.

    ``key`` names the place in the sheet; ``payload`` (name, side, telephone) and ``ink`` (the
    strokes) are sealed. ``proof`` ties place, paper's hash, strokes, time and device together.
    ``left`` to ``top`` are points of page ``page``, from its lower left corner. A link opens the
    place once on the signer's own telephone: of its token only a digest is kept.
    """

    __tablename__ = "paper_signature"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    paper_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("paper.id"))
    key: Mapped[str] = mapped_column(String(20))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    page: Mapped[int] = mapped_column(Integer)
    left: Mapped[float] = mapped_column(Float)
    bottom: Mapped[float] = mapped_column(Float)
    right: Mapped[float] = mapped_column(Float)
    top: Mapped[float] = mapped_column(Float)
    way: Mapped[str | None] = mapped_column(String(8))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    witness_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    ink: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof: Mapped[str | None] = mapped_column(Hex)
    device: Mapped[str | None] = mapped_column(Hex)
    scan_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("attachment.id"))
    token_mac: Mapped[str | None] = mapped_column(Hex)
    token_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        of_case(),
        one_of("way", ("screen", "link", "paper")),
        CheckConstraint("(way IS NULL) = (signed_at IS NULL)", name="signed_whole"),
        CheckConstraint(
            "way IS NULL OR way = 'paper' OR (ink IS NOT NULL AND proof IS NOT NULL"
            " AND device IS NOT NULL)",
            name="ink_whole",
        ),
        CheckConstraint("way IS NULL OR way <> 'paper' OR scan_id IS NOT NULL", name="scan_there"),
        CheckConstraint("way IS NULL OR way = 'link' OR witness_id IS NOT NULL", name="witnessed"),
        CheckConstraint("(token_mac IS NULL) = (token_until IS NULL)", name="token_whole"),
        CheckConstraint("way IS NULL OR token_mac IS NULL", name="token_spent"),
        UniqueConstraint("paper_id", "key"),
        UniqueConstraint("token_mac"),
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
