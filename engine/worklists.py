"""The lists people work from: their tasks by queue, late tasks of an area, cases. Reads only.

Every list goes through ``policy``; a page is one statement however many rows it shows. Pages
are cut by key (deadline and id), so that a row which leaves the list never shifts the next page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from engine import policy
from engine.models import Case, Task, Unit, User
from engine.policy import Actor

QUEUES = ("to_sign", "mine", "soon", "late", "unit", "done")
LAMPS = ("red", "yellow", "green")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Row:
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


@dataclass(frozen=True)
class Filters:
    """What narrows a list; empty fields do not."""

    process: str = ""
    lamp: str = ""
    step: str = ""


@dataclass(frozen=True)
class Overview:
    """The actor's queues by size (``done`` is not counted), and the steps found in them."""

    counts: dict[str, int]
    steps: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor of the page that follows, if one does."""

    rows: tuple[Any, ...]
    after: str | None


def overview(db: Session, actor: Actor, now: datetime) -> Overview:
    """How many tasks each queue holds, and which steps occur in them; one statement."""
    nothing = dict.fromkeys(QUEUES[:-1], 0)
    if not actor.seats:
        return Overview(nothing, ())
    columns = [_number_of(_queue(actor, queue, now)).label(queue) for queue in nothing]
    rows = db.execute(
        select(Task.node_id, func.max(Task.name), func.max(Task.name_en), *columns)
        .where(Task.done_at.is_(None), _at_seats(actor))
        .group_by(Task.node_id)
        .order_by(Task.node_id)
    ).all()
    counts = {queue: sum(int(getattr(row, queue) or 0) for row in rows) for queue in nothing}
    return Overview(counts, tuple((row[0], row[1], row[2]) for row in rows))


def tasks(
    db: Session,
    actor: Actor,
    queue: str,
    filters: Filters,
    now: datetime,
    *,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of a queue, the most urgent first; ``done`` shows the latest first."""
    if queue == "done":
        return _done(db, actor, filters, after, size)
    wanted = _rows().where(Task.done_at.is_(None), _queue(actor, queue, now))
    return _by_deadline(db, wanted.where(*_narrowed(filters, now)), after, size)


def encode(moment: datetime | None, row_id: int) -> str:
    """A cursor: where a page ended."""
    return f"{'' if moment is None else int(moment.timestamp() * 1_000_000)}.{row_id}"


def decode(cursor: str | None) -> tuple[datetime | None, int] | None:
    """Where the page before ended; None for the first page and for anything malformed."""
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
        )
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(holder, holder.id == Task.assignee_id)
    )


def _by_deadline(db: Session, wanted: Select[Any], after: str | None, size: int) -> Page:
    start = decode(after)
    if start is not None:
        wanted = wanted.where(_follows(*start))
    # Without a deadline last, on both databases; the indexes of open tasks give this order.
    ordered = wanted.order_by(Task.deadline_at.asc().nulls_last(), Task.id).limit(size + 1)
    rows = [Row(*row) for row in db.execute(ordered)]
    return _page(rows, size, lambda row: encode(row.deadline_at, row.task_id))


def _follows(moment: datetime | None, row_id: int) -> ColumnElement[bool]:
    if moment is None:
        return and_(Task.deadline_at.is_(None), Task.id > row_id)
    return or_(
        Task.deadline_at > moment,
        and_(Task.deadline_at == moment, Task.id > row_id),
        Task.deadline_at.is_(None),
    )


def _done(db: Session, actor: Actor, filters: Filters, after: str | None, size: int) -> Page:
    wanted = _rows().where(
        Task.done_by == actor.user_id,
        Task.done_at.is_not(None),
        policy.visible_cases(actor),
        *_narrowed(Filters(process=filters.process, step=filters.step), None),
    )
    start = decode(after)
    if start is not None and start[0] is not None:
        before = and_(Task.done_at == start[0], Task.id < start[1])
        wanted = wanted.where(or_(Task.done_at < start[0], before))
    ordered = wanted.order_by(Task.done_at.desc(), Task.id.desc()).limit(size + 1)
    rows = [Row(*row) for row in db.execute(ordered)]
    return _page(rows, size, lambda row: encode(row.done_at, row.task_id))


def _page(rows: Sequence[Any], size: int, cursor: Any) -> Page:
    shown = tuple(rows[:size])
    return Page(shown, cursor(shown[-1]) if len(rows) > size else None)


def _queue(actor: Actor, queue: str, now: datetime) -> ColumnElement[bool]:
    """Condition on open tasks for one queue of the actor."""
    unsigned = and_(Task.assignee_id.is_(None), _at_seats(actor))
    work = or_(unsigned, _held(actor))
    conditions = {
        "to_sign": unsigned,
        "mine": _held(actor),
        "soon": and_(work, Task.warn_at <= now, Task.deadline_at > now),
        "late": and_(work, Task.deadline_at <= now),
        "unit": _at_seats(actor),
    }
    return conditions[queue]


def _at_seats(actor: Actor) -> ColumnElement[bool]:
    pairs = sorted({(seat.unit_id, seat.role) for seat in actor.seats})
    return tuple_(Task.unit_id, Task.role).in_(pairs) if pairs else false()


def _held(actor: Actor) -> ColumnElement[bool]:
    """Signed for by the actor, or by somebody whose post the actor stands in for."""
    mine = and_(Task.assignee_id == actor.user_id, _at_seats(actor))
    deputised = [
        and_(
            Task.assignee_id == seat.for_user_id,
            Task.unit_id == seat.unit_id,
            Task.role == seat.role,
        )
        for seat in actor.seats
        if seat.for_user_id is not None
    ]
    return or_(mine, *deputised)


def _narrowed(filters: Filters, now: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.process:
        conditions.append(Case.process == filters.process)
    if filters.step:
        conditions.append(Task.node_id == filters.step)
    if filters.lamp and now is not None:
        conditions.append(_lit(filters.lamp, now))
    return conditions


def _lit(lamp: str, now: datetime) -> ColumnElement[bool]:
    late = func.coalesce(Task.deadline_at <= now, false())
    soon = func.coalesce(Task.warn_at <= now, false())
    if lamp == "red":
        return Task.deadline_at <= now
    if lamp == "yellow":
        return and_(Task.warn_at <= now, ~late)
    return and_(~late, ~soon)


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
