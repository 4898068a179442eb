"""What the hotline learns of its cases: how topics follow from texts, who was ruled to handle what,
which events people call about.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case


class SuggestionModel(Base):
    """How a choice of an opening form follows from the text, with what it was right in.

    The newest alone: what closed cases say today. Numbers and short runs of characters that
    several cases hold; nothing of one case.
    """

    __tablename__ = "suggestion_model"

    county_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    # The field of the opening form that it proposes an answer to.
    field: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Cases that it learned from; cases that were held back, and the shares of them that the first
    # proposal, or one of three, was right in.
    learned: Mapped[int] = mapped_column(Integer)
    held_back: Mapped[int] = mapped_column(Integer)
    first: Mapped[float] = mapped_column(Float)
    among_three: Mapped[float] = mapped_column(Float)
    model: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (
        CheckConstraint("first >= 0 AND first <= among_three AND among_three <= 1", name="shares"),
    )


class Precedent(OfCounty, Identified, Base):
    """A ruling on which unit handles a case: offered when one like it is dispatched."""

    __tablename__ = "precedent"

    case_id: Mapped[int] = mapped_column(BigInteger)
    process: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(), Index("ix_precedent_process", "county_id", "process", "id"))


class KnownEvent(OfCounty, Identified, Base):
    """An event that many call about (已知事件): the case they are added to, and what to say.

    What is to be said is for every caller: it names nobody.
    """

    __tablename__ = "known_event"

    case_id: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("ended_at IS NULL OR ended_at >= at", name="ended_after"),
        Index(
            "uq_known_event_running",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_known_event_county_id", "county_id", "id"),
    )
