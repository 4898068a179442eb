"""Units, users, posts and deputies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import AncestorColumns, Base, Identified, UtcDateTime, one_of
from engine.roles import WIDE
from engine.terms.levels import LEVELS

KINDS = ("area", "department", "committee", "centre", "organisation")


class Unit(Identified, AncestorColumns, Base):
    """A node of the tree: an area, or a department, committee or centre that works for one."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12), default="area")
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    place_type: Mapped[str | None] = mapped_column(String(32))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heir_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))

    parent: Mapped[Unit | None] = relationship(foreign_keys=[parent_id], remote_side="Unit.id")

    __table_args__ = (
        one_of("level", LEVELS),
        one_of("kind", KINDS),
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        Index("ix_unit_at_county", "at_county", "level"),
        Index("ix_unit_at_township", "at_township"),
        Index("ix_unit_at_village", "at_village"),
        Index("ix_unit_at_city", "at_city"),
    )


class UnitChange(Identified, Base):
    """One change of a unit: created, renamed, moved or ended, with the value before and after."""

    __tablename__ = "unit_change"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(String(10))
    before: Mapped[str | None] = mapped_column(String(200))
    after: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        one_of("kind", ("created", "renamed", "moved", "recoded", "ended", "revived")),
    )


class UnitMove(Identified, Base):
    """A moved subtree whose open rows the worker still has to stamp again."""

    __tablename__ = "unit_move"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class User(Identified, Base):
    """Somebody who can log in; what they may do comes from their posts."""

    __tablename__ = "user"

    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    locale: Mapped[str] = mapped_column(String(8), default="zh_CN")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    password_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The unit that made the account; whoever looks after the unit looks after the account.
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)

    posts: Mapped[list[Post]] = relationship(back_populates="user", foreign_keys="Post.user_id")


class RoleKey(Base):
    """A role that posts may have: the registry's roles (``engine.roles``), kept by ``schema``."""

    __tablename__ = "role"

    key: Mapped[str] = mapped_column(String(20), primary_key=True)


class Post(Identified, Base):
    """A role in a unit from/until; ``user_id`` is empty while the post is vacant."""

    __tablename__ = "post"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(20), ForeignKey("role.key"))
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who seated the holder, and the second administrator; empty for what the system did.
    granted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    unit: Mapped[Unit] = relationship()
    user: Mapped[User | None] = relationship(back_populates="posts", foreign_keys=[user_id])

    __table_args__ = (
        CheckConstraint("until_at IS NULL OR until_at >= from_at", name="period"),
        CheckConstraint("granted_by <> user_id", name="granted_by_another"),
        CheckConstraint(
            "confirmed_by <> user_id AND confirmed_by <> granted_by", name="confirmed_by_a_second"
        ),
        # What goes beyond a unit takes two; what the system gave names nobody.
        CheckConstraint(
            "granted_by IS NULL OR confirmed_by IS NOT NULL OR role NOT IN "
            f"({', '.join(map(repr, sorted(WIDE)))})",
            name="confirmed_if_wide",
        ),
        Index("ix_post_unit_role", "unit_id", "role"),
        # One person holds one role in one unit once at a time.
        Index(
            "uq_post_held",
            "user_id",
            "unit_id",
            "role",
            unique=True,
            sqlite_where=text("until_at IS NULL AND user_id IS NOT NULL"),
            postgresql_where=text("until_at IS NULL AND user_id IS NOT NULL"),
        ),
    )


class Deputy(Identified, Base):
    """Somebody who stands in for the holder of a post for a period, as made or as derived."""

    __tablename__ = "deputy"

    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"), index=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")
    appointed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    # Follows from others: the deputy of a deputy, with those in between, the holder's first.
    derived: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    through: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))

    post: Mapped[Post] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    __table_args__ = (
        CheckConstraint("until_at > from_at", name="period"),
        CheckConstraint("appointed_by <> user_id", name="appointed_by_another"),
        CheckConstraint(
            "confirmed_by <> user_id AND confirmed_by <> appointed_by",
            name="confirmed_by_a_second",
        ),
    )


class LoginAttempt(Identified, Base):
    """A failed login, kept for throttling; the address is stored as a keyed digest."""

    __tablename__ = "login_attempt"

    login: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_login_attempt_login", "login", "at"),
        Index("ix_login_attempt_address", "address", "at"),
    )


class Setting(Base):
    """A value that administrators change at run time: profile, allowances, calendars' hours."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")


class CalendarDay(Base):
    """An exception of the working calendar: a holiday, or a make-up working day (调休)."""

    __tablename__ = "calendar_day"

    calendar: Mapped[str] = mapped_column(String(32), primary_key=True, default="office")
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    working: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(64), default="")
