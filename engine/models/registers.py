"""Registers of people's mediation: committees, their mediators, courses, and what was changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, UtcDateTime, one_of
from engine.models.people import Unit, User

# The six kinds that statistics distinguish, and the studios that are counted beside them.
COMMITTEE_KINDS = (
    "village",
    "residents",
    "township",
    "street",
    "enterprise",
    "social",
    "studio",
)
STUDIO = "studio"
OFFICES = ("head", "deputy", "member", "mediator")


class Committee(Identified, Base):
    """A people's mediation committee (人民调解委员会), or a mediation studio, of a unit.

    ``trade`` is what a specialised one is for; ``seal`` the number under which its seal is kept.
    """

    __tablename__ = "committee"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    trade: Mapped[str] = mapped_column(String(20), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    seal: Mapped[str] = mapped_column(String(60), default="")
    founded_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])

    __table_args__ = (
        one_of("kind", COMMITTEE_KINDS),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("ended_on >= founded_on", name="period"),
        CheckConstraint("(ended_on IS NULL) = (end_reason = '')", name="ended_why"),
        Index(
            "uq_committee_name",
            "county_id",
            "name",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )


class Mediator(Identified, Base):
    """Somebody of a committee in the register of mediators (人民调解员名册).

    ``payload`` is sealed: birth, people, political status, telephone, certificate.
    """

    __tablename__ = "mediator"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    committee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("committee.id"), index=True)
    # The account, where there is one.
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    sex: Mapped[str] = mapped_column(String(6), default="")
    education: Mapped[str] = mapped_column(String(12), default="")
    full_time: Mapped[bool] = mapped_column(Boolean, default=False)
    office: Mapped[str] = mapped_column(String(8), default="mediator")
    rank: Mapped[str] = mapped_column(String(8), default="")
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    appointed_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    committee: Mapped[Committee] = relationship()
    user: Mapped[User | None] = relationship()

    __table_args__ = (
        one_of("sex", ("", "female", "male")),
        one_of("office", OFFICES),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("ended_on >= appointed_on", name="period"),
        CheckConstraint("(ended_on IS NULL) = (end_reason = '')", name="ended_why"),
        # Somebody is in a committee once at a time.
        Index(
            "uq_mediator_user",
            "committee_id",
            "user_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL AND user_id IS NOT NULL"),
            postgresql_where=text("ended_on IS NULL AND user_id IS NOT NULL"),
        ),
    )


class MediatorCourse(Identified, Base):
    """A course that a mediator took."""

    __tablename__ = "mediator_course"

    mediator_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mediator.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[int] = mapped_column(Integer)
    topic: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (CheckConstraint("hours > 0 AND topic <> ''", name="says_something"),)


class RegisterChange(Identified, Base):
    """One line of a register's history: what of whom was entered, changed, ended; no sealed words.

    ``words`` are pairs of before and after by field; of what is sealed there is only the field.
    """

    __tablename__ = "register_change"

    committee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("committee.id"), index=True)
    mediator_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mediator.id"))
    kind: Mapped[str] = mapped_column(String(8))
    words: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (one_of("kind", ("created", "changed", "ended", "course")),)
