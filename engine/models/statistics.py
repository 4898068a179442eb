"""Statistical returns of units: versions, the cases behind every number, what was corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.people import Unit

# What a cell counts in, so that sums are exact in every database.
MILLIONTHS = 1_000_000


class StatisticReturn(Identified, Base):
    """One version of a unit's table for a period: a draft, or signed and never changed again.

    ``entered`` are the numbers that no case fills. ``sums`` are all numbers once it is signed,
    those of the returns that it adds up included, in millionths; ``digest`` is over all of it.
    A later version says why it replaces the one before (``reason``).
    """

    __tablename__ = "statistic_return"

    statistic: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    period: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column(Integer)
    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("version.id"))
    state: Mapped[str] = mapped_column(String(8), default="draft")
    reason: Mapped[str] = mapped_column(String(400), default="")
    entered: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    filled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filled_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    sums: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    digest: Mapped[str | None] = mapped_column(String(64))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    unit: Mapped[Unit] = relationship()

    __table_args__ = (
        one_of("state", ("draft", "signed")),
        UniqueConstraint("statistic", "unit_id", "period", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("number = 1 OR reason <> ''", name="restated_why"),
        CheckConstraint(
            "(state = 'signed') = (digest IS NOT NULL AND sums IS NOT NULL"
            " AND signed_at IS NOT NULL AND signed_by IS NOT NULL)",
            name="signed_whole",
        ),
        CheckConstraint(
            "(sent_at IS NULL) = (sent_by IS NULL) AND (sent_at IS NULL OR state = 'signed')",
            name="sent_signed",
        ),
        Index(
            "uq_statistic_return_draft",
            "statistic",
            "unit_id",
            "period",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index("ix_statistic_return_unit_id", "unit_id", "period"),
    )


class ReturnRow(OfCounty, Base):
    """A case that a return counts: its facts as they were, and the texts of its line.

    A confidential case has neither facts nor texts here: it is only counted.
    """

    __tablename__ = "return_row"

    return_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("statistic_return.id"), primary_key=True
    )
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (of_case(), Index("ix_return_row_case_id", "case_id"))


class ReturnCell(Base):
    """What one case adds to one column of a return, in millionths; a gap is a column, too."""

    __tablename__ = "return_cell"

    return_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        ForeignKeyConstraint(
            ["return_id", "case_id"], ["return_row.return_id", "return_row.case_id"]
        ),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_return_cell_row", "return_id", "case_id"),
    )


class ReturnEntry(Base):
    """A row of a register, or of screening, that a return counts, as it was: its name, and what
    it adds to which column, in millionths; a gap is a column, too.
    """

    __tablename__ = "return_entry"

    return_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("statistic_return.id"), primary_key=True
    )
    register: Mapped[str] = mapped_column(String(10), primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    cells: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    __table_args__ = (one_of("register", ("committee", "mediator", "round", "find")),)


class ReturnPart(Base):
    """A signed return of a unit below that another one adds up."""

    __tablename__ = "return_part"

    return_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("statistic_return.id"), primary_key=True
    )
    part_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("statistic_return.id"), primary_key=True
    )

    __table_args__ = (
        CheckConstraint("return_id <> part_id", name="not_itself"),
        Index("ix_return_part_part_id", "part_id"),
    )


class ReturnRefusal(Base):
    """A return that the unit above sent back, with its reason: it counts nowhere."""

    __tablename__ = "return_refusal"

    return_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("statistic_return.id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (CheckConstraint("reason <> ''", name="reason"),)


class FactCorrection(OfCounty, Identified, Base):
    """What somebody says a fact of a case really is, for statistics; the latest counts."""

    __tablename__ = "fact_correction"

    case_id: Mapped[int] = mapped_column(BigInteger)
    fact: Mapped[str] = mapped_column(String(40))
    value: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_fact_correction_case_id", "case_id", "fact"),
    )


class ExchangeCode(Base):
    """The code that a table of the exchange record has for one of our values."""

    __tablename__ = "exchange_code"

    catalogue: Mapped[str] = mapped_column(String(24), primary_key=True)
    value: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(24))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("code <> ''", name="code"),)
