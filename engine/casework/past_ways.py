"""Ways of cases that were closed before ways were remembered, from the rows of their tasks."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine.models import Case, CaseWay, Task, Way
from engine.storage import step_counts
from engine.storage.db import insert_into

BATCH = 500


def remember(db: Session, after: int) -> tuple[int, int]:
    """Remember the ways of the next closed cases that have none; return the last one's id, and how
    many were remembered.

    The id is 0 when there are no more. What is counted of it, the caller counts.
    """
    unknown = ~exists().where(CaseWay.case_id == Case.id)
    wanted = (
        select(Case.id, Case.county_id, Case.process, Case.outcome)
        .where(Case.closed_at.is_not(None), Case.id > after, unknown)
        .order_by(Case.id)
        .limit(BATCH)
    )
    cases = db.execute(wanted).all()
    tasks = defaultdict(list)
    columns = (Task.id, Task.case_id, Task.node_id, Task.outcome, Task.came_at, Task.done_at)
    for task in db.execute(select(*columns).where(Task.case_id.in_([one.id for one in cases]))):
        tasks[task.case_id].append(task)
    made = 0
    for case in cases:
        steps = step_counts.way_of(tasks[case.id])
        if steps:
            end = case.outcome or ""
            key = step_counts.way_key(case.process, steps, end)
            values = {"key": key, "process": case.process, "steps": list(steps), "end": end}
            db.execute(insert_into(db, Way).values(values).on_conflict_do_nothing())
            db.add(CaseWay(case_id=case.id, county_id=case.county_id, way=key))
            made += 1
    return max((one.id for one in cases), default=0), made
