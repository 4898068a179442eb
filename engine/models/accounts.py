"""How people prove who they are: sessions and tokens, second factors, earlier passwords."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Hex, Identified, UtcDateTime, one_of

SESSION_KINDS = ("browser", "token")
# What a session was last proved by.
PROOFS = ("password", "totp", "passkey", "recovery")
FACTORS = ("totp", "passkey", "recovery")


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


class SecondFactor(Identified, Base):
    """Something that somebody has beside the password: an app, a passkey, a recovery code."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60), default="")
    # Of an app: the shared secret, sealed.
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Of a passkey: by which a browser finds it, and what its answers are checked with.
    credential: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Of a recovery code: its keyed digest.
    digest: Mapped[str | None] = mapped_column(Hex)
    # App: the last time step that was accepted. Passkey: how often it says it was used.
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("kind", FACTORS),
        CheckConstraint("(kind = 'totp') = (payload IS NOT NULL)", name="payload"),
        CheckConstraint("(kind = 'passkey') = (credential IS NOT NULL)", name="credential"),
        CheckConstraint("(kind = 'passkey') = (public_key IS NOT NULL)", name="public_key"),
        CheckConstraint("(kind = 'recovery') = (digest IS NOT NULL)", name="digest"),
    )


class FormerPassword(Identified, Base):
    """A password that somebody had, as a hash, so that it is not chosen again."""

    __tablename__ = "former_password"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpentProof(Base):
    """A puzzle or challenge that was answered and counts no second time."""

    __tablename__ = "spent_proof"

    digest: Mapped[str] = mapped_column(Hex, primary_key=True)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
