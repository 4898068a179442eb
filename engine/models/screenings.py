"""Screening rounds (矛盾纠纷排查): who went where and when, and the disputes that were found."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, UtcDateTime, one_of
from engine.models.people import Unit, User

ROUND_KINDS = ("regular", "holiday", "special")
RISKS = ("slight", "moderate", "serious")
SETTLED, OPENED = "settled", "opened"
RESULTS = (SETTLED, OPENED, "handed", "watched")


class ScreeningRound(Identified, Base):
    """One round of a unit; one without finds is a nil report (零报告).

    ``void_reason`` says why it does not count: it was entered twice, or by mistake.
    """

    __tablename__ = "screening_round"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(8))
    topic: Mapped[str] = mapped_column(String(120), default="")
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    # Who went: names of staff, as they write them.
    staff: Mapped[str] = mapped_column(String(200))
    households: Mapped[int] = mapped_column(Integer, default=0)
    places: Mapped[int] = mapped_column(Integer, default=0)
    note: Mapped[str] = mapped_column(String(400), default="")
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    maker: Mapped[User] = relationship(foreign_keys=[by])

    __table_args__ = (
        one_of("kind", ROUND_KINDS),
        CheckConstraint("last_on >= first_on", name="period"),
        CheckConstraint("households >= 0 AND places >= 0", name="counts"),
        CheckConstraint("staff <> ''", name="staff"),
        Index("ix_screening_round_unit_id", "unit_id", "last_on"),
    )


class ScreeningFind(Identified, Base):
    """A dispute that a round found, and its outcome.

    One that is registered is found by the draft of its form: ``draft_key`` of ``opened_by``.
    """

    __tablename__ = "screening_find"

    round_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("screening_round.id"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(100), default="")
    people: Mapped[int] = mapped_column(Integer, default=2)
    risk: Mapped[str] = mapped_column(String(8), default="slight")
    result: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(400), default="")
    draft_key: Mapped[str | None] = mapped_column(String(32))
    opened_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    round: Mapped[ScreeningRound] = relationship()

    __table_args__ = (
        one_of("risk", RISKS),
        one_of("result", RESULTS),
        CheckConstraint("title <> '' AND people > 0 AND number > 0", name="says_something"),
        CheckConstraint("(draft_key IS NULL) = (opened_by IS NULL)", name="opened_by_somebody"),
        UniqueConstraint("round_id", "number"),
    )
