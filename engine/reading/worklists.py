"""The lists people work from: their tasks by queue. Reads only.

Every list goes through ``policy``; a page is one statement however many rows it shows. Pages
are cut by key (deadline and id), so that a row which leaves the list never shifts the next page.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, Task, Unit, User
from engine.models.base import STAMPED_LEVELS, UtcDateTime
from engine.reading import queues
from engine.terms.lamps import GREY, RED, YELLOW

QUEUES = (*queues.QUEUES, "done")
PAGE_SIZE = 50


@dataclass(frozen=True)
class TaskRow:
    """One task as a list shows it."""

    task_id: int
    case_id: int
    number: str
    title: str
    place: str
    process: str
    priority: str
    step: str
    step_en: str
    unit: str
    assignee: str | None
    signed_at: datetime | None
    deadline_at: datetime | None
    warn_at: datetime | None
    done_at: datetime | None
    limit_source: str | None
    paused_at: datetime | None


@dataclass(frozen=True)
class UnitArea:
    """A unit with everything below it."""

    unit_id: int
    level: str
    name: str


@dataclass(frozen=True)
class TaskFilters:
    """What narrows a list; empty fields do not. Days are moments: from, and until excluded."""

    process: str = ""
    lamp: str = ""
    step: str = ""
    category: str = ""
    channel: str = ""
    area: UnitArea | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    due_until: datetime | None = None

    @property
    def of_case(self) -> list[ColumnElement[bool]]:
        """Conditions on the case."""
        equal = (
            (Case.process, self.process),
            (Case.category, self.category),
            (Case.channel, self.channel),
        )
        conditions: list[ColumnElement[bool]] = [
            column == wanted for column, wanted in equal if wanted
        ]
        if self.opened_from is not None:
            conditions.append(Case.opened_at >= self.opened_from)
        if self.opened_until is not None:
            conditions.append(Case.opened_at < self.opened_until)
        if self.area is not None:
            conditions.append(_within(self.area))
        return conditions

    def of_task(self, now: datetime | None) -> list[ColumnElement[bool]]:
        """Return the conditions on the task; without ``now`` no lamp burns."""
        conditions = [Task.node_id == self.step] if self.step else []
        if self.due_until is not None:
            conditions.append(Task.deadline_at < self.due_until)
        if self.lamp and now is not None:
            conditions.append(_lit(self.lamp, now))
        return conditions


@dataclass(frozen=True)
class RowsPage:
    """Some rows, and the cursor of the page that follows, if one does."""

    rows: tuple[Any, ...]
    after: str | None


def tasks(
    db: Session,
    actor: Actor,
    queue: str,
    filters: TaskFilters,
    now: datetime,
    *,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> RowsPage:
    """Return one page of a queue, the most urgent first; ``done`` shows the latest first."""
    if queue == "done":
        return _done_page(db, actor, filters, after, size)
    if not actor.seats:
        return RowsPage((), None)
    start = decode(after)
    parts = [
        part
        for strand in queues.strands(actor, queue, now)
        for part in _parts(strand, filters, now, start, size + 1)
    ]
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    wanted = _rows().join(found, found.c.id == Task.id)
    ordered = wanted.order_by(found.c.deadline_at.asc().nulls_last(), found.c.id).limit(size + 1)
    rows = [TaskRow(*row) for row in db.execute(ordered)]
    return _page(rows, size, lambda row: encode(row.deadline_at, row.task_id))


def chosen(db: Session, actor: Actor, ids: Collection[int]) -> list[TaskRow]:
    """Return tasks by their ids, those of visible cases alone, in the order of the ids; one
    statement.
    """
    wanted = _rows().where(Task.id.in_(sorted(set(ids))), policy.visible_cases(actor))
    rows = {row.task_id: TaskRow(*row) for row in db.execute(wanted)}
    return [rows[one] for one in dict.fromkeys(ids) if one in rows]


def area_of(db: Session, code: str) -> UnitArea | None:
    """Return the area of that code, for a filter."""
    row = db.execute(select(Unit.id, Unit.level, Unit.name).where(Unit.code == code)).first()
    return None if row is None or row.level not in STAMPED_LEVELS else UnitArea(*row)


def encode(moment: datetime | None, row_id: int) -> str:
    """Return a cursor: where a page ended."""
    return f"{'' if moment is None else int(moment.timestamp() * 1_000_000)}.{row_id}"


def decode(cursor: str | None) -> tuple[datetime | None, int] | None:
    """Return where the page before ended; None for the first page and for anything malformed."""
    stamp, dot, number = (cursor or "").partition(".")
    if not dot or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    if stamp and not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 17):
        return None
    moment = datetime.fromtimestamp(int(stamp) // 1_000_000, UTC) if stamp else None
    if moment is not None:
        moment = moment.replace(microsecond=int(stamp) % 1_000_000)
    return moment, int(number)


def _rows() -> Select[Any]:
    holder = aliased(User)
    return (
        select(
            Task.id.label("task_id"),
            Task.case_id,
            Case.number,
            Case.title,
            Case.place_name.label("place"),
            Case.process,
            Case.priority,
            Task.name.label("step"),
            Task.name_en.label("step_en"),
            Unit.name.label("unit"),
            holder.name.label("assignee"),
            Task.signed_at,
            Task.deadline_at,
            Task.warn_at,
            Task.done_at,
            Task.limit_source,
            Task.paused_at,
        )
        .join(Case, _same_case())
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(holder, holder.id == Task.assignee_id)
    )


def _parts(
    strand: ColumnElement[bool],
    filters: TaskFilters,
    now: datetime,
    start: tuple[datetime | None, int] | None,
    size: int,
) -> list[Select[Any]]:
    """Return one strand cut twice: first what has a deadline, in its order, then what has none."""
    of_case = filters.of_case
    open_tasks = select(Task.id, Task.deadline_at).where(Task.done_at.is_(None), strand)
    if of_case:
        open_tasks = open_tasks.join(Case, _same_case()).where(*of_case)
    open_tasks = open_tasks.where(*filters.of_task(now))
    dated = open_tasks.where(Task.deadline_at.is_not(None))
    undated = open_tasks.where(Task.deadline_at.is_(None)).order_by(Task.id).limit(size)
    if start is None:
        return [dated.order_by(Task.deadline_at, Task.id).limit(size), undated]
    if start[0] is None:
        return [undated.where(Task.id > start[1])]
    dated = dated.where(tuple_(Task.deadline_at, Task.id) > _place(*start))
    return [dated.order_by(Task.deadline_at, Task.id).limit(size), undated]


def _place(moment: datetime | None, row_id: int) -> Any:
    return tuple_(literal(moment, UtcDateTime), literal(row_id))


def _same_case() -> ColumnElement[bool]:
    return and_(Case.id == Task.case_id, Case.county_id == Task.county_id)


def _within(area: UnitArea) -> ColumnElement[bool]:
    stamp = getattr(Unit, f"at_{area.level}")
    return Case.place_id.in_(select(Unit.id).where(stamp == area.unit_id))


def _done_page(
    db: Session, actor: Actor, filters: TaskFilters, after: str | None, size: int
) -> RowsPage:
    wanted = _rows().where(
        Task.done_by == actor.user_id,
        Task.done_at.is_not(None),
        policy.visible_cases(actor),
        *filters.of_case,
        *filters.of_task(None),
    )
    start = decode(after)
    if start is not None and start[0] is not None:
        wanted = wanted.where(tuple_(Task.done_at, Task.id) < _place(*start))
    ordered = wanted.order_by(Task.done_at.desc(), Task.id.desc()).limit(size + 1)
    rows = [TaskRow(*row) for row in db.execute(ordered)]
    return _page(rows, size, lambda row: encode(row.done_at, row.task_id))


def _page(rows: Sequence[Any], size: int, cursor: Any) -> RowsPage:
    shown = tuple(rows[:size])
    return RowsPage(shown, cursor(shown[-1]) if len(rows) > size else None)


def _lit(lamp: str, now: datetime) -> ColumnElement[bool]:
    late = func.coalesce(Task.deadline_at <= now, false())
    soon = func.coalesce(Task.warn_at <= now, false())
    if lamp == RED:
        return Task.deadline_at <= now
    if lamp == YELLOW:
        return and_(Task.warn_at <= now, ~late)
    if lamp == GREY:
        return Task.paused_at.is_not(None)
    return and_(~late, ~soon, Task.paused_at.is_(None))
