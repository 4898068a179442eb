"""What the hotline learns of its closed cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, UtcDateTime


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
