"""Merge (并单) and take out again (拆单): two cases about one matter are worked on as one.

Each keeps its own citizen's clock, applicant, call-back and rating. A merged case waits until it
was told what the main one is told; taken out before, its tasks go on as they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.access import policy
from engine.access.actors import Actor, Seat
from engine.casework import joining, merger_rows
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.casework.moves.recalls import put_back
from engine.casework.moves.rules import NEVER_STOPS, MoveRule, begin_of_case, keep_reason
from engine.errors import Conflict, DomainError, InvalidInput
from engine.models import Case, CaseLink, Merger, Task
from engine.models.mergers import ENDED, OUT, TOLD
from engine.notices import outbox
from engine.storage import tallies
from feel.text import Text

NO_SUCH_CASE = Text("没有这个编号的事项。", "There is no case of this number.")
NOT_MERGED = Text("没有并入其他事项。", "It is not merged into another case.")


def merge(
    db: Session, actor: Actor, case_id: int, number: str, reason: str, *, now: datetime
) -> Case:
    """Merge a case into the one of that number, with a reason.

    Raises NotFound, NotAllowed, Conflict for a case that cannot be merged, InvalidInput for a
    number that the actor sees no case of, a main case that takes none in, or no reason.
    """
    main_id = _of_number(db, actor, case_id, number)
    lock_in_order(db, case_id, *([main_id] if main_id is not None else []))
    work = begin_of_case(db, actor, case_id, MERGE, now=now)
    if main_id is None:
        raise InvalidInput({"number": NO_SUCH_CASE})
    main = begin(db, lock_case(db, main_id), actor, MERGE.key, now=now)
    fault = joining.fault_of_main(work.case, main.case)
    if fault is not None:
        raise InvalidInput({"number": fault})
    receipt = keep_reason(db, work, MERGE, reason)
    main.seat = work.seat
    joining.join(db, work, main, receipt)
    return work.case


def unmerge(db: Session, actor: Actor, case_id: int, reason: str, *, now: datetime) -> Case:
    """Take a case out of its main one: its tasks go on, their clocks as if it had never been in.

    Raises NotFound, NotAllowed, Conflict when it is not merged, InvalidInput without a reason.
    """
    main_id = db.scalar(select(Case.main_id).where(Case.id == case_id))
    lock_in_order(db, case_id, *([main_id] if main_id is not None else []))
    work = begin_of_case(db, actor, case_id, UNMERGE, now=now)
    if work.case.main_id != main_id:
        # Somebody was faster, and put it elsewhere.
        raise Conflict(case_id, text=NOT_MERGED)
    receipt = keep_reason(db, work, UNMERGE, reason)
    main = begin(db, lock_case(db, work.case.main_id or 0), actor, UNMERGE.key, now=now)
    main.seat = work.seat
    take_out(db, work, main, receipt)
    return work.case


def take_out(db: Session, work: CaseWork, main: CaseWork, receipt: str = "") -> None:
    """End a merger; both cases are locked. Without an actor it comes out by itself."""
    case, now = work.case, work.now
    merger = merger_rows.of_case(db, case)
    assert merger is not None
    why: dict[str, Any] = {"receipt": receipt} if receipt else {}
    work.record(db, "case.unmerged", automatic=not receipt, main=main.case.number, **why)
    main.record(db, "case.parted", number=case.number)
    merger.state, merger.ended_at = OUT, now
    merger.ended_by = work.actor.user_id if work.actor else None
    pair = (CaseLink.case_id == case.id, CaseLink.other_id == main.case.id)
    db.execute(delete(CaseLink).where(*pair, CaseLink.kind == joining.LINK))
    case.main_id = None
    main.case.applicants -= 1
    tallies.count_merged(db, case, -1)
    go_on(db, work, merger)


def go_on(db: Session, work: CaseWork, merger: Merger) -> None:
    """Open again what was set aside and what the diagram still waits for."""
    tokens = bpmn.open_tasks(work.version.definition, work.state.state)
    known = set(db.scalars(_open_tokens(work.case)))
    waiting = {token.engine_id for token in tokens} - known
    for task in _rows(db, merger.aside):
        if task.engine_id in waiting:
            work.record(db, "task.put_back", automatic=True, task=task)
            put_back(db, work, task)
            _notify(db, work, task, merger)


def lock_in_order(db: Session, *case_ids: int) -> None:
    """Lock cases in the order of their ids, as everybody does who locks several."""
    for case_id in sorted(set(case_ids)):
        lock_case(db, case_id)


def _of_number(db: Session, actor: Actor, case_id: int, number: str) -> int | None:
    """Return the id of the visible case of that number in the county of the case, if any."""
    county = select(Case.county_id).where(Case.id == case_id).scalar_subquery()
    asked = (Case.number == number.strip(), Case.county_id == county)
    return db.scalar(select(Case.id).where(*asked, policy.visible_cases(actor)))


def _open_tokens(case: Case) -> Select[tuple[str]]:
    mine = (Task.case_id == case.id, Task.county_id == case.county_id)
    return select(Task.engine_id).where(*mine, Task.done_at.is_(None))


def _rows(db: Session, ids: Iterable[int]) -> list[Task]:
    return list(db.scalars(select(Task).where(Task.id.in_(list(ids))).order_by(Task.id)))


def _notify(db: Session, work: CaseWork, task: Task, merger: Merger) -> None:
    queue = task.assignee_id is None
    outbox.put(
        db,
        work.case,
        "task.put_back",
        cause=f"put_back:{merger.id}:{task.id}",
        now=work.now,
        user_id=task.assignee_id,
        unit_id=task.unit_id if queue else None,
        role=task.role if queue else None,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )


def seat(_db: Session, work: CaseWork) -> Seat | None:
    """Return a seat from above, or that of an operator where the case was registered."""
    case, actor = work.case, work.actor
    assert actor is not None
    above = policy.superior_seat(actor, MERGE.key, case, None)
    taken_in = (
        seat for seat in actor.seats if (seat.unit_id, seat.role) == (case.unit_id, "operator")
    )
    return above or next(taken_in, None)


def _refuse_merge(db: Session, work: CaseWork) -> DomainError | None:
    fault = joining.fault_of(work.case) or _fault_of_past(db, work.case)
    return Conflict(work.case.id, text=fault) if fault is not None else None


def _fault_of_past(db: Session, case: Case) -> Text | None:
    """A case that was answered with one main case is part of that matter for good."""
    mine = (Merger.case_id == case.id, Merger.county_id == case.county_id)
    ended = db.scalar(select(Merger.id).where(*mine, Merger.state.in_((TOLD, ENDED))).limit(1))
    return joining.ANSWERED if ended is not None else None


def _refuse_unmerge(_db: Session, work: CaseWork) -> DomainError | None:
    return None if work.case.main_id else Conflict(work.case.id, text=NOT_MERGED)


WHO = Text(
    "登记单位或辖区上级的负责人、督办员、分派员，登记单位的话务员",
    "leaders, supervisors and dispatchers of the unit that registered it or above its place, and "
    "that unit's operators",
)
MERGE = MoveRule(
    key="merge",
    name=Text("并单", "Merge"),
    of="case",
    who=WHO,
    when=Text(
        "两件同一流程、都没有答复，不是保密件，本件没有并入别件，也没有别件并入本件",
        "both cases are of the same process and unanswered, neither is confidential, and this one "
        "is neither merged nor has others merged into it",
    ),
    sign=Text("随环节搁置；拆出时照原来的算", "set aside with its task; as it was when taken out"),
    handle=Text(
        "只在主件办理；本件的环节搁置，拆出时从原来的开始时刻接着算",
        "worked on in the main case alone; this case's tasks are set aside, and go on from their "
        "first start when it is taken out",
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_merge,
    seat_of=seat,
)
UNMERGE = MoveRule(
    key="unmerge",
    name=Text("拆单", "Take out of the merge"),
    of="case",
    who=WHO,
    when=Text("已并入别件，还没有随主件答复", "it is merged and was not told the answer yet"),
    sign=Text(
        "从原来的时刻接着算，并入期间也算在内",
        "goes on from its first start, the time merged included",
    ),
    handle=Text(
        "从原来的开始时刻接着算，并入期间也算在内",
        "goes on from its first start, the time merged included",
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_unmerge,
    seat_of=seat,
)
