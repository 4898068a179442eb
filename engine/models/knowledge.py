"""Articles of the knowledge base (知识库), their versions and uses, and what had no article."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Identified, OfCounty, UtcDateTime, of_case, one_of
from engine.models.people import Unit, User

PROPOSED, CONFIRMED, WITHDRAWN = "proposed", "confirmed", "withdrawn"


class Article(Identified, Base):
    """What a department says about one question; nothing in it is personal.

    Whoever changes it proposes; somebody else in the department confirms by ``confirm_due_at``.
    """

    __tablename__ = "article"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"), index=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(120))
    # Other words for the question, by which it is found as well.
    words: Mapped[str] = mapped_column(String(200), default="")
    answer: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(10), default=PROPOSED)
    public: Mapped[bool] = mapped_column(Boolean, default=False)
    review_on: Mapped[date] = mapped_column(Date)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))
    confirm_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user.id"))

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    owner: Mapped[User] = relationship(foreign_keys=[owner_id])

    __table_args__ = (
        one_of("state", (PROPOSED, CONFIRMED, WITHDRAWN)),
        CheckConstraint("title <> '' AND answer <> ''", name="says_something"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(state = 'proposed') = (confirm_due_at IS NOT NULL)", name="clock"),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("confirmed_by <> changed_by", name="two_people"),
    )


class ArticleVersion(Base):
    """An article as it stood after one change."""

    __tablename__ = "article_version"

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(120))
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user.id"))

    by: Mapped[User] = relationship()


class ArticleUse(OfCounty, Identified, Base):
    """An article with which a case was answered."""

    __tablename__ = "article_use"

    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("article.id"))
    case_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (of_case(), UniqueConstraint("article_id", "case_id"))


class KnowledgeGap(Identified, Base):
    """A question for which somebody found no article, until one is written."""

    __tablename__ = "knowledge_gap"

    county_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("unit.id"))
    question: Mapped[str] = mapped_column(String(60))
    times: Mapped[int] = mapped_column(Integer, default=1)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("question <> '' AND times > 0", name="asked"),
        Index("ix_knowledge_gap_county_id", "county_id", "times"),
        UniqueConstraint("county_id", "question"),
    )
