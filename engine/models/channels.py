"""Ways out of the house: channels, what goes over them to whom, and every attempt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.case_people import CasePerson
from engine.models.casework import Case
from engine.models.people import Unit, User
from engine.models.traffic import Outbox

CHANNEL_KINDS = ("mail", "http", "webhook")
AUDIENCES = ("person", "citizen", "group")
DIGESTS = ("now", "hourly", "daily")
WAYS = ("sms", "mail", "person")
TOLD_STATES = ("waiting", "sent", "failed", "by_hand", "told", "repeated", "unwanted")
TEXT_PARTS = ("subject", "text", "html")
LOCALES = ("zh_CN", "en")


def _waiting(name: str, *columns: str) -> Index:
    condition = sql("sent_at IS NULL AND dead_at IS NULL")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Channel(Identified, Base):
    """A way out: a mail server, an HTTP gateway or robot, a webhook; as administrators set it.

    ``config`` holds nothing secret; ``secrets`` is sealed by the vault and never shown again.
    """

    __tablename__ = "channel"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    audience: Mapped[str] = mapped_column(String(10))
    config: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Kinds of notices that go out: to persons who chose nothing else, or to the group.
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Only what belongs to cases of this area; empty means all.
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    # What happened before is not sent afterwards.
    active_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)

    unit: Mapped[Unit | None] = relationship()

    __table_args__ = (one_of("kind", CHANNEL_KINDS), one_of("audience", AUDIENCES))


class Contact(Base):
    """How a user is reached outside: sealed addresses, and quiet hours of their own."""

    __tablename__ = "contact"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), primary_key=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    # Which addresses there are, so that nothing is unsealed to find out.
    has_mail: Mapped[bool] = mapped_column(Boolean, default=False)
    has_phone: Mapped[bool] = mapped_column(Boolean, default=False)
    # Local times, HH:MM; both empty: the county's hours.
    quiet_from: Mapped[str | None] = mapped_column(String(5))
    quiet_until: Mapped[str | None] = mapped_column(String(5))

    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet"),
    )


class Subscription(Base):
    """What a user wants over a channel: which kinds, at once or gathered."""

    __tablename__ = "subscription"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("channel.id"), primary_key=True)
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    digest: Mapped[str] = mapped_column(String(8), default="now")

    __table_args__ = (one_of("digest", DIGESTS),)


class NoticeText(Base):
    """Words that staff put in place of the ones that ship: a Jinja text by kind, language, part."""

    __tablename__ = "notice_text"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    part: Mapped[str] = mapped_column(String(8), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (one_of("locale", LOCALES), one_of("part", TEXT_PARTS))


class Delivery(OfCounty, Identified, Base):
    """One message for one recipient over one channel; its id is what receivers know it by.

    It holds no address: where it goes is looked up when it is sent.
    """

    __tablename__ = "delivery"

    channel_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("channel.id"))
    # Empty for a trial that an administrator sends.
    outbox_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("outbox.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case.id"))
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    key: Mapped[str] = mapped_column(String(60))
    # The same event reaches the same recipient once.
    mark: Mapped[str] = mapped_column(String(160))
    digest: Mapped[bool] = mapped_column(Boolean, default=False)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Whoever claims it moves this past the time that sending may take.
    send_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)

    channel: Mapped[Channel] = relationship()
    outbox: Mapped[Outbox | None] = relationship()
    case: Mapped[Case | None] = relationship()
    user: Mapped[User | None] = relationship()

    __table_args__ = (
        UniqueConstraint("channel_id", "mark"),
        CheckConstraint("sent_at IS NULL OR dead_at IS NULL", name="ended_once"),
        _waiting("ix_delivery_waiting", "channel_id", "send_at", "id"),
        Index(
            "ix_delivery_dead",
            "id",
            sqlite_where=sql("dead_at IS NOT NULL"),
            postgresql_where=sql("dead_at IS NOT NULL"),
        ),
    )


class DeliveryAttempt(Identified, Base):
    """One try to send: when, how long it took, what the other side said."""

    __tablename__ = "delivery_attempt"

    delivery_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column(Integer)
    sent: Mapped[bool] = mapped_column(Boolean)
    # HTTP or SMTP status; empty when there was no answer.
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)


class CitizenMessage(OfCounty, Identified, Base):
    """What one citizen of a case was to be told, by which way, and its outcome.

    It holds no address: where it goes is read from the vault when it is sent. It stays with the
    case when the delivery has gone.
    """

    __tablename__ = "citizen_message"

    case_id: Mapped[int] = mapped_column(BigInteger)
    # The step of the diagram that tells.
    node_id: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    # Empty where the case keeps no people of its own: the number of the opening form.
    person_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case_person.id"))
    way: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    # Why nothing was sent, by a key.
    reason: Mapped[str] = mapped_column(String(16), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who passed it on in person.
    told_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    delivery_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("delivery.id", ondelete="SET NULL")
    )

    person: Mapped[CasePerson | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    teller: Mapped[User | None] = relationship()

    __table_args__ = (
        of_case(),
        one_of("way", WAYS),
        one_of("state", TOLD_STATES),
        CheckConstraint("(state = 'told') = (told_by IS NOT NULL)", name="told_by_somebody"),
        CheckConstraint("text <> ''", name="says_something"),
        Index("ix_citizen_message_case_id", "case_id", "id"),
        Index(
            "ix_citizen_message_delivery_id",
            "delivery_id",
            unique=True,
            sqlite_where=sql("delivery_id IS NOT NULL"),
            postgresql_where=sql("delivery_id IS NOT NULL"),
        ),
    )
