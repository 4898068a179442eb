"""The escalation board: what is late, how far it has climbed, whose move it is, what was tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.access import policy
from engine.access.actors import Actor
from engine.definitions import versions
from engine.models import Case, Due, Event, Task, Unit, User, WithdrawnRung
from engine.reading.worklists import RowsPage
from engine.reports.area import Area, parts_of
from engine.terms.lamps import RED, YELLOW
from engine.terms.priorities import FOREMOST, OTHER_RANK, RANKS
from engine.timing import limits
from engine.worktime import Limit

PAGE_SIZE = 30
# What has been tried with a late task, according to its chain.
TRIED = (
    "escalated",
    "task.urged",
    "task.assigned",
    "task.transferred",
    "task.extended",
    "task.returned",
    "case.commented",
    "demand.issued",
)


@dataclass(frozen=True)
class BoardRung:
    """A step of the ladder: fired at ``at``, or about to."""

    level: str
    unit: str
    role: str
    act: str
    at: datetime
    rule: int
    fired: bool
    skips: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoardAction:
    """One thing that somebody did about it."""

    kind: str
    at: datetime
    by: str | None


@dataclass(frozen=True)
class LateTask:
    """One late or soon due task on the board."""

    task_id: int
    case_id: int
    number: str
    title: str
    place: str
    process: str
    priority: str
    step: str
    step_en: str
    unit_id: int
    unit: str
    level: str
    role: str
    assignee: str | None
    deadline_at: datetime | None
    warn_at: datetime | None
    limit_amount: int | None
    limit_unit: str | None
    limit_source: str | None
    signed_at: datetime | None
    case_due_at: datetime | None
    due_at: datetime | None
    node_id: str
    version_id: int
    height: int
    weight: int
    rungs: tuple[BoardRung, ...] = ()
    actions: tuple[BoardAction, ...] = ()
    # Of the step for signing, where signing is what is late.
    sign_limit: Limit | None = None

    @property
    def signing(self) -> bool:
        """Whether the clock that is late, or soon is, is the one for signing."""
        return self.signed_at is None and self.deadline_at != self.due_at

    @property
    def next(self) -> BoardRung | None:
        """The rung that fires next."""
        return next((rung for rung in self.rungs if not rung.fired), None)


@dataclass(frozen=True)
class BoardBranch:
    """A part of the area with what is late and soon due in it."""

    unit: Unit
    late: int
    soon: int


@dataclass(frozen=True)
class BoardQuery:
    """What narrows the board; empty fields do not."""

    process: str = ""
    lamp: str = ""


def tree(db: Session, actor: Actor, area: Area, now: datetime) -> list[BoardBranch]:
    """Return the parts of an area, each with its late and soon due tasks; two statements.

    What goes round the actor is not counted: the list beside the sums does not show it.
    """
    late = func.count().filter(Task.deadline_at <= now)
    rows = db.execute(
        select(area.part().label("part"), late, func.count())
        .select_from(Task)
        .join(Unit, Unit.id == Task.unit_id)
        .where(_is_open(now), area.holds(Unit), *policy.apart(actor, Task))
        .group_by("part")
    )
    found = {part: (int(red), int(both) - int(red)) for part, red, both in rows}
    units = parts_of(db, area, set(found))
    branches = [BoardBranch(unit, *found.get(unit.id, (0, 0))) for unit in units.values()]
    below = (area.below or "").removeprefix("at_")
    return sorted(branches, key=lambda one: (one.unit.level != below, one.unit.code))


def board(
    db: Session,
    actor: Actor,
    area: Area,
    search: BoardQuery,
    now: datetime,
    *,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> RowsPage:
    """Return one page, the gravest first: what climbed highest, then what is urgent, then the
    oldest.

    Three statements however many rows the page has.
    """
    wanted = _rows().where(
        _is_open(now),
        area.holds(Unit),
        policy.visible_tasks(actor),
        policy.within_now(actor),
        *_narrowed(search, now),
    )
    start = _decode(after)
    if start is not None:
        wanted = wanted.where(_follows(*start))
    ordered = wanted.order_by(
        Task.height.desc(), _weight().desc(), Task.deadline_at.asc(), Task.id
    ).limit(size + 1)
    rows = [LateTask(*row) for row in db.execute(ordered)]
    more = _encode(rows[size - 1]) if len(rows) > size else None
    return RowsPage(tuple(_with_ladders(db, rows[:size])), more)


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(
        Task.done_at.is_(None),
        Task.deadline_at.is_not(None),
        or_(Task.deadline_at <= now, Task.warn_at <= now),
    )


def _rows() -> Select[Any]:
    holder = aliased(User)
    return (
        select(
            Task.id,
            Task.case_id,
            Case.number,
            Case.title,
            Case.place_name,
            Case.process,
            Case.priority,
            Task.name,
            Task.name_en,
            Task.unit_id,
            Unit.name,
            Unit.level,
            Task.role,
            holder.name,
            Task.deadline_at,
            Task.warn_at,
            Task.limit_amount,
            Task.limit_unit,
            Task.limit_source,
            Task.signed_at,
            Case.due_at,
            Task.due_at,
            Task.node_id,
            Case.version_id,
            Task.height,
            _weight(),
        )
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(holder, holder.id == Task.assignee_id)
    )


def _weight() -> ColumnElement[int]:
    return case(dict(RANKS), value=Case.priority, else_=OTHER_RANK)


def _narrowed(search: BoardQuery, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.process:
        conditions.append(Case.process == search.process)
    if search.lamp == RED:
        conditions.append(Task.deadline_at <= now)
    elif search.lamp == YELLOW:
        conditions.append(Task.deadline_at > now)
    return conditions


def _encode(row: LateTask) -> str:
    assert row.deadline_at is not None
    stamp = int(row.deadline_at.timestamp() * 1_000_000)
    return f"{row.height}.{row.weight}.{stamp}.{row.task_id}"


def _decode(cursor: str | None) -> tuple[int, int, datetime, int] | None:
    parts = (cursor or "").split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    height, weight, stamp, task_id = map(int, parts)
    if height > 99 or weight > 9 or stamp > 10**17 or task_id >= 2**63:
        return None
    seconds, micro = divmod(stamp, 1_000_000)
    return height, weight, datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro), task_id


def _follows(height: int, weight: int, moment: datetime, task_id: int) -> ColumnElement[bool]:
    same_height, same_weight = Task.height == height, _weight() == weight
    return or_(
        Task.height < height,
        and_(same_height, _weight() < weight),
        and_(same_height, same_weight, Task.deadline_at > moment),
        and_(same_height, same_weight, Task.deadline_at == moment, Task.id > task_id),
    )


def _with_ladders(db: Session, rows: Sequence[LateTask]) -> Iterable[LateTask]:
    if not rows:
        return []
    cases = sorted({row.case_id for row in rows})
    fired, tried = _rungs_and_actions(db, cases)
    coming = _coming(db, cases)
    return [
        LateTask(
            **{
                **vars(row),
                "rungs": (*_of(fired, row), *_of(coming, row)),
                "actions": tuple(_of(tried, row)),
                "sign_limit": _sign_limit(db, row) if row.signing else None,
            }
        )
        for row in rows
    ]


def _sign_limit(db: Session, row: LateTask) -> Limit | None:
    """Return the step's own limit for signing; its version is read once a process.

    None for what is urgent: the table of limits says it, by more than a row of the board knows.
    """
    if row.priority in FOREMOST:
        return None
    return limits.own_signing(versions.load(db, row.version_id).node(row.node_id))


def _of(found: Mapping[tuple[int, int | None], list[Any]], row: LateTask) -> list[Any]:
    """Return what belongs to a task and what belongs to its whole case, in the order of time."""
    mine = [*found.get((row.case_id, row.task_id), ()), *found.get((row.case_id, None), ())]
    return sorted(mine, key=lambda one: one.at)


def _rungs_and_actions(
    db: Session, cases: Sequence[int]
) -> tuple[dict[Any, list[Any]], dict[Any, list[Any]]]:
    """Rungs that fired and what people did since, by case and task."""
    fired: dict[Any, list[Any]] = {}
    tried: dict[Any, list[Any]] = {}
    rows = db.execute(
        select(Event.case_id, Event.task_id, Event.kind, Event.at, Event.data, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(
            Event.case_id.in_(cases),
            Event.kind.in_(TRIED),
            ~exists().where(WithdrawnRung.case_id == Event.case_id, WithdrawnRung.seq == Event.seq),
        )
        .order_by(Event.case_id, Event.seq)
    )
    for case_id, task_id, kind, at, data, by in rows:
        key = (case_id, task_id)
        if kind == "escalated":
            fired.setdefault(key, []).append(_fired(at, json.loads(data)))
        else:
            tried.setdefault(key, []).append(BoardAction(kind, at, by))
    return fired, tried


def _fired(at: datetime, data: Mapping[str, Any]) -> BoardRung:
    return BoardRung(
        level=str(data.get("level", "")),
        unit=str(data.get("unit_name", "")),
        role=str(data.get("role", "")),
        act=str(data.get("act", "")),
        at=at,
        rule=int(data.get("rule", 0)),
        fired=True,
        skips=tuple(str(skip.get("name", "")) for skip in data.get("skipped", ())),
    )


def _coming(db: Session, cases: Sequence[int]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    rows = db.execute(
        select(Due.case_id, Due.task_id, Due.fire_at, Due.data)
        .where(Due.case_id.in_(cases), Due.kind == "rung")
        .order_by(Due.fire_at)
    )
    for case_id, task_id, at, data in rows:
        rung = BoardRung("", "", str(data["role"]), str(data["act"]), at, int(data["rule"]), False)
        found.setdefault((case_id, task_id), []).append(rung)
    return found
