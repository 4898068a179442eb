"""What people's moves leave behind: pauses, requests, extensions, stays, co-handling, remarks."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Task
from engine.models.people import Unit, User


class Pause(OfCounty, Identified, Base):
    """One line of the pause ledger: the handling clock of a task stood still, why, how long."""

    __tablename__ = "pause"

    case_id: Mapped[int] = mapped_column(BigInteger)
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.id"))
    reason: Mapped[str] = mapped_column(String(32))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When it ends by itself; ``until_at`` is when it did end.
    limit_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        CheckConstraint("until_at IS NULL OR until_at >= from_at", name="period"),
        # Each reason once a task, or a chain of pauses would make limits meaningless.
        UniqueConstraint("task_id", "reason"),
        Index(
            "uq_pause_running",
            "task_id",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
    )


class PauseRequest(OfCounty, Identified, Base):
    """A pause that is not its holder's to take alone, and what the leader decided.

    It begins when it is granted; until then the clock runs.
    """

    __tablename__ = "pause_request"

    case_id: Mapped[int] = mapped_column(BigInteger)
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.id"), index=True)
    # Whoever had the task: a request lapses when it goes into other hands.
    holder_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(32))
    # It was suspended before, or its limit was about to end.
    why: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    granted: Mapped[bool | None] = mapped_column(Boolean)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        one_of("why", ("again", "late")),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decider"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="not_own"),
        Index(
            "uq_pause_request_open",
            "task_id",
            "holder_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )


class TaskStay(OfCounty, Identified, Base):
    """A task's time in a unit that passed it on; where it is now, its own row tells.

    Its deadlines are as they were when it left: being late stays with the unit that was.
    """

    __tablename__ = "task_stay"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.id"))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sign_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limited: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (of_case(), CheckConstraint("left_at >= came_at", name="period"))


class Extension(OfCounty, Identified, Base):
    """More time asked for before a handling clock ran out, and what the leader decided."""

    __tablename__ = "extension"

    case_id: Mapped[int] = mapped_column(BigInteger)
    # Once a task: the constraint is the rule.
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.id"), unique=True)
    amount: Mapped[int] = mapped_column(Integer)
    # Of the limit as it was then; a limit that changes its unit later keeps this part as it is.
    unit: Mapped[str | None] = mapped_column(String(16))
    due_before: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    granted: Mapped[bool | None] = mapped_column(Boolean)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
    )


class Participation(OfCounty, Identified, Base):
    """A unit that helps with a task: asked, with a clock of its own, and its answer's state."""

    __tablename__ = "participation"

    case_id: Mapped[int] = mapped_column(BigInteger)
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.id"), index=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    limit_amount: Mapped[int] = mapped_column(Integer)
    limit_unit: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    outcome: Mapped[str | None] = mapped_column(String(16))

    task: Mapped[Task] = relationship()
    unit: Mapped[Unit] = relationship()

    __table_args__ = (
        of_case(),
        # Answered by the unit, withdrawn by who asked, or ended with the task.
        one_of("outcome", ("answered", "withdrawn", "closed")),
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="done_with_outcome"),
        Index(
            "uq_participation_open",
            "task_id",
            "unit_id",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        Index(
            "ix_participation_queue",
            "unit_id",
            "role",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class Remark(OfCounty, Identified, Base):
    """A comment on a case, encrypted; with a unit it is an internal note of that unit."""

    __tablename__ = "remark"

    case_id: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    author: Mapped[User] = relationship(foreign_keys=[author_id])
    unit: Mapped[Unit | None] = relationship(foreign_keys=[unit_id])

    __table_args__ = (of_case(), Index("ix_remark_case", "case_id", "id"))
