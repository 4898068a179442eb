"""Escalations that should never have been: withdrawn together, with one reason, on every record.

After a wrong calendar or a wrong table rungs fired for deadlines that had not passed. They cannot
be unsaid: the chain keeps them, and says that they do not count. Counters, how high a task has
climbed and notices that they called for are put right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import Session, joinedload

from engine import settings
from engine.access import policy
from engine.access.actors import Actor, Seat
from engine.casework import demands
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.casework.clockwork import works_in_force
from engine.definitions import versions
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.models import Case, Demand, Event, Task, WithdrawnRung
from engine.notices import outbox
from engine.records import audit, vault
from engine.storage import tallies
from engine.terms.levels import height
from engine.timing import clocks
from engine.timing.clocks import DeadlineContext
from feel.text import Text

KIND = "escalation.withdrawn"
# At once; what is more comes with the next.
MOST = 500
# So many are read at a time while they are looked for.
AT_A_TIME = 200
LONGEST_REASON = 1000
NO_REASON = Text(
    "请填写撤销的理由，不超过 1000 字。", "Give the reason, in 1000 characters at most."
)
NOTHING = Text("这段时间里没有可以撤销的升级。", "There is nothing to withdraw in that time.")
CHANGED = Text("这段时间里的升级有变化，请核对后再撤销。", "It has changed meanwhile; look again.")


@dataclass(frozen=True)
class FalseRung:
    """An escalation that may be withdrawn: of which case and task, when it fired and where."""

    case: Case
    seq: int
    at: datetime
    task: Task | None
    data: Mapping[str, Any]
    # Whether its deadline has been recalculated since, to a later one: it fired too early.
    too_early: bool


def find(
    db: Session, actor: Actor, since: datetime, until: datetime, *, early_only: bool = True
) -> list[FalseRung]:
    """Return what fired from ``since`` until before ``until`` and the actor may withdraw.

    ``early_only``: only where the deadline is later now than when it fired. At most MOST.
    """
    withdrawn = exists().where(
        WithdrawnRung.case_id == Event.case_id, WithdrawnRung.seq == Event.seq
    )
    rang = (
        select(Event, Case, Task)
        .join(Case, and_(Case.id == Event.case_id, Case.county_id == Event.county_id))
        .outerjoin(Task, Task.id == Event.task_id)
        .where(Event.kind == "escalated", Event.at >= since, Event.at < until, ~withdrawn)
        .where(policy.visible_cases(actor))
        .options(joinedload(Task.unit))
        .order_by(Event.case_id, Event.seq)
        # Counted below: what may not be withdrawn must not hide what may.
        .execution_options(yield_per=AT_A_TIME)
    )
    works = works_in_force(db, actor.at)
    return list(islice(_that_may_go(db, actor, rang, works, early_only=early_only), MOST))


def _that_may_go(
    db: Session,
    actor: Actor,
    rang: Select[tuple[Event, Case, Task]],
    works: DeadlineContext,
    *,
    early_only: bool,
) -> Iterator[FalseRung]:
    with db.execute(rang) as rows:
        for event, case, task in rows.tuples():
            if _seat(actor, case, task) is None:
                continue
            said = json.loads(event.data)
            early = _rang_early(db, case, task, said, works)
            if early or not early_only:
                yield FalseRung(case, event.seq, event.at, task, said, early)


def withdraw(
    db: Session,
    actor: Actor,
    since: datetime,
    until: datetime,
    reason: str,
    *,
    expected: int,
    now: datetime,
    early_only: bool = True,
) -> int:
    """Withdraw what ``find`` finds, all or nothing; return how many rungs it was.

    ``expected`` is how many were shown. Raises InvalidInput without a reason, Conflict where there
    is nothing, or another number, to withdraw, NotAllowed.
    """
    told = reason.strip()
    if not told or len(told) > LONGEST_REASON:
        raise InvalidInput({"reason": NO_REASON})
    found = find(db, actor, since, until, early_only=early_only)
    if not found:
        raise Conflict(0, text=NOTHING)
    if len(found) != expected:
        raise Conflict(0, text=CHANGED)
    ids = {rung.case.id for rung in found}
    for case_id, rungs in groupby(found, key=lambda one: one.case.id):
        _of_case(db, actor, case_id, list(rungs), told, now)
    span = {"since": since.isoformat(), "until": until.isoformat()}
    data = {**span, "rungs": len(found), "cases": len(ids), "early_only": early_only}
    audit.record_admin(db, "escalations.withdrawn", actor.user_id, data, at=now)
    return len(found)


def _of_case(
    db: Session, actor: Actor, case_id: int, rungs: Sequence[FalseRung], reason: str, now: datetime
) -> None:
    work = begin(db, lock_case(db, case_id), actor, "withdraw_escalation", now=now)
    for rung in rungs:
        work.seat = _seat(actor, work.case, rung.task)
        if work.seat is None:
            raise NotAllowed("withdraw_escalation", case_id)
    node = ":withdraw_escalation"
    receipt = vault.keep(db, work.case, None, node, {"reason": reason}, at=now).digest
    taken = [_take_back(db, work, rung, actor) for rung in rungs]
    work.record(db, KIND, rungs=[rung.seq for rung in rungs], units=taken, receipt=receipt)
    _lower(db, work)
    _withdraw_demands(db, work, rungs, reason)
    _notify(db, work, rungs)


def _take_back(db: Session, work: CaseWork, rung: FalseRung, actor: Actor) -> dict[str, Any]:
    """Note that a rung does not count, and take it off the day on which it fired."""
    unit_id, case = int(rung.data["unit"]), work.case
    db.add(
        WithdrawnRung(
            case_id=case.id,
            county_id=case.county_id,
            seq=rung.seq,
            by_id=actor.user_id,
            at=work.now,
        )
    )
    tallies.count(db, case, unit_id, "escalated", -1, at=rung.at)
    return {"unit": unit_id, "at": rung.at.isoformat()}


def _lower(db: Session, work: CaseWork) -> None:
    """Every open task is as high as the rungs that stand have raised it."""
    db.flush()
    case, levels = work.case, settings.current().levels
    withdrawn = exists().where(
        WithdrawnRung.case_id == Event.case_id, WithdrawnRung.seq == Event.seq
    )
    standing = select(Event.task_id, Event.data).where(
        Event.case_id == case.id,
        Event.county_id == case.county_id,
        Event.kind == "escalated",
        ~withdrawn,
    )
    rows = [(task_id, json.loads(data)) for task_id, data in db.execute(standing).tuples()]
    open_tasks = select(Task).where(
        Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
    )
    for task in db.scalars(open_tasks):
        mine = [_height(levels, said) for of, said in rows if of in (task.id, None)]
        task.height = max(mine, default=0)


def _withdraw_demands(db: Session, work: CaseWork, rungs: Iterable[FalseRung], reason: str) -> None:
    """Take back the supervision notices that these rungs issued and that are open still."""
    ids = [int(one.data["demand"]) for one in rungs if one.data.get("demand")]
    issued = [one for one in rungs if one.data.get("demand") and one.data.get("new")]
    known = {int(one.data["demand"]) for one in issued}
    for demand in db.scalars(select(Demand).where(Demand.id.in_(ids), Demand.closed_at.is_(None))):
        if demand.id in known:
            work.task = db.get(Task, demand.task_id) if demand.task_id is not None else None
            demands.take_back(db, work, demand, reason)
    work.task = None


def _notify(db: Session, work: CaseWork, rungs: Iterable[FalseRung]) -> None:
    """Whoever heard of them is notified once, for the whole case, that they do not count."""
    people = {int(one) for rung in rungs for one in rung.data.get("reached", ())}
    people |= {rung.task.assignee_id for rung in rungs if rung.task and rung.task.assignee_id}
    first = min(rung.seq for rung in rungs)
    for user_id in sorted(people):
        outbox.put(
            db,
            work.case,
            KIND,
            cause=f"{KIND}:{work.case.id}:{first}:{user_id}",
            now=work.now,
            user_id=user_id,
        )


def _rang_early(
    db: Session, case: Case, task: Task | None, said: Mapping[str, Any], works: DeadlineContext
) -> bool:
    """Return whether the deadline that a rung fired for is later now.

    More time that was granted makes nothing early that was late. The end of signing, once it has
    passed, stays on the task as it was: it is calculated here.
    """
    since = datetime.fromisoformat(said["since"])
    if said["clock"] == clocks.CITIZEN or task is None:
        return case.due_at is not None and case.due_at > since
    if said["clock"] == clocks.HANDLE:
        extended = (task.limit_by or {}).get("extended")
        return not extended and task.due_at is not None and task.due_at > since
    node = versions.load(db, case.version_id).node(task.node_id)
    limit = works.sign_limit(case, task, node)
    return limit is not None and clocks.signing_due(case, task, limit, works) > since


def _seat(actor: Actor, case: Case, task: Task | None) -> Seat | None:
    """Return a supervisor's seat above what was late; nobody withdraws escalations about their own
    unit.
    """
    late = task.unit_id if task is not None else case.unit_id
    seats = tuple(
        seat for seat in actor.seats if seat.role == "supervisor" and seat.unit_id != late
    )
    above = Actor(actor.user_id, actor.name, seats, actor.at)
    return policy.superior_seat(above, "supervise", case, task)


def _height(levels: Sequence[str], said: Mapping[str, Any]) -> int:
    return height(said.get("level"), levels)
