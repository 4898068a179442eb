"""What people keep for themselves at their desk: followed cases, saved views, being on a page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case


class Follow(OfCounty, Base):
    """A case that somebody keeps an eye on, whoever handles it."""

    __tablename__ = "follow"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(),)


class SavedView(Identified, Base):
    """A queue with its filters under a name of one's own."""

    __tablename__ = "saved_view"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        UniqueConstraint("user_id", "name"),
    )


class Presence(OfCounty, Base):
    """When somebody last gave a sign of life from a case, by which open page, and if they type."""

    __tablename__ = "presence"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(16), default="")
    writing: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(),)
