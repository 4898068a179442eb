"""Who gave whom what: requests that a second administrator confirms, acts on accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, UtcDateTime, one_of
from engine.models.people import Unit, User

WAITING = text("decided_at IS NULL")


class GrantRequest(Identified, Base):
    """A power that works only once a second person has confirmed it: a post, a deputy, a reset."""

    __tablename__ = "grant_request"

    kind: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(20), ForeignKey("role.key"))
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("post.id"))
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    outcome: Mapped[str | None] = mapped_column(String(10))

    unit: Mapped[Unit] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    by: Mapped[User] = relationship(foreign_keys=[by_id])

    __table_args__ = (
        one_of("kind", ("post", "deputy", "reset")),
        one_of("outcome", ("confirmed", "refused", "withdrawn")),
        CheckConstraint("by_id <> user_id", name="for_another"),
        CheckConstraint(
            "decided_by IS NULL OR outcome = 'withdrawn' "
            "OR (decided_by <> by_id AND decided_by <> user_id)",
            name="by_a_second",
        ),
        CheckConstraint("(decided_at IS NULL) = (outcome IS NULL)", name="decided"),
        Index(
            "uq_grant_request_waiting",
            "kind",
            "user_id",
            "unit_id",
            "role",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )


class AccountAct(Identified, Base):
    """Somebody made another's account, reset its password, or appointed its owner."""

    __tablename__ = "account_act"

    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("kind", ("made", "reset", "appointed")),
        CheckConstraint("by_id <> user_id", name="on_another"),
        Index("ix_account_act_user", "user_id", "at"),
        Index("ix_account_act_by", "by_id", "at"),
    )
