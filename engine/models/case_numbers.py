"""How counties number their cases, and the last number that was given."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class NumberSeries(Base):
    """How a county numbers the cases of a process (山网), or its own part of all (山)."""

    __tablename__ = "number_series"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), primary_key=True)
    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    letters: Mapped[str] = mapped_column(String(12))
    pattern: Mapped[str] = mapped_column(String(60))
    digits: Mapped[int] = mapped_column(Integer)
    # Whether the count starts again each year.
    yearly: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        # Two series that counted on one row would each have gaps.
        UniqueConstraint("county_id", "letters"),
        CheckConstraint("letters <> ''", name="letters"),
        CheckConstraint("digits BETWEEN 1 AND 9", name="digits"),
        CheckConstraint(
            "replace(pattern, '{number}', '') <> pattern"
            " AND replace(pattern, '{letters}', '') <> pattern",
            name="pattern",
        ),
        CheckConstraint(
            "NOT yearly OR replace(pattern, '{year}', '') <> pattern", name="yearly_says_year"
        ),
    )


class CaseNumber(Base):
    """The last number given for a prefix and year in a county; year 0 is all years."""

    __tablename__ = "case_number"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)
