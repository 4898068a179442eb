"""How people get in: sessions of browsers, and tokens of programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Hex, Identified, UtcDateTime, one_of

SESSION_KINDS = ("browser", "token")
# What a session was last proved by.
PROOFS = ("password", "totp", "passkey", "recovery")


class UserSession(Identified, Base):
    """A browser in which somebody is logged in, or a token of a program; deleted when it ends.

    ``key`` is the hash of what the browser or the program brings, so that a copy of the table
    opens nothing. ``seen_at`` is in no index: it changes every minute.
    """

    __tablename__ = "user_session"

    key: Mapped[str] = mapped_column(Hex, unique=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8), default="browser")
    # Of a token: what its owner calls it, and what it may do, separated by spaces.
    name: Mapped[str] = mapped_column(String(60), default="")
    scopes: Mapped[str] = mapped_column(String(200), default="")
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When and by what the person last proved to be there.
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proof: Mapped[str] = mapped_column(String(8), default="password")
    address: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(40), default="")

    __table_args__ = (
        one_of("kind", SESSION_KINDS),
        one_of("proof", PROOFS),
        CheckConstraint("ends_at > began_at", name="period"),
        CheckConstraint("(kind = 'token') = (name <> '')", name="named"),
        CheckConstraint("kind = 'token' OR scopes = ''", name="scoped"),
    )
