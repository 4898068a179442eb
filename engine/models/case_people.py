"""The people of a case: who is in it as what, for whom they act; names and numbers sealed."""

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
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Hex, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Case
from engine.models.records import VaultRow

ROLES = (
    "applicant",
    "respondent",
    "third_party",
    "caller",
    "reporter",
    "reported",
    "witness",
    "firm",
    "agent",
    "guardian",
)


class CasePerson(OfCounty, Identified, Base):
    """One person or organisation of a case, as a form last told of them.

    ``payload`` holds name and particulars, sealed to this row; empty once retention erased it.
    What finds people again are keyed digests, which a confidential case has none of. A form that
    is answered again ends the rows of before (``ended_at``) and writes its own.
    """

    __tablename__ = "case_person"

    case_id: Mapped[int] = mapped_column(BigInteger)
    vault_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("vault.id"))
    node_id: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(64))
    # The place among the people of the same answers.
    place: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(16))
    # On whose side an agent or guardian stands.
    side: Mapped[str | None] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(12))
    agent_of: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_mac: Mapped[str | None] = mapped_column(Hex)
    phone_mac: Mapped[str | None] = mapped_column(Hex)
    name_mac: Mapped[str | None] = mapped_column(Hex)
    confidential: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()
    # Says which of the two is written first.
    vault: Mapped[VaultRow] = relationship()

    __table_args__ = (
        of_case(),
        one_of("role", ROLES),
        one_of("kind", ("person", "organisation")),
        UniqueConstraint("vault_id", "field", "place"),
        CheckConstraint("(agent_of IS NOT NULL) = (role IN ('agent', 'guardian'))", name="acts"),
        CheckConstraint("(agent_of IS NULL) = (side IS NULL)", name="side"),
        CheckConstraint("agent_of <> id", name="for_another"),
        # No look-up by a number or name may tell that there is a report.
        CheckConstraint(
            "NOT confidential OR (id_mac IS NULL AND phone_mac IS NULL AND name_mac IS NULL)",
            name="found_by_nothing",
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= at", name="ended_after"),
        Index("ix_case_person_case_id", "case_id"),
        *(
            Index(
                f"ix_case_person_{column}",
                column,
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("id_mac", "phone_mac", "name_mac")
        ),
    )
