"""How long steps take and which ways cases go, counted as it happens and folded by the worker."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Hex, Identified, OfCounty, of_case, one_of

# Tasks that stand at a step now; steps completed; steps that ended otherwise; flows taken; steps
# sent back, as "from>to"; ways that closed cases went.
HERE, STEP, GONE, FLOW, BACK, WAY = "here", "step", "gone", "flow", "back", "way"
STEP_KINDS = (HERE, STEP, GONE, FLOW, BACK, WAY)


class StepDelta(OfCounty, Identified, Base):
    """One change of a step's figures; with a negative amount it never was."""

    __tablename__ = "step_delta"

    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    process: Mapped[str] = mapped_column(String(64))
    version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("version.id"))
    kind: Mapped[str] = mapped_column(String(4))
    element: Mapped[str] = mapped_column(String(250))
    day: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(Integer)
    # How long it took, and how long it was allowed to, in natural minutes.
    minutes: Mapped[int] = mapped_column(Integer, default=0)
    allowed: Mapped[int] = mapped_column(Integer, default=0)
    limited: Mapped[int] = mapped_column(Integer, default=0)
    late: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (one_of("kind", STEP_KINDS),)


class StepFigure(OfCounty, Base):
    """Figures of one step (or flow, or way) of a version in a unit, of a day and of a month.

    ``b00`` to ``b15`` are how many took how long: ``BOUNDS`` of ``engine/storage/step_counts.py``.
    """

    __tablename__ = "step_figure"

    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    # A day "2026-11-20", a month "2026-11", or empty for what stands there now.
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("version.id"), primary_key=True, autoincrement=False
    )
    unit_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(4), primary_key=True)
    element: Mapped[str] = mapped_column(String(250), primary_key=True)
    amount: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(BigInteger)
    allowed: Mapped[int] = mapped_column(BigInteger)
    # How many had an end that is known, of which ``allowed`` is the sum.
    dated: Mapped[int] = mapped_column(Integer)
    limited: Mapped[int] = mapped_column(Integer)
    late: Mapped[int] = mapped_column(Integer)
    b00: Mapped[int] = mapped_column(Integer)
    b01: Mapped[int] = mapped_column(Integer)
    b02: Mapped[int] = mapped_column(Integer)
    b03: Mapped[int] = mapped_column(Integer)
    b04: Mapped[int] = mapped_column(Integer)
    b05: Mapped[int] = mapped_column(Integer)
    b06: Mapped[int] = mapped_column(Integer)
    b07: Mapped[int] = mapped_column(Integer)
    b08: Mapped[int] = mapped_column(Integer)
    b09: Mapped[int] = mapped_column(Integer)
    b10: Mapped[int] = mapped_column(Integer)
    b11: Mapped[int] = mapped_column(Integer)
    b12: Mapped[int] = mapped_column(Integer)
    b13: Mapped[int] = mapped_column(Integer)
    b14: Mapped[int] = mapped_column(Integer)
    b15: Mapped[int] = mapped_column(Integer)

    __table_args__ = (one_of("kind", STEP_KINDS),)


class Way(Base):
    """A way through a process: the steps that were done, in order, and the end that was reached."""

    __tablename__ = "way"

    key: Mapped[str] = mapped_column(Hex, primary_key=True)
    process: Mapped[str] = mapped_column(String(64))
    steps: Mapped[list[str]] = mapped_column(JSON)
    end: Mapped[str] = mapped_column(String(120))


class CaseWay(OfCounty, Base):
    """Which way a closed case went; gone again when it is reopened."""

    __tablename__ = "case_way"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    way: Mapped[str] = mapped_column(Hex)

    __table_args__ = (of_case(), Index("ix_case_way_way", "way", "case_id"))
