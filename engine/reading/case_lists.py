"""The list of cases: everything the actor may see, found by number, title or place. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, Follow, Task, Unit
from engine.reading import people_index, search, search_text, synonyms
from engine.reading.search_text import Group, SearchText
from engine.reading.worklists import PAGE_SIZE, RowsPage, UnitArea

LONGEST_SEARCH = search.LONGEST
STANDS = ("open", "closed")
# So many of the newest hits are ranked at once.
MOST = 200


@dataclass(frozen=True)
class OpenStep:
    """A task that a case waits for."""

    task_id: int
    name: str
    name_en: str
    deadline_at: datetime | None
    warn_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True)
class CaseRow:
    """One case as a list shows it, with its open steps."""

    case_id: int
    number: str
    title: str
    place: str
    process: str
    priority: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    due_at: datetime | None
    steps: tuple[OpenStep, ...] = ()

    @property
    def deadline_at(self) -> datetime | None:
        """The earliest deadline of the open steps."""
        return min((step.deadline_at for step in self.steps if step.deadline_at), default=None)

    @property
    def warn_at(self) -> datetime | None:
        """When the first of the open steps turns yellow."""
        return min((step.warn_at for step in self.steps if step.warn_at), default=None)

    @property
    def paused_at(self) -> datetime | None:
        """Since when an open step is suspended."""
        return min((step.paused_at for step in self.steps if step.paused_at), default=None)


@dataclass(frozen=True)
class CaseSearch:
    """What narrows the list; empty fields do not."""

    text: str = ""
    process: str = ""
    stand: str = ""
    category: str = ""
    channel: str = ""
    # The place of a case lies in this area.
    area: UnitArea | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    # Whether the text is the whole name of one of the people.
    person: bool = False


def cases(
    db: Session, actor: Actor, query: CaseSearch, *, after: int | None = None, size: int = PAGE_SIZE
) -> RowsPage:
    """Return one page of visible cases: of all the newest first, of those found by words the best.

    Two statements whatever the page holds; for words one more or a few. ``after`` is the cursor
    of the page before.
    """
    if not query.text:
        wanted = _cases().where(policy.listed_cases(actor), *_narrowed(query))
        return _page(db, wanted, after, size)
    if query.person:
        named = _cases().where(people_index.of_name(query.text), people_index.readable(actor))
        named = named.where(policy.visible_cases(actor), *_narrowed(query))
        return _page(db, named, after, size)
    numbered = search.numbered(query.text)
    if numbered is not None:
        wanted = _cases().where(numbered, policy.visible_cases(actor), *_narrowed(query))
        page = _page(db, wanted, None, size)
        if page.rows:
            return page
    people = people_index.named_by(query.text)
    if people is not None and not after:
        wanted = _cases().where(people, people_index.readable(actor), *_narrowed(query))
        page = _page(db, wanted.where(policy.visible_cases(actor)), None, size)
        if page.rows:
            return page
    return _best(db, actor, query, after or 0, size)


def _best(db: Session, actor: Actor, query: CaseSearch, offset: int, size: int) -> RowsPage:
    """Return rows from ``offset`` on of those that words find: ranked, some hundreds at a time."""
    ask = search_text.parse_search(query.text, synonyms.groups(db))
    block = offset // MOST
    found = _matching(db, actor, query, ask, block)
    best = search.ranked(ask, found[:MOST])
    place = offset - block * MOST
    rows, end = best[place : place + size], offset + size
    more = len(best) > place + size or len(found) > MOST
    return RowsPage(
        tuple(_with_steps(db, rows)), str(min(end, (block + 1) * MOST)) if more else None
    )


def _matching(
    db: Session, actor: Actor, query: CaseSearch, ask: SearchText, block: int
) -> list[CaseRow]:
    """Return the newest of what all of the words find; if nothing does, of what is like them."""
    if not ask.words:
        return []
    found = _looked_up(
        db, actor, query, search_text.exact(ask), ask.synonyms_by_part, ask.short, block
    )
    nearly = search_text.forgiving(ask)
    if found or block or not nearly:
        return found
    near = _looked_up(db, actor, query, nearly, (), False, 0)
    return [row for row in near if search.alike(ask, row.title)]


def _looked_up(
    db: Session,
    actor: Actor,
    query: CaseSearch,
    groups: Sequence[Group],
    held: search.Held,
    frequent: bool,
    block: int,
) -> list[CaseRow]:
    """Return a block of hits and one more, the newest first.

    Of a word that every tenth case holds the newest blocks of ids are looked through first, as
    PostgreSQL's index gives all hits or none. For who sees few cases these few are the way.
    """
    dialect = db.get_bind().dialect.name
    wide = policy.sees_wide(actor)
    blocks: list[tuple[Group, ...]] = [()]
    if dialect == "postgresql" and wide and frequent and not block:
        blocks = [*((one,) for one in search_text.blocks(db.scalar(search.newest()) or 0)), ()]
    seen = (
        policy.visible_cases(actor) if wide or dialect == "sqlite" else policy.listed_cases(actor)
    )
    found: list[CaseRow] = []
    for newest in blocks:
        hits = search.hits((*groups, *newest), held, dialect)
        # The offset keeps the planner from giving up the order.
        hit = (
            hits.offset(0).subquery("hits")
            if wide and dialect != "sqlite"
            else hits.subquery("hits")
        )
        wanted = _cases().join(hit, hit.c.case_id == Case.id).where(seen, *_narrowed(query))
        wanted = wanted.order_by(Case.id.desc()).limit(MOST + 1).offset(block * MOST)
        found = [CaseRow(*row) for row in db.execute(wanted)]
        if len(found) > MOST:
            break
    return found


def followed(
    db: Session, actor: Actor, *, after: int | None = None, size: int = PAGE_SIZE
) -> RowsPage:
    """Return one page of the visible cases that the actor follows, the newest first."""
    mine = and_(Follow.case_id == Case.id, Follow.county_id == Case.county_id)
    wanted = _cases().join(Follow, mine).where(Follow.user_id == actor.user_id)
    return _page(db, wanted.where(policy.visible_cases(actor)), after, size)


def _page(db: Session, wanted: Select[Any], after: int | None, size: int) -> RowsPage:
    if after is not None:
        wanted = wanted.where(Case.id < after)
    # Identifiers grow with time, so the newest case has the largest.
    found = db.execute(wanted.order_by(Case.id.desc()).limit(size + 1)).all()
    rows = [CaseRow(*row) for row in found[:size]]
    more = str(rows[-1].case_id) if len(found) > size else None
    return RowsPage(tuple(_with_steps(db, rows)), more)


def _cases() -> Select[Any]:
    return select(
        Case.id,
        Case.number,
        Case.title,
        Case.place_name,
        Case.process,
        Case.priority,
        Case.opened_at,
        Case.closed_at,
        Case.outcome,
        Case.due_at,
    )


def _narrowed(query: CaseSearch) -> list[ColumnElement[bool]]:
    equal = (
        (Case.process, query.process),
        (Case.category, query.category),
        (Case.channel, query.channel),
    )
    conditions: list[ColumnElement[bool]] = [column == said for column, said in equal if said]
    if query.stand == "open":
        conditions.append(Case.closed_at.is_(None))
    elif query.stand == "closed":
        conditions.append(Case.closed_at.is_not(None))
    if query.area is not None:
        inside = getattr(Unit, f"at_{query.area.level}") == query.area.unit_id
        conditions.append(Case.place_id.in_(select(Unit.id).where(inside)))
    if query.opened_from is not None:
        conditions.append(Case.opened_at >= query.opened_from)
    if query.opened_until is not None:
        conditions.append(Case.opened_at < query.opened_until)
    return conditions


def _with_steps(db: Session, rows: list[CaseRow]) -> list[CaseRow]:
    if not rows:
        return []
    steps: dict[int, list[OpenStep]] = {}
    shown = (Task.id, Task.name, Task.name_en, Task.deadline_at, Task.warn_at, Task.paused_at)
    found = db.execute(
        select(Task.case_id, *shown)
        .where(Task.case_id.in_([row.case_id for row in rows]), Task.done_at.is_(None))
        .order_by(Task.id)
    )
    for case_id, *step in found:
        steps.setdefault(case_id, []).append(OpenStep(*step))
    return [CaseRow(**{**vars(row), "steps": tuple(steps.get(row.case_id, ()))}) for row in rows]
