"""The knowledge base (知识库): found by words, pinyin and synonyms, proposed to a text, confirmed.

A county has some hundreds of articles: they are read whole and compared here, as they were folded
before; no index has to be kept in step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine.access.actors import Actor
from engine.casework.clockwork import works_in_force
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.hotline import likely_duplicates
from engine.hotline.likely_duplicates import DuplicateCandidate
from engine.models import (
    Article,
    ArticleUse,
    ArticleVersion,
    Case,
    KnowledgeGap,
    Unit,
    new_id,
)
from engine.models.knowledge import CONFIRMED, PROPOSED, WITHDRAWN
from engine.reading import folding, search_text, synonyms
from engine.records import audit
from engine.storage.db import one_at_a_time
from engine.worktime import Limit, deadline
from feel.text import Text

# Who writes for any unit, who for the own one, and who speaks for it.
WRITERS = frozenset({"operator", "dispatcher", "supervisor"})
SPEAKERS = frozenset({"leader", "handler"})
READERS = WRITERS | SPEAKERS
# Key of the lock under which questions without an article are counted.
COUNTING = 620_733
CONFIRM_WITHIN = Limit(3, "working_days")
MOST, OFFERED, SHORTEST = 100, 2, 6
# How much of an article's question a text must say.
LEAST = 0.35
LONGEST = {"title": 120, "words": 200, "answer": 2000, "basis": 200}
LONGEST_QUESTION = 60
MISSING = Text("请填写。", "Please fill this in.")
TOO_LONG = Text("内容太长。", "That is too long.")
NO_UNIT = Text("没有这个单位，或者不能代其编写。", "There is no such unit, or it is not yours.")
PAST = Text("复核日期应在今后。", "The review lies in the future.")
OWN = Text("不能确认自己改的条目。", "Nobody confirms their own change.")
NOTHING = Text("没有待确认的内容。", "Nothing waits to be confirmed.")


@dataclass(frozen=True)
class ArticleDraft:
    """What somebody writes into an article."""

    unit: str
    title: str
    words: str
    answer: str
    basis: str
    review_on: date | None
    public: bool


def search(db: Session, county_id: int, asked: str) -> list[Article]:
    """Return the articles that hold every part of what is asked, the best first; all without
    words.
    """
    articles = _articles(db, county_id)
    ask = search_text.parse_search(asked, synonyms.groups(db)) if asked.strip() else None
    if ask is None:
        return articles[:MOST]
    ways = [_ways_of(part, ask.others) for part in ask.parts]
    worth = {one.id: _worth(one, ways) for one in articles}
    found = [one for one in articles if worth[one.id]]
    return sorted(found, key=lambda one: -worth[one.id])[:MOST]


def likely(db: Session, county_id: int, text: str) -> list[Article]:
    """Return at most two confirmed articles whose question is in a text."""
    typed = folding.fold(text)
    if len(typed) < SHORTEST:
        return []
    for group in synonyms.groups(db):
        if any(one in typed for one in group):
            typed += "".join(group)
    articles = {one.id: one for one in _articles(db, county_id) if one.state == CONFIRMED}
    compared = [
        DuplicateCandidate(one.id, "", f"{one.title}{one.words}", "", one.changed_at, 0, False)
        for one in articles.values()
    ]
    ranked = likely_duplicates.rank(typed, compared, None, ())
    share = LEAST * likely_duplicates.WORDS + likely_duplicates.PLACE_UNKNOWN
    return [articles[one.case.case_id] for one in ranked if one.worth >= share][:OFFERED]


def public(db: Session, county_id: int, asked: str = "") -> list[Article]:
    """Return what citizens may read, by the same search."""
    return [one for one in search(db, county_id, asked) if one.public and one.state == CONFIRMED]


def load(db: Session, county_id: int, article_id: int) -> Article:
    """Return an article of the county. Raises NotFound."""
    mine = (Article.id == article_id, Article.county_id == county_id)
    found = db.scalar(select(Article).where(*mine).options(*_WHOLE))
    if found is None:
        raise NotFound(article_id)
    return found


def versions_of(db: Session, article: Article) -> Sequence[ArticleVersion]:
    """Return an article's versions, the newest first."""
    mine = select(ArticleVersion).where(ArticleVersion.article_id == article.id)
    newest = mine.order_by(ArticleVersion.number.desc())
    return db.scalars(newest.options(joinedload(ArticleVersion.by))).all()


