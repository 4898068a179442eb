"""What a unit is called to answer: supervision notices (督办单) and a centre's calls (中心呼).

One life for both: issued with a number and a limit, answered by the unit, accepted, or rejected
for another round. By hand, by whoever stands above, or by a rung of the escalation table. What
is said is in the vault; the chain of the case holds every step of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from engine import org
from engine.access import policy
from engine.access.actors import Actor, Seat
from engine.casework import case_access, demand_ladder, demand_notices, recusal
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.casework.demand_seats import CALL, NOTICE, VERBS, may_answer, may_decide
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, Demand, Due, Task, Unit, new_id
from engine.records import vault
from engine.storage import case_numbers
from engine.worktime import Limit, deadline
from feel.text import Text

PREFIXES = {NOTICE: "督", CALL: "呼"}
# What a rung's notice gives the unit, and what a hand may choose when it says nothing else.
LIMITS = {NOTICE: Limit(1, "working_days"), CALL: Limit(4, "working_hours")}
CONSEQUENCES = {
    "none": Text("不作处理", "none"),
    "reminder": Text("提醒谈话", "a reminder"),
    "interview": Text("约谈负责人", "an interview with the leader"),
    "criticism": Text("通报批评", "public criticism"),
    "account": Text("移送问责", "handed on for accountability"),
}
LONGEST = 2000
EMPTY = Text("请填写内容。", "Please write something.")
TOO_LONG = Text("内容不能超过 2000 字。", "At most 2000 characters.")
NO_UNIT = Text("请选择您辖区内的单位。", "Choose a unit within your area.")
OPEN_ALREADY = Text(
    "您的单位已就此发出督办单，尚未办结。", "Your unit already has an open supervision order on it."
)
ANSWERED = Text("已答复，待审核。", "A reply was sent and awaits review.")
NOT_ANSWERED = Text("尚未答复。", "There is no reply yet.")
ENDED = Text("已办结。", "Already closed.")
CASE_CLOSED = Text("事项已办结。", "The case is closed.")
NO_LIMIT = Text("期限至少为 1。", "The limit is at least 1.")


def issue(
    db: Session,
    actor: Actor,
    case_id: int,
    kind: str,
    *,
    unit_id: int,
    words: str,
    now: datetime,
    limit: Limit | None = None,
    task_id: int | None = None,
) -> Demand:
    """Call a unit to answer about a case, by hand.

    Raises NotFound, NotAllowed, InvalidInput, or Conflict for a closed case and while the same
    unit's notice is open.
    """
    work = begin(db, lock_case(db, case_id), actor, f"demand.{kind}", now=now, task_id=task_id)
    work.seat = policy.require_superior(db, actor, VERBS[kind], work.case, work.task)
    fault = refusal(work)
    if fault is not None:
        raise fault
    unit, issuer = db.get(Unit, unit_id), db.get_one(Unit, work.seat.unit_id)
    if unit is None or not _may_be_called(work.seat, issuer, unit, work.task):
        raise InvalidInput({"unit": NO_UNIT})
    recusal.require_apart(work.case, unit)
    if kind == NOTICE and _running(db, work, issuer, unit, kind) is not None:
        raise Conflict(case_id, text=OPEN_ALREADY)
    limit = limit or LIMITS[kind]
    if limit.amount < 1:
        raise InvalidInput({"limit": NO_LIMIT})
    asked = _keep(db, work, words, "issued")
    return _issue(db, work, kind, unit, issuer, limit, asked=asked)


def issue_by_rung(
    db: Session, work: CaseWork, due: Due, issuer: Unit, unit: Unit
) -> tuple[Demand, bool]:
    """Return a rung's supervision notice to the unit that is late; an open one from there is urged.

    Returns the notice, and whether it is new.
    """
    known = _running(db, work, issuer, unit, NOTICE)
    if known is not None:
        return known, False
    said = {"clock": due.data["clock"], "rule": due.data["rule"], "table": due.data["number"]}
    demand = _issue(db, work, NOTICE, unit, issuer, LIMITS[NOTICE], rung=said)
    return demand, True


def answer(db: Session, actor: Actor, demand_id: int, words: str, *, now: datetime) -> Demand:
    """Return the unit's answer; its clock stops. Raises NotFound, NotAllowed, InvalidInput,
    Conflict.
    """
    work, demand = _begin(db, actor, demand_id, "answer", now)
    work.seat = _require(db, work, demand, may_answer(actor, demand))
    if demand.answered_at is not None:
        raise Conflict(demand_id, text=ANSWERED)
    receipt = _keep(db, work, words, "answered")
    demand.answered_at, demand.answered_by = now, actor.user_id
    demand.late = demand.late or demand.due_at <= now
    demand_ladder.cancel(db, work, demand)
    demand_notices.record(db, work, demand, "demand.answered", receipt=receipt)
    asked = [(demand.issuer, "supervisor"), (demand.issuer, "leader")]
    demand_notices.notify(db, work, demand, "demand.answered", asked)
    return demand


def decide(
    db: Session,
    actor: Actor,
    demand_id: int,
    accepted: bool,
    words: str,
    *,
    now: datetime,
    consequence: str = "none",
) -> Demand:
    """Accept an answer, with what follows from it, or reject it: another round begins.

    Raises NotFound, NotAllowed, InvalidInput, Conflict while nothing is answered.
    """
    work, demand = _begin(db, actor, demand_id, "decide", now)
    work.seat = _require(db, work, demand, may_decide(actor, demand))
    if demand.answered_at is None:
        raise Conflict(demand_id, text=NOT_ANSWERED)
    if consequence not in CONSEQUENCES:
        raise InvalidInput({"consequence": EMPTY})
    receipt = _keep(db, work, words, "decided")
    demand.consequence = consequence
    if accepted:
        _close(demand, actor, "accepted", now)
        kind = "demand.accepted"
    else:
        _next_round(db, work, demand)
        kind = "demand.rejected"
    demand_notices.record(db, work, demand, kind, receipt=receipt, consequence=consequence)
    demand_notices.tell_called(db, work, demand, kind)
    return demand


def withdraw(db: Session, actor: Actor, demand_id: int, words: str, *, now: datetime) -> Demand:
    """Take back what was issued, with a reason.

    Raises NotFound, NotAllowed, InvalidInput, Conflict.
    """
    work, demand = _begin(db, actor, demand_id, "withdraw", now)
    work.seat = _require(db, work, demand, may_decide(actor, demand))
    take_back(db, work, demand, words)
    return demand


def take_back(db: Session, work: CaseWork, demand: Demand, words: str) -> None:
    """Close what was issued as withdrawn; the called unit is notified. Raises InvalidInput."""
    assert work.actor is not None
    receipt = _keep(db, work, words, "withdrawn")
    _close(demand, work.actor, "withdrawn", work.now)
    demand_ladder.cancel(db, work, demand)
    demand_notices.record(db, work, demand, "demand.withdrawn", receipt=receipt)
    demand_notices.tell_called(db, work, demand, "demand.withdrawn")


def run_out(db: Session, work: CaseWork, due: Due) -> None:
    """The unit has not answered in time: on the record, and told to both sides."""
    demand = db.get(Demand, int(due.data["demand"]))
    if demand is None or demand.outcome == "withdrawn":
        return
    demand.late = True
    demand_notices.record(db, work, demand, "demand.overdue", due=due.fire_at.isoformat())
    if demand.answered_at is None:
        demand_notices.tell_called(db, work, demand, "demand.overdue")
        asked = [(demand.issuer, "supervisor"), (demand.issuer, "leader")]
        demand_notices.notify(db, work, demand, "demand.overdue", asked)


def at_work(db: Session, cases: Sequence[Case]) -> dict[int, Task]:
    """Return the oldest open task of each case, which says who has the case now; one statement."""
    oldest = (
        select(func.min(Task.id))
        .where(Task.case_id.in_([case.id for case in cases]), Task.done_at.is_(None))
        .group_by(Task.case_id)
    )
    rows = select(Task).where(Task.id.in_(oldest)).options(joinedload(Task.unit))
    return {task.case_id: task for task in db.scalars(rows)}


def refusal(work: CaseWork) -> Conflict | None:
    """Return what is in the way of calling anybody about a case, besides permission."""
    return None if work.case.closed_at is None else Conflict(work.case.id, text=CASE_CLOSED)


def answerable_units(db: Session, work: CaseWork) -> list[Unit]:
    """Return whom a notice about a task may go to: the unit at work, or one above it in the
    area.
    """
    assert work.task is not None and work.seat is not None
    line = recusal.apart(work.case, [work.task.unit, *org.ancestors(db, work.task.unit)])
    issuer = db.get_one(Unit, work.seat.unit_id)
    return [unit for unit in line if _may_be_called(work.seat, issuer, unit, work.task)]


def callable_units(db: Session, work: CaseWork) -> list[Unit]:
    """Return whom a centre may call about a case: departments and townships of its area, by
    code.
    """
    assert work.seat is not None
    if work.seat.area is None:
        return []
    column, area = work.seat.area
    departments = Unit.kind.in_(("department", "organisation"))
    townships = (Unit.kind == "area") & (Unit.level == "township")
    inside = (getattr(Unit, column) == area, Unit.ended_at.is_(None), Unit.id != area)
    found = select(Unit).where(*inside, or_(departments, townships)).order_by(Unit.code)
    return recusal.apart(work.case, db.scalars(found))


def _issue(
    db: Session,
    work: CaseWork,
    kind: str,
    unit: Unit,
    issuer: Unit,
    limit: Limit,
    *,
    asked: str = "",
    rung: dict[str, Any] | None = None,
) -> Demand:
    calendar = work.works.almanac.of(unit.id, unit)
    demand = Demand(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        task_id=work.task.id if work.task is not None else None,
        kind=kind,
        number=case_numbers.take(db, work.case.county_id, PREFIXES[kind], work.today.year),
        issuer_id=issuer.id,
        by_id=work.actor.user_id if work.actor is not None else None,
        rung=rung,
        asked=asked,
        limit_amount=limit.amount,
        limit_unit=limit.unit,
        at=work.now,
        begun_at=work.now,
        due_at=deadline(work.now, limit, calendar),
        unit_id=unit.id,
        round=1,
    )
    demand.unit, demand.issuer = unit, issuer
    db.add(demand)
    _put_out(db, work, demand, asked)
    return demand


def _put_out(db: Session, work: CaseWork, demand: Demand, asked: str) -> None:
    """Notify the called unit, record who could not be reached, arm its clock, grant both access."""
    unit, issuer = demand.unit, demand.issuer
    data: dict[str, Any] = {"to": unit.id, "to_name": unit.name, "by_name": issuer.name}
    above = demand_notices.tell_called(db, work, demand, "demand.issued")
    if above:
        data["told_above"] = above
    due = demand.due_at.isoformat()
    demand_notices.record(db, work, demand, "demand.issued", **data, receipt=asked, due=due)
    demand_ladder.arm(db, work, demand)
    case_access.grant(db, work.case, unit, "co_handler", work.now)
    case_access.grant(db, work.case, issuer, "supervisor", work.now)


def _next_round(db: Session, work: CaseWork, demand: Demand) -> None:
    limit = Limit(demand.limit_amount, demand.limit_unit)
    calendar = work.works.almanac.of(demand.unit_id, demand.unit)
    demand.answered_at = demand.answered_by = None
    demand.round += 1
    demand.begun_at, demand.due_at = work.now, deadline(work.now, limit, calendar)
    demand_ladder.arm(db, work, demand)


def _close(demand: Demand, actor: Actor, outcome: str, now: datetime) -> None:
    demand.closed_at, demand.closed_by, demand.outcome = now, actor.user_id, outcome


def _begin(
    db: Session, actor: Actor, demand_id: int, verb: str, now: datetime
) -> tuple[CaseWork, Demand]:
    """Lock the case of a demand, then read it. Raises NotFound, or Conflict when it is closed."""
    of_demand = select(Demand.case_id).where(Demand.id == demand_id).scalar_subquery()
    work = begin(db, lock_case(db, of_demand), actor, f"demand.{verb}", now=now)
    demand = db.get_one(Demand, demand_id, populate_existing=True)
    work.task = db.get(Task, demand.task_id) if demand.task_id is not None else None
    if not policy.can_see(db, actor, work.case):
        raise NotFound(demand_id)
    if demand.closed_at is not None:
        raise Conflict(demand_id, text=ENDED)
    return work, demand


def _require(db: Session, work: CaseWork, demand: Demand, seat: Seat | None) -> Seat:
    if seat is None:
        raise NotAllowed(demand.kind, demand.id)
    return seat


def _may_be_called(seat: Seat, issuer: Unit, unit: Unit, task: Task | None) -> bool:
    """Return a unit of the seat's own area, or the one that has the task; never the seat's own
    unit.
    """
    of_task = task is not None and task.unit_id == unit.id
    inside = of_task or (unit.ended_at is None and policy.oversees(seat, unit))
    return inside and unit.id != issuer.id


def _running(db: Session, work: CaseWork, issuer: Unit, unit: Unit, kind: str) -> Demand | None:
    task_id = work.task.id if work.task is not None else None
    return db.scalar(
        select(Demand).where(
            Demand.case_id == work.case.id,
            Demand.county_id == work.case.county_id,
            Demand.kind == kind,
            Demand.issuer_id == issuer.id,
            Demand.unit_id == unit.id,
            Demand.task_id.is_not_distinct_from(task_id),
            Demand.closed_at.is_(None),
        )
    )


def _keep(db: Session, work: CaseWork, words: str, what: str) -> str:
    told = words.strip()
    if not told:
        raise InvalidInput({"words": EMPTY})
    if len(told) > LONGEST:
        raise InvalidInput({"words": TOO_LONG})
    node = f"{work.task.node_id if work.task else ''}:demand.{what}"
    return vault.keep(db, work.case, work.task, node, {"reason": told}, at=work.now).digest
