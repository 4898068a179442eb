"""What must never be lost or altered: audit events, anchors, the vault, attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Hex, Identified, OfCounty, UtcDateTime, new_id, of_case, one_of
from engine.models.casework import Case, Task


class WithdrawnRung(OfCounty, Base):
    """An escalation that does not count: it fired for a deadline that had not passed."""

    __tablename__ = "withdrawn_rung"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # Its place in the chain of its case.
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(),)


class Event(OfCounty, Base):
    """One link of a case's chain; database triggers refuse to change or delete it."""

    __tablename__ = "event"

    # What messages and lists know it by; its place in its chain is its key.
    id: Mapped[int] = mapped_column(BigInteger, default=new_id, sort_order=-10)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    # Canonical JSON text: what was hashed, to the byte.
    data: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Hex)

    case: Mapped[Case] = relationship()

    __table_args__ = (
        of_case(),
        # Ids grow with time and rows are only added: ranges of pages are enough to find the newest.
        Index(
            "ix_event_id",
            "id",
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        ),
        Index(
            "ix_event_escalated",
            "at",
            sqlite_where=text("kind = 'escalated'"),
            postgresql_where=text("kind = 'escalated'"),
        ),
    )


class AdminEvent(Base):
    """One link of the chain of everything that is not a case: logins, units, posts, versions."""

    __tablename__ = "admin_event"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class Anchor(Identified, Base):
    """Heads and lengths of the chains that grew since the last anchor, chained themselves."""

    __tablename__ = "anchor"

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    heads: Mapped[list[Any]] = mapped_column(JSON)
    hash: Mapped[str] = mapped_column(String(64))


class AnchorStamp(Base):
    """An authority's time stamp (RFC 3161) of an anchor's hash."""

    __tablename__ = "anchor_stamp"

    anchor_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("anchor.id"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    token: Mapped[bytes] = mapped_column(LargeBinary)


class VaultRow(OfCounty, Identified, Base):
    """Encrypted answers of one task; ``payload`` is empty once retention erased it."""

    __tablename__ = "vault"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"))
    node_id: Mapped[str] = mapped_column(String(120))
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(Hex)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()

    __table_args__ = (of_case(),)


class BlindIndex(OfCounty, Base):
    """Keyed digest of a phone or resident ID, by which a case is found without reading it.

    The digest is of the kind as well, so that it alone tells both.
    """

    __tablename__ = "blind_index"

    mac: Mapped[str] = mapped_column(Hex, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))

    case: Mapped[Case] = relationship()

    __table_args__ = (
        of_case(),
        one_of("kind", ("phone", "resident_id")),
    )


class Attachment(OfCounty, Identified, Base):
    """A file of a case by content hash; its name may hold personal data and is encrypted."""

    __tablename__ = "attachment"

    # Empty until the form that it was uploaded with is submitted.
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[bytes] = mapped_column(LargeBinary)
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    # What a photo proves: server time always; device time, position, accuracy if it says so.
    proof: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    uploaded_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    # From the reporter of a confidential case: name, content and proof are for few.
    sealed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    # Of a sealed file what ``proof`` says of others, encrypted.
    claims: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(),)
