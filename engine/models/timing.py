"""What changes limits for many at once, and what a unit is called to answer for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Case, Task
from engine.models.people import Unit


class Emergency(Identified, Base):
    """An emergency profile (平战结合) of a unit and all under it, from its switch on until off."""

    __tablename__ = "emergency"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    # In percent of the limit that would apply; explicit limits go before it.
    factor: Mapped[int] = mapped_column(Integer, default=100)
    # [{"process": ..., "step": ..., "amount": ..., "unit": ...}]; a missing key fits everything.
    limits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    end_reason: Mapped[str | None] = mapped_column(Text)

    unit: Mapped[Unit] = relationship()

    __table_args__ = (
        CheckConstraint("factor BETWEEN 1 AND 100", name="factor"),
        CheckConstraint("until_at IS NULL OR until_at >= from_at", name="period"),
        CheckConstraint("(until_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_emergency_on",
            "unit_id",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
    )


class Recalculation(Identified, Base):
    """Open clocks that the worker has still to recalculate, in the background."""

    __tablename__ = "recalculation"

    reason: Mapped[str] = mapped_column(String(16))
    # Of this unit and all under it; without one, everywhere.
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (one_of("reason", ("calendar", "emergency", "table")),)


class Demand(OfCounty, Identified, Base):
    """A unit must answer, by when: a supervision notice (督办单) or a centre's call (中心呼).

    What is demanded, answered and decided is in words, and so in the vault; the row holds the
    receipts. A rejected answer begins another round with a limit of its own.
    """

    __tablename__ = "demand"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"))
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(40))
    # Who must answer, and who asked: the unit, and the person unless a rung did.
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    issuer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    # The rung that issued it, and the row and version of the table that said so.
    rung: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    asked: Mapped[str] = mapped_column(String(64), default="")
    limit_amount: Mapped[int] = mapped_column(Integer)
    limit_unit: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of the round that runs now.
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[int] = mapped_column(Integer, default=1)
    late: Mapped[bool] = mapped_column(Boolean, default=False)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    outcome: Mapped[str | None] = mapped_column(String(12))
    consequence: Mapped[str] = mapped_column(String(16), default="none")

    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    issuer: Mapped[Unit] = relationship(foreign_keys=[issuer_id])

    __table_args__ = (
        of_case(),
        one_of("kind", ("notice", "call")),
        one_of("outcome", ("accepted", "withdrawn")),
        one_of("consequence", ("none", "reminder", "interview", "criticism", "account")),
        UniqueConstraint("county_id", "number"),
        CheckConstraint("round >= 1", name="round"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_outcome"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_by_whom"),
        CheckConstraint("unit_id <> issuer_id OR closed_at IS NOT NULL", name="from_another"),
        Index("ix_demand_unit", "unit_id", "closed_at", "due_at"),
        Index("ix_demand_issuer", "issuer_id", "closed_at", "due_at"),
    )
