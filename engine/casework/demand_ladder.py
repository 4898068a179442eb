"""A notice or a call that nobody answers climbs, like a task: from who asked, upward, on and on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from engine import org, settings
from engine.casework import demand_notices, recusal
from engine.casework.case_work import CaseWork
from engine.definitions.escalation_table import Rung
from engine.models import Demand, Due
from engine.org import ClimbRequest, Lateness
from engine.timing import due_rows, ladders
from engine.timing.ladders import Ladder

CLOCK = "notice"


def arm(db: Session, work: CaseWork, demand: Demand) -> None:
    """Write the end of the running round, and what fires after it."""
    mark, named = mark_of(demand), {"demand": str(demand.id)}
    due_rows.at(db, work.case, None, due_rows.DEMAND, demand.due_at, mark=mark, data=named)
    found = _ladder(work, demand)
    for rung in found.rungs:
        fire_at = ladders.rings_at(demand.due_at, rung, found.calendar)
        _put(db, work, demand, rung, fire_at)
    _put_round(db, work, demand, found.rounds())


def cancel(db: Session, work: CaseWork, demand: Demand) -> None:
    """Take away what lies ahead of the running round: it is answered, or over."""
    due_rows.cancel_demand(db, work.case, mark_of(demand), now=work.now)


def follow(db: Session, work: CaseWork, demand: Demand, *, moved: bool) -> None:
    """Move what is to come of the running round to where the calendar has it.

    Where the end stays its rungs only get later: each is there once, and nothing rings all at
    once. ``moved`` is whether the end has moved.
    """
    found, mark = _ladder(work, demand), mark_of(demand)
    for row in due_rows.ahead(db, work.case, due_rows.DEMANDS, now=work.now):
        if row.mark == mark:
            row.fire_at = demand.due_at
        if not row.mark.startswith(f"{mark}:"):
            continue
        for rung, falls_due in found.stands_for(row):
            due = falls_due if moved else max(row.fire_at, falls_due)
            row.fire_at = max(ladders.in_hours(due, rung, found.calendar), work.now)
            if rung.again:
                row.data = {**row.data, "moment": falls_due.isoformat()}


def mark_of(demand: Demand) -> str:
    """Return what distinguishes the rounds of all notices of a case."""
    return f"{demand.id}:{demand.round}"


def climb(db: Session, work: CaseWork, due: Due) -> None:
    """A rung of a notice: who stands above who asked is notified, unless it has been answered."""
    demand = db.get(Demand, int(due.data["demand"]))
    if demand is None or demand.closed_at is not None or demand.answered_at is not None:
        return
    if not due.mark.startswith(f"{mark_of(demand)}:"):
        return
    late = Lateness(demand.unit, "leader")
    levels_up, role = int(due.data["levels_up"]), str(due.data["role"])
    way = ClimbRequest(
        demand.issuer, levels_up, role, late, over=True, around=recusal.around(work.case)
    )
    first = org.climb_all(db, [way], work.now, levels=settings.current().levels)[0]
    found = recusal.arrival(db, work.case, first, way, work.now)
    for holder in found.holders:
        cause = f"{due.mark}:{holder.user_id}"
        demand_notices.put(db, work, demand, "demand.escalated", holder.user_id, cause)
    demand_notices.record(
        db,
        work,
        demand,
        "demand.escalated",
        rule=due.data["rule"],
        table=due.data["number"],
        levels_up=levels_up,
        role=role,
        unit=found.unit.id,
        unit_name=found.unit.name,
        reached=[holder.user_id for holder in found.holders],
        due=due.fire_at.isoformat(),
    )
    if "again" in due.data:
        moment = datetime.fromisoformat(due.data["moment"])
        rounds = _ladder(work, demand).rounds(int(due.data["again"]), moment)
        _put_round(db, work, demand, rounds)


def _ladder(work: CaseWork, demand: Demand) -> Ladder:
    asked = {
        "process": work.case.process,
        "step": None,
        "level": demand.issuer.level,
        "category": work.case.category,
        "priority": work.case.priority,
        "clock": CLOCK,
    }
    calendar = work.works.almanac.of(demand.issuer_id, demand.issuer)
    return Ladder(work.works.rungs, asked, demand.due_at, calendar)


def _put(
    db: Session,
    work: CaseWork,
    demand: Demand,
    rung: Rung,
    fire_at: datetime,
    moment: datetime | None = None,
) -> None:
    data = {**rung.as_data(), "clock": CLOCK, "demand": str(demand.id)}
    if moment is not None:
        data["moment"] = moment.isoformat()
    mark = f"{mark_of(demand)}:{rung.mark}"
    due_rows.at(db, work.case, None, due_rows.DEMAND_RUNG, fire_at, mark=mark, data=data)


def _put_round(
    db: Session, work: CaseWork, demand: Demand, rounds: Iterator[tuple[Rung, datetime]]
) -> None:
    calendar = work.works.almanac.of(demand.issuer_id, demand.issuer)
    for rung, moment in rounds:
        fire_at = ladders.in_hours(moment, rung, calendar)
        if fire_at > work.now:
            _put(db, work, demand, rung, fire_at, moment)
            return
