"""Boundaries of a county's units, in versions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, UtcDateTime
from engine.models.people import Unit


class BoundarySet(Identified, Base):
    """One version of all boundaries of a county; the highest number is in force.

    ``system`` is what the file's positions were given in; what is kept is WGS-84. ``fallback`` is
    the unit that gets what lies in no area nor within ``tolerance`` metres of one.
    """

    __tablename__ = "boundary_set"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    number: Mapped[int] = mapped_column(Integer)
    fallback_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    tolerance: Mapped[int] = mapped_column(Integer)
    system: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(200))
    # Made by a command, where nobody has real ones: good for trying out, and for nothing else.
    invented: Mapped[bool] = mapped_column(Boolean)
    made_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    fallback: Mapped[Unit] = relationship(foreign_keys=[fallback_id])

    __table_args__ = (
        UniqueConstraint("county_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("tolerance >= 0 AND tolerance <= 5000", name="tolerance"),
    )


class Boundary(Base):
    """The area of a unit in one version, as well-known binary in WGS-84."""

    __tablename__ = "boundary"

    set_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("boundary_set.id"), primary_key=True, autoincrement=False
    )
    unit_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    wkb: Mapped[bytes] = mapped_column(LargeBinary)


class Population(Base):
    """How many people live in a unit's area, from which source, as of which day."""

    __tablename__ = "population"

    unit_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    people: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(200))
    day: Mapped[date] = mapped_column(Date)
    entered_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("people > 0", name="people"),)
