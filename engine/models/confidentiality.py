"""Confidential cases: what each goes round, what two people disclosed of it, who is named."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.casework import Case
from engine.models.people import Unit, User


class Confidentiality(OfCounty, Base):
    """That a case is confidential, against which unit it is, and which line of units it goes round.

    Never deleted: lifting names the disclosure by which two people agreed to it. The line runs
    from the unit reported against (``against_id``) up to the last one (``around_id``) below what
    it has in common with the unit named for such cases (``named_id``), which handles instead.
    """

    __tablename__ = "confidentiality"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    against_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    around_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    named_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("unit.id"))
    lifted_id: Mapped[int | None] = mapped_column(BigInteger)
    lifted_as: Mapped[str | None] = mapped_column(String(8))

    case: Mapped[Case] = relationship(back_populates="confidentiality")
    against: Mapped[Unit | None] = relationship(foreign_keys=[against_id])
    named_unit: Mapped[Unit | None] = relationship(foreign_keys=[named_id])

    __table_args__ = (
        of_case(),
        one_of("lifted_as", ("lifted",)),
        CheckConstraint("(lifted_id IS NULL) = (lifted_as IS NULL)", name="lifted"),
        CheckConstraint("(against_id IS NULL) = (around_id IS NULL)", name="line"),
        CheckConstraint("(against_id IS NULL) = (named_id IS NULL)", name="handled_instead"),
        CheckConstraint("named_id <> against_id AND named_id <> around_id", name="named_elsewhere"),
        # Only what two people agreed to lifts it: the key holds the outcome as well.
        ForeignKeyConstraint(
            ["lifted_id", "case_id", "lifted_as"],
            ["disclosure.id", "disclosure.case_id", "disclosure.outcome"],
            name="fk_confidentiality_lifted_id",
        ),
    )


class Disclosure(OfCounty, Identified, Base):
    """A request of one person to disclose a reporter, decided by another.

    ``lift`` ends the confidentiality of the case; ``look`` lets both read for a short while who
    the reporter is, and is reviewed afterwards by a third. The reason is encrypted.
    """

    __tablename__ = "disclosure"

    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    asked_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Who is to look together with the one who asks; anybody entitled decides on lifting.
    second_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(8))
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    justified: Mapped[bool | None] = mapped_column(Boolean)

    case: Mapped[Case] = relationship()
    asker: Mapped[User] = relationship(foreign_keys=[asked_by])
    second: Mapped[User | None] = relationship(foreign_keys=[second_id])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewed_by])

    __table_args__ = (
        of_case(),
        one_of("kind", ("lift", "look")),
        one_of("outcome", ("lifted", "shown", "refused")),
        UniqueConstraint("id", "case_id", "outcome"),
        CheckConstraint("decided_by <> asked_by", name="two_people"),
        CheckConstraint("second_id <> asked_by", name="second_person"),
        CheckConstraint("(kind = 'look') = (second_id IS NOT NULL)", name="look_with_second"),
        CheckConstraint("decided_by = second_id OR kind = 'lift'", name="second_decides"),
        CheckConstraint("(outcome IS NULL) = (decided_by IS NULL)", name="decided"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("outcome <> 'lifted' OR kind = 'lift'", name="lifted_by_lift"),
        CheckConstraint("outcome <> 'shown' OR kind = 'look'", name="shown_by_look"),
        CheckConstraint("outcome <> 'shown' OR until_at IS NOT NULL", name="shown_until"),
        CheckConstraint(
            "reviewed_by <> asked_by AND reviewed_by <> decided_by", name="third_person"
        ),
        CheckConstraint("(reviewed_by IS NULL) = (justified IS NULL)", name="reviewed"),
        Index(
            "uq_disclosure_open",
            "case_id",
            "kind",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )


class ConfidentialUnit(Base):
    """A unit that an area names to handle reports that must go round a unit, in order of rank.

    What one administrator names, or takes off the list (``forgotten_by``), another confirms: who
    says where reports go could send them to friends of whom they are about.
    """

    __tablename__ = "confidential_unit"

    area_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, default=1)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))
    forgotten_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])

    __table_args__ = (
        CheckConstraint("rank BETWEEN 1 AND 9", name="rank"),
        CheckConstraint("confirmed_by <> by_id", name="confirmed_by_another"),
    )

    @property
    def in_force(self) -> bool:
        """Whether reports go there: what nobody alone named."""
        return self.by_id is None or self.confirmed_by is not None

    @property
    def asked_by(self) -> int | None:
        """Who waits for another to agree, to the name or to its end; None where nobody does."""
        return self.forgotten_by or (None if self.in_force else self.by_id)
