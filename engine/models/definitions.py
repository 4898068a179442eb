"""Published versions of processes, the files that they froze, and where each is in use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Identified, UtcDateTime


class Version(Identified, Base):
    """A published version of one process, or of the escalation table; never changed again."""

    __tablename__ = "version"

    process: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64))
    # Variables whose JSON stands for something else, such as a date; null before there were any.
    kinds: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    origin: Mapped[str] = mapped_column(String(10), default="disk")
    # The version that this one was made from.
    base_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("version.id"))
    reason: Mapped[str] = mapped_column(String(400), default="")
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    publisher_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    effective_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("process", "number"),
        # NULL passes: what ships has neither an author nor a publisher of this county.
        CheckConstraint("author_id <> publisher_id", name="two_people"),
        Index("ix_version_process", "process", "effective_at"),
    )


class VersionFile(Base):
    """One file of a version's closure: diagram, decision table or form, byte for byte."""

    __tablename__ = "version_file"

    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Rollout(Identified, Base):
    """From a moment on, a version opens the new cases of a unit's area, or of all.

    The latest that covers a place decides; an older version comes back by one more row.
    """

    __tablename__ = "rollout"

    process: Mapped[str] = mapped_column(String(64))
    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("version.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(400), default="")

    __table_args__ = (Index("ix_rollout_process", "process", "from_at", "id"),)
