"""Published versions of processes, with the files that they froze."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Identified, Moment


class Version(Identified, Base):
    """A published version of one process, or of the escalation table; never changed again."""

    __tablename__ = "version"

    process: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(10), default="disk")
    reason: Mapped[str] = mapped_column(String(400), default="")
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    publisher_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    published_at: Mapped[datetime] = mapped_column(Moment)
    effective_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("process", "number"),
        Index("ix_version_process", "process", "effective_at"),
    )


class VersionFile(Base):
    """One file of a version's closure: diagram, decision table or form, byte for byte."""

    __tablename__ = "version_file"

    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
