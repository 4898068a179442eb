"""Outgoing messages, in-app notices, tallies and the worker's heartbeat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
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

from engine.models.base import Base, Identified, OfCounty, UtcDateTime
from engine.models.casework import Case, Task
from engine.terms.channels import IN_APP


class Outbox(OfCounty, Identified, Base):
    """A message to be sent after commit; written in the transaction that causes it."""

    __tablename__ = "outbox"

    case_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"))
    channel: Mapped[str] = mapped_column(String(16), default=IN_APP)
    # What is said: a template's key and its parameters, never personal data.
    key: Mapped[str] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The same cause never sends twice.
    cause: Mapped[str] = mapped_column(String(160), unique=True)
    # To one person, or to all who hold the role in the unit when it is sent.
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    role: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    send_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    # When the channels outside got their share of it.
    spread_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case | None] = relationship()
    task: Mapped[Task | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "user_id IS NOT NULL OR (unit_id IS NOT NULL AND role IS NOT NULL)", name="addressed"
        ),
        Index(
            "ix_outbox_waiting",
            "send_at",
            "id",
            sqlite_where=text("sent_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
        ),
        Index(
            "ix_outbox_to_spread",
            "id",
            sqlite_where=text("spread_at IS NULL AND sent_at IS NOT NULL"),
            postgresql_where=text("spread_at IS NULL AND sent_at IS NOT NULL"),
        ),
        Index(
            "ix_outbox_dead",
            "id",
            sqlite_where=text("dead_at IS NOT NULL"),
            postgresql_where=text("dead_at IS NOT NULL"),
        ),
    )


class Notice(Identified, Base):
    """An in-app notice of one user."""

    __tablename__ = "notice"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    outbox_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("outbox.id"))
    case_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case.id"))
    key: Mapped[str] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("outbox_id", "user_id"),
        Index("ix_notice_user", "user_id", "id"),
        Index(
            "ix_notice_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )


class TallyDelta(OfCounty, Identified, Base):
    """One change of a counter; the worker folds it, so that no counter row is a hot spot."""

    __tablename__ = "tally_delta"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    process: Mapped[str] = mapped_column(String(64))
    measure: Mapped[str] = mapped_column(String(32))
    day: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(Integer)


class Tally(OfCounty, Base):
    """A folded counter: unit, process, measure, day."""

    __tablename__ = "tally"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), primary_key=True)
    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    measure: Mapped[str] = mapped_column(String(32), primary_key=True)
    # Empty for what there is now: a stock is of no day.
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_tally_day", "day"),)


class Tick(Base):
    """When a worker last finished a round of something, for /readyz and operations."""

    __tablename__ = "tick"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column(Integer, default=0)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
