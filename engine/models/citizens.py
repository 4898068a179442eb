"""The citizen's side: which counties have a public site, what was sent there, by what it is found.

Nothing here says who somebody is: references and telephones are keyed digests, pass phrases are
hashes, photographs are sealed until the worker has coded them again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Hex, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Case
from engine.models.people import Unit, User
from engine.terms.opinions import OPINIONS, SOURCES


class PublicSite(Base):
    """Whether a county's public site is open; without a row it is as the mode says."""

    __tablename__ = "public_site"

    county_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    is_open: Mapped[bool] = mapped_column(Boolean)
    changed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CitizenCase(OfCounty, Identified, Base):
    """A case that a citizen follows: by reference and pass phrase, or by a confirmed telephone."""

    __tablename__ = "citizen_case"

    case_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    reference_mac: Mapped[str] = mapped_column(Hex, unique=True)
    pass_hash: Mapped[str] = mapped_column(String(200))
    phone_mac: Mapped[str | None] = mapped_column(Hex)
    confidential: Mapped[bool] = mapped_column(Boolean)
    # The consent text that was agreed to, by its version.
    consent: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()

    __table_args__ = (
        of_case(),
        # No look-up by a number may tell that there is a report.
        CheckConstraint("NOT confidential OR phone_mac IS NULL", name="found_by_nothing"),
        Index("ix_citizen_case_phone_mac", "phone_mac"),
    )


class CitizenRating(OfCounty, Identified, Base):
    """How the citizen judged the work, on the site or when called back; words are in the vault."""

    __tablename__ = "citizen_rating"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    source: Mapped[str] = mapped_column(String(10))
    opinion: Mapped[str] = mapped_column(String(12))
    stars: Mapped[int | None] = mapped_column(Integer)
    is_solved: Mapped[bool | None] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        of_case(),
        one_of("source", SOURCES),
        one_of("opinion", OPINIONS),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index("ix_citizen_rating_county_id_at", "county_id", "at"),
    )


class CitizenPhoto(OfCounty, Identified, Base):
    """A photograph from outside, sealed and unseen until the worker has coded it again."""

    __tablename__ = "citizen_photo"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    place: Mapped[int] = mapped_column(Integer)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()

    __table_args__ = (
        of_case(),
        one_of("state", ("waiting", "ready", "refused")),
        CheckConstraint("(state = 'waiting') = (payload IS NOT NULL)", name="sealed_while_waiting"),
        CheckConstraint("(state = 'waiting') = (done_at IS NULL)", name="done"),
        Index("ix_citizen_photo_state", "state", "id"),
    )


class CitizenFollow(OfCounty, Identified, Base):
    """Somebody follows what another reported: keys of their own open what is public of it."""

    __tablename__ = "citizen_follow"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    reference_mac: Mapped[str] = mapped_column(Hex, unique=True)
    pass_hash: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(),)


class CitizenSpot(Identified, Base):
    """A place with a code on it, which opens the report with place and maybe kind filled in."""

    __tablename__ = "citizen_spot"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    # Of the table of what citizens can report; empty leaves the choice.
    choice: Mapped[str] = mapped_column(String(60), default="")
    reports: Mapped[int] = mapped_column(Integer, default=0)
    made_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])

    __table_args__ = (
        CheckConstraint("reports >= 0", name="reports"),
        Index("ix_citizen_spot_county_id", "county_id", "id"),
    )


class GeoreportKey(Identified, Base):
    """A key by which a program may send reports; only its digest is kept."""

    __tablename__ = "georeport_key"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    key_mac: Mapped[str] = mapped_column(Hex, unique=True)
    reports: Mapped[int] = mapped_column(Integer, default=0)
    made_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("reports >= 0", name="reports"),)


class CitizenLetter(OfCounty, Identified, Base):
    """What the citizen of a case wrote to whoever works on it, or one of these, for their unit."""

    __tablename__ = "citizen_letter"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    # Without an author it is the citizen's own.
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    author: Mapped[User | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    __table_args__ = (
        of_case(),
        one_of("kind", ("words", "withdrawal", "photos")),
        CheckConstraint("(author_id IS NULL) = (unit_id IS NULL)", name="author"),
        CheckConstraint("kind = 'words' OR author_id IS NULL", name="citizens_own"),
    )


class CitizenCode(Identified, Base):
    """A code by which somebody confirms a telephone; the number is sealed until the code is sent.

    In a demo without a way to send the page shows it, and nothing is kept of the number.
    """

    __tablename__ = "citizen_code"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    phone_mac: Mapped[str] = mapped_column(Hex)
    code_mac: Mapped[str] = mapped_column(Hex)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (
        one_of("state", ("waiting", "sent", "failed", "shown")),
        CheckConstraint("(state = 'waiting') = (payload IS NOT NULL)", name="sealed_while_waiting"),
        CheckConstraint("tries >= 0", name="tries"),
        Index("ix_citizen_code_state", "state", "id"),
    )


class CitizenAttempt(Base):
    """One attempt of somebody unknown, counted by a keyed digest and forgotten after a day.

    Its id and its hour say nothing of the minute: it cannot be laid beside the case it led to.
    """

    __tablename__ = "citizen_attempt"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    who: Mapped[str] = mapped_column(Hex)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("kind", ("report", "follow", "code")),
        Index("ix_citizen_attempt_who", "who", "kind", "at"),
    )
