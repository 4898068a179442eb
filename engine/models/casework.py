"""Cases, their tasks, clocks, access, drafts and incidents."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import (
    AncestorColumns,
    Base,
    Hex,
    Identified,
    OfCounty,
    UtcDateTime,
    of_case,
    one_of,
)
from engine.models.definitions import Version
from engine.models.people import Unit, User
from engine.terms.channels import DESK
from engine.terms.priorities import NORMAL

if TYPE_CHECKING:
    from engine.models.confidentiality import Confidentiality

LIMIT_UNITS = ("hours", "working_hours", "working_days", "days", "months", "years")
GENESIS = "0" * 64
DUE_KINDS = (
    "timer",
    "sign_warn",
    "sign_due",
    "warn",
    "due",
    "citizen_due",
    "rung",
    "resume",
    "co_due",
    "demand_due",
    "demand_rung",
)


def _while_open(name: str, *columns: str, besides: str = "") -> Index:
    condition = text(f"done_at IS NULL{besides}")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Case(Identified, Base):
    """One matter: a running process instance with a number, a place and parties."""

    __tablename__ = "case"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), sort_order=-9)
    process: Mapped[str] = mapped_column(String(64))
    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("version.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    place_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    # The name as it was: codes and names of units change, old cases keep theirs.
    place_name: Mapped[str] = mapped_column(String(200))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    category: Mapped[str | None] = mapped_column(String(64))
    priority: Mapped[str] = mapped_column(String(16), default=NORMAL)
    risk: Mapped[str | None] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32), default=DESK)
    level: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    limit_amount: Mapped[int | None] = mapped_column(Integer)
    limit_unit: Mapped[str | None] = mapped_column(String(16))
    # Which table and row said so, as ``{"table", "name", "rules"}``.
    limit_by: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # What a table promises the citizen for such a case, ``[amount, unit]``; else the process does.
    promise: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    opened_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Promised outside, before the case came in: no calendar of ours moves it.
    due_given: Mapped[bool | None] = mapped_column(Boolean)
    # The escalation table as of when the citizen's clock started.
    table_id: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Answers that did not hold: given when, withdrawn when, what was due then, and the least that
    # the correction had; and what was due of the first of them that was late: no later answer makes
    # that good.
    answers: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    missed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(120))
    # The case in which this one is worked on now (并单), and how many applicants this one stands
    # for: what was merged into it counts even when it was told and goes its own way again.
    main_id: Mapped[int | None] = mapped_column(BigInteger)
    applicants: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    source: Mapped[str | None] = mapped_column(String(120))
    # That there is a row of ``confidentiality``: whoever reads only the case knows to ask for it.
    guarded: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    place: Mapped[Unit] = relationship(foreign_keys=[place_id])
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    department: Mapped[Unit | None] = relationship(foreign_keys=[department_id])
    version: Mapped[Version] = relationship()
    confidentiality: Mapped[Confidentiality | None] = relationship(back_populates="case")

    @property
    def confidential(self) -> bool:
        """Whether the reporter is kept from those who handle the case."""
        if not self.guarded:
            return False
        kept = self.confidentiality
        return kept is None or kept.lifted_id is None

    __table_args__ = (
        # What the rows of a case refer to, so that they cannot name another county.
        UniqueConstraint("id", "county_id"),
        UniqueConstraint("county_id", "number"),
        UniqueConstraint("county_id", "source"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opened"),
        Index("ix_case_process", "county_id", "process", "opened_at"),
        # Whose promise has passed, of the few that are open.
        Index(
            "ix_case_open_due",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # What the map looks up: of all that are open, and of a period by place.
        Index(
            "ix_case_open",
            *("county_id", "opened_at"),
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_case_opened_at", "county_id", "opened_at", "place_id"),
        Index(
            "ix_case_position",
            "county_id",
            "latitude",
            sqlite_where=text("latitude IS NOT NULL"),
            postgresql_where=text("latitude IS NOT NULL"),
        ),
    )


class CaseState(OfCounty, Base):
    """What every step of a case rewrites; the case row itself stays as it is and is the lock.

    Holds the engine's state, the one before it that a recall restores, and the head and length
    of the case's audit chain.
    """

    __tablename__ = "case_state"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # Text, never JSONB: the engine's key order carries meaning.
    state: Mapped[str] = mapped_column(Text)
    prior: Mapped[str | None] = mapped_column(Text)
    # What a recall needs besides: whose completion it was, and the case's columns before it.
    undo: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Nodes that were finished, for the picture: the engine's own history is pruned.
    passed: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Whether a step ever ended otherwise than by being completed: then used time may go on.
    turned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    audit_head: Mapped[str] = mapped_column(Hex, default=GENESIS)
    audit_length: Mapped[int] = mapped_column(Integer, default=0)

    case: Mapped[Case] = relationship()

    __table_args__ = (of_case(), CheckConstraint("audit_length >= 0", name="audit_length"))


class CaseAccess(OfCounty, AncestorColumns, Base):
    """A unit that may see a case, why, and from when until when."""

    __tablename__ = "case_access"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("unit.id"), primary_key=True, index=True
    )
    reason: Mapped[str] = mapped_column(String(16), primary_key=True)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])

    __table_args__ = (
        of_case(),
        one_of("reason", ("place", "responsible", "handler", "co_handler", "opened", "supervisor")),
    )


class Task(OfCounty, Identified, AncestorColumns, Base):
    """One user task of a case: a form, a unit, a role and its clocks."""

    __tablename__ = "task"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    engine_id: Mapped[str] = mapped_column(String(36))
    node_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    form: Mapped[str | None] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    assignee_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    instance: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When it came to its present unit, and when somebody there first signed for it; what opened
    # the case never waited anywhere.
    came_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sign_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_amount: Mapped[int | None] = mapped_column(Integer)
    limit_unit: Mapped[str | None] = mapped_column(String(16))
    # What the limit comes from: emergency, risk, triage, task, or an extension of one of them.
    limit_source: Mapped[str | None] = mapped_column(String(200))
    limit_by: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # A limit that was shortened below what had elapsed ends at the change, not before it.
    floor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The escalation table as of when the clocks started: it decides their rungs.
    table_id: Mapped[int | None] = mapped_column(BigInteger)
    # Of the clock that runs now (signing, then handling): what lists sort and lamps read.
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    done_for: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    outcome: Mapped[str | None] = mapped_column(String(16))
    # Since when the handling clock stands still; its ledger is in ``pause``.
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # How high its late clock has climbed, counted from the lowest level; boards sort by it.
    height: Mapped[int] = mapped_column(Integer, default=0)
    # What its unit has used of its limits before, by clock, and what units that passed it on
    # have used; nothing in a case in which nothing ever went back.
    carried: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # From when its limit counts by law, whoever has it: nothing that people do moves it.
    counts_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when nobody sits at its queue.
    queue_empty_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When other units were first asked to help; without it nobody has to look for them.
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])

    __table_args__ = (
        of_case(),
        one_of("outcome", ("completed", "cancelled", "moved")),
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="done_with_outcome"),
        CheckConstraint("signed_at IS NULL OR signed_at >= opened_at", name="signed_after_opened"),
        CheckConstraint("(assignee_id IS NULL) = (signed_at IS NULL)", name="signed_by_somebody"),
        Index(
            "uq_task_open_token",
            "case_id",
            "engine_id",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        _while_open("ix_task_assignee", "assignee_id", "deadline_at", "id"),
        _while_open("ix_task_queue", "unit_id", "role", "deadline_at", "id"),
        _while_open(
            *("ix_task_unsigned", "unit_id", "role", "deadline_at", "id"),
            besides=" AND assignee_id IS NULL",
        ),
        _while_open("ix_task_at_city", "at_city", "deadline_at", "id"),
        _while_open("ix_task_at_county", "at_county", "deadline_at", "id"),
        _while_open("ix_task_at_township", "at_township", "deadline_at", "id"),
        _while_open("ix_task_at_village", "at_village", "deadline_at", "id"),
        _while_open("ix_task_at_grid", "at_grid", "deadline_at", "id"),
        _while_open(
            *("ix_task_queue_empty", "queue_empty_since", "id"),
            besides=" AND queue_empty_since IS NOT NULL",
        ),
        Index("ix_task_done_by", "done_by", "done_at"),
    )


class Due(OfCounty, Identified, Base):
    """One future moment of a case; deleted in the transaction that fires it."""

    __tablename__ = "due"

    case_id: Mapped[int] = mapped_column(BigInteger)
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    # Distinguishes several moments of a kind: the engine's timer, or the rung's number.
    mark: Mapped[str] = mapped_column(String(80), default="")
    fire_at: Mapped[datetime] = mapped_column(UtcDateTime)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Raised when firing failed: one broken case never blocks the sweep.
    failures: Mapped[int] = mapped_column(Integer, default=0)

    case: Mapped[Case] = relationship()
    task: Mapped[Task | None] = relationship()

    __table_args__ = (
        of_case(),
        one_of("kind", DUE_KINDS),
        UniqueConstraint("case_id", "kind", "mark", "task_id"),
        Index("ix_due_fire_at", "fire_at", "id"),
    )


class CaseLink(OfCounty, Identified, Base):
    """Two cases that belong together: one became the other, or repeats it."""

    __tablename__ = "case_link"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    other_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        of_case(),
        one_of("kind", ("became", "related", "duplicate", "merged")),
        UniqueConstraint("case_id", "other_id", "kind"),
        CheckConstraint("case_id <> other_id", name="not_itself"),
    )


class FormDraft(Base):
    """What somebody has typed into a task's form and not yet submitted, encrypted."""

    __tablename__ = "draft"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"), primary_key=True)
    # The task's id, or process key and form where the case does not exist yet.
    subject: Mapped[str] = mapped_column(String(100), primary_key=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IncidentRow(OfCounty, Identified, Base):
    """A step that the engine could not take; the case stands where it stood before."""

    __tablename__ = "incident"

    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    element: Mapped[str] = mapped_column(String(120))
    verb: Mapped[str] = mapped_column(String(40))
    reason_zh: Mapped[str] = mapped_column(Text)
    reason_en: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(Integer, default=1)
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    solved_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        Index(
            "uq_incident_open",
            "case_id",
            "element",
            "verb",
            unique=True,
            sqlite_where=text("solved_at IS NULL"),
            postgresql_where=text("solved_at IS NULL"),
        ),
    )