def uses(db: Session, ids: Iterable[int]) -> dict[int, int]:
    """Return how many cases were answered with each article."""
    counted = select(ArticleUse.article_id, func.count()).where(
        ArticleUse.article_id.in_(list(ids))
    )
    return {row[0]: row[1] for row in db.execute(counted.group_by(ArticleUse.article_id))}


def write(
    db: Session,
    actor: Actor,
    county_id: int,
    draft: ArticleDraft,
    *,
    now: datetime,
    today: date,
    article_id: int | None = None,
) -> Article:
    """Write a new article or another version of one; the department confirms it in time.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    article = _locked(db, county_id, article_id) if article_id is not None else None
    if article is not None and not may_write(actor, article.unit_id):
        raise NotAllowed("write", article_id)
    unit = _checked(db, actor, county_id, draft, today)
    calendar = works_in_force(db, now).calendar
    if article is None:
        article = Article(id=new_id(), county_id=county_id, number=0, owner_id=actor.user_id)
    article.unit_id, article.title, article.words = unit.id, draft.title, draft.words
    article.answer, article.basis, article.public = draft.answer, draft.basis, draft.public
    assert draft.review_on is not None
    article.review_on, article.number = draft.review_on, article.number + 1
    article.changed_at, article.changed_by, article.confirmed_by = now, actor.user_id, None
    article.state, article.confirm_due_at = PROPOSED, deadline(now, CONFIRM_WITHIN, calendar)
    db.add(article)
    db.flush()
    version = ArticleVersion(article_id=article.id, number=article.number, at=now)
    version.title, version.answer, version.by_id = draft.title, draft.answer, actor.user_id
    db.add(version)
    _record(db, "article.written", actor, article, now)
    return article


def confirm(db: Session, actor: Actor, county_id: int, article_id: int, *, now: datetime) -> None:
    """Confirm an article for its unit. Raises NotFound, NotAllowed, Conflict."""
    article = _locked(db, county_id, article_id)
    if not speaks_for(actor, article.unit_id):
        raise NotAllowed("confirm", article_id)
    if article.state != PROPOSED:
        raise Conflict(article_id, text=NOTHING)
    if article.changed_by == actor.user_id:
        raise Conflict(article_id, text=OWN)
    article.state, article.confirm_due_at = CONFIRMED, None
    article.confirmed_at, article.confirmed_by = now, actor.user_id
    _record(db, "article.confirmed", actor, article, now)


def withdraw(db: Session, actor: Actor, county_id: int, article_id: int, *, now: datetime) -> None:
    """Take an article out of use; its versions stay. Raises NotFound, NotAllowed, Conflict."""
    article = _locked(db, county_id, article_id)
    if not may_write(actor, article.unit_id):
        raise NotAllowed("withdraw", article_id)
    if article.state == WITHDRAWN:
        raise Conflict(article_id, text=NOTHING)
    article.state, article.confirm_due_at, article.public = WITHDRAWN, None, False
    _record(db, "article.withdrawn", actor, article, now)


def use(db: Session, case: Case, ids: Iterable[str], *, now: datetime) -> None:
    """Note with which articles of its county a case was answered; others are left out."""
    numbers = {int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 19}
    known = select(Article.id).where(Article.id.in_(numbers), Article.county_id == case.county_id)
    for article_id in sorted(db.scalars(known)) if numbers else ():
        row = ArticleUse(id=new_id(), county_id=case.county_id, article_id=article_id, at=now)
        row.case_id = case.id
        db.add(row)


def miss(db: Session, county_id: int, question: str, *, now: datetime) -> KnowledgeGap:
    """Note a question without an article, without numbers that could be somebody's.

    Raises InvalidInput where nothing is left of it.
    """
    asked = "".join("" if one.isdigit() else one for one in question).strip()[:LONGEST_QUESTION]
    if not asked:
        raise InvalidInput({"question": MISSING})
    mine = (KnowledgeGap.county_id == county_id, KnowledgeGap.question == asked)
    # A question that is new has no row yet to wait at.
    one_at_a_time(db, COUNTING)
    gap = db.scalar(select(KnowledgeGap).where(*mine))
    if gap is None:
        gap = KnowledgeGap(id=new_id(), county_id=county_id, question=asked, times=0)
        db.add(gap)
    gap.times, gap.at, gap.closed_at = gap.times + 1, now, None
    return gap


def close_gap(db: Session, county_id: int, gap_id: int, *, now: datetime) -> None:
    """Take a question off the list. Raises NotFound."""
    gap = db.get(KnowledgeGap, gap_id)
    if gap is None or gap.county_id != county_id:
        raise NotFound(gap_id)
    gap.closed_at = gap.closed_at or now


def gaps(db: Session, county_id: int) -> Sequence[KnowledgeGap]:
    """Return the questions without an article, the most frequent first."""
    mine = (KnowledgeGap.county_id == county_id, KnowledgeGap.closed_at.is_(None))
    most = select(KnowledgeGap).where(*mine).order_by(KnowledgeGap.times.desc())
    return db.scalars(most.limit(MOST)).all()


def may_write(actor: Actor, unit_id: int) -> bool:
    """Return whether the actor may write for a unit."""
    return bool(actor.roles & WRITERS) or speaks_for(actor, unit_id)


def speaks_for(actor: Actor, unit_id: int) -> bool:
    """Return whether the actor confirms what is said for a unit."""
    return any(seat.unit_id == unit_id and seat.role in SPEAKERS for seat in actor.seats)


_WHOLE = (joinedload(Article.unit), joinedload(Article.owner))


def _articles(db: Session, county_id: int) -> list[Article]:
    mine = (Article.county_id == county_id, Article.state != WITHDRAWN)
    newest = select(Article).where(*mine).order_by(Article.changed_at.desc(), Article.id.desc())
    return list(db.scalars(newest.options(*_WHOLE)))


def _ways_of(part: str, others: Sequence[Sequence[str]]) -> list[str]:
    """Return a part and what it may be called instead."""
    found = [part]
    for group in others:
        for one in group:
            if one in part:
                found += [part.replace(one, other) for other in group if other != one]
    return found


def _worth(article: Article, ways: Sequence[Sequence[str]]) -> int:
    """Return how well an article answers: 0 if it lacks a part, more where the title has it."""
    title, rest, sounds = _sought(article.title, article.words, article.answer)
    total = 0
    for each in ways:
        if any(one in title for one in each):
            total += 3
        elif any(one in sounds for one in each if one.isascii()):
            total += 2
        elif any(one in rest for one in each):
            total += 1
        else:
            return 0
    return total


@lru_cache(maxsize=4096)
def _sought(title: str, words: str, answer: str) -> tuple[str, str, str]:
    """Return title, everything and how the title sounds, as they are compared."""
    folded = folding.fold(title)
    read = [(folding.sounds_of(one) or (one,))[0] for one in folded]
    sounds = f"{''.join(read)} {''.join(one[0] for one in read)}"
    return folded, folding.fold(f"{title}{words}{answer}"), sounds


def _locked(db: Session, county_id: int, article_id: int) -> Article:
    mine = (Article.id == article_id, Article.county_id == county_id)
    found = db.scalar(select(Article).where(*mine).with_for_update())
    if found is None:
        raise NotFound(article_id)
    return found


def _checked(db: Session, actor: Actor, county_id: int, draft: ArticleDraft, today: date) -> Unit:
    """Return the unit that an article is for. Raises InvalidInput with all that is wrong."""
    errors: dict[str, Text] = {}
    for name, most in LONGEST.items():
        said = getattr(draft, name)
        if len(said) > most:
            errors[name] = TOO_LONG
        elif not said.strip() and name in ("title", "answer"):
            errors[name] = MISSING
    if draft.review_on is None or draft.review_on <= today:
        errors["review_on"] = PAST
    here = (Unit.code == draft.unit, Unit.at_county == county_id, Unit.ended_at.is_(None))
    unit = db.scalar(select(Unit).where(*here))
    if unit is None or not may_write(actor, unit.id):
        errors["unit"] = NO_UNIT
    if errors:
        raise InvalidInput(errors)
    assert unit is not None
    return unit


def _record(db: Session, kind: str, actor: Actor, article: Article, now: datetime) -> None:
    said = {"article": str(article.id), "number": article.number, "unit": article.unit_id}
    audit.record_admin(db, kind, actor.user_id, said, at=now)
