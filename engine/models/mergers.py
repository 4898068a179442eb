"""Cases about the same matter that are worked on as one (并单), and came out again (拆单)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of

WAITING, TOLD, OUT, ENDED = "waiting", "told", "out", "ended"


class Merger(OfCounty, Identified, Base):
    """One case in a main one: who put it there, and its outcome.

    It waits, until it was told what the main case was told, came out again, or ended by itself
    as its applicant withdrew.
    """

    __tablename__ = "merger"

    case_id: Mapped[int] = mapped_column(BigInteger)
    main_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    state: Mapped[str] = mapped_column(String(8), default=WAITING)
    # Tasks that were set aside, and go on if the case comes out.
    aside: Mapped[list[int]] = mapped_column(JSON, default=list)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    __table_args__ = (
        of_case(),
        ForeignKeyConstraint(["main_id", "county_id"], ["case.id", "case.county_id"]),
        one_of("state", (WAITING, TOLD, OUT, ENDED)),
        CheckConstraint("case_id <> main_id", name="not_itself"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        # A case waits in one other at most.
        Index(
            "uq_merger_waiting",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_merger_main_id", "main_id", "id"),
    )
