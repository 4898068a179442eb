"""Co-handling (协办): other units help with a task, each with its own clock and answer.

They are rows under the one task, not branches of the diagram: they can be asked at any time,
their clocks do not touch the task's, and the main handler closes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, delete, select, tuple_
from sqlalchemy.orm import Session, joinedload

from engine import org
from engine.access import policy
from engine.access.actors import Actor, Seat
from engine.casework import case_access, co_handlers, recusal
from engine.casework.case_lock import begin_task
from engine.casework.case_work import CaseWork
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule, begin_move, keep_reason
from engine.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from engine.models import Case, Due, Participation, Task, Unit, User
from engine.records import vault
from engine.records.answer_history import AnswerSet
from engine.storage import pending_rows
from engine.worktime import Limit
from feel.text import Text

ANSWER = ":co_answer"
NO_UNIT = Text("请选择本县内的其他单位。", "Choose another unit of this county.")
NO_ROLE = Text("该单位没有可以协办的岗位。", "That unit has no post that could help.")
ALREADY = Text("该单位正在协办。", "That unit is helping already.")
NO_LIMIT = Text("请给出协办期限。", "Give the time in which to help.")
NOT_OPEN = Text("这项协办已经结束。", "This request for help has ended.")


def ask_help(
    db: Session,
    actor: Actor,
    task_id: int,
    unit_id: int,
    limit: Limit,
    question: str,
    *,
    now: datetime,
) -> Participation:
    """Ask a unit of the county to help with a task within a limit of its own.

    Whoever holds the task's role there may answer. Raises NotFound, NotAllowed, InvalidInput,
    Conflict when that unit is helping already, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, ASK, now=now)
    unit = _helper(db, work, task, unit_id)
    if limit.amount < 1:
        raise InvalidInput({"limit": NO_LIMIT})
    if any(one.unit_id == unit.id for one in open_of(db, task)):
        raise Conflict(task.id, text=ALREADY)
    receipt = keep_reason(db, work, ASK, question)
    row = co_handlers.new_row(work, task, unit, task.role, limit, actor.user_id)
    db.add(row)
    task.joined_at = task.joined_at or now
    co_handlers.record(
        db, work, task, "help.asked", row, receipt=receipt, due=row.due_at.isoformat()
    )
    pending_rows.add(db, co_handlers.moment(row))
    case_access.grant(db, work.case, unit, "co_handler", now)
    co_handlers.notify(db, work, task, row, "help.asked", to_helper=True)
    return row


def answer_help(
    db: Session, actor: Actor, task_id: int, participation_id: int, answer: str, *, now: datetime
) -> Participation:
    """Give a helping unit's answer; the main handler is notified.

    Raises NotFound, NotAllowed for whoever does not hold the role there, InvalidInput without
    words, Conflict when it was answered, withdrawn or closed.
    """
    work, row = _begin(db, actor, task_id, participation_id, "answer_help", now)
    assert work.task is not None
    work.seat = seat_at(actor, row)
    if work.seat is None:
        raise NotAllowed("answer_help", row.id)
    _refuse_ended(row)
    if not answer.strip():
        raise InvalidInput({"answer": Text("请填写协办意见。", "Please write the answer.")})
    told = {"answer": answer.strip(), "unit": row.unit.name}
    node = f"{work.task.node_id}{ANSWER}"
    kept = vault.keep(db, work.case, work.task, node, told, at=now)
    row.done_at, row.done_by, row.outcome = now, actor.user_id, "answered"
    co_handlers.record(db, work, work.task, "help.answered", row, receipt=kept.digest)
    _stop(db, work, row)
    co_handlers.notify(db, work, work.task, row, "help.answered", to_helper=False)
    return row


def withdraw_help(
    db: Session, actor: Actor, task_id: int, participation_id: int, *, now: datetime
) -> Participation:
    """Take a request for help back; the unit that was asked is notified.

    Raises NotFound, NotAllowed for whoever does not have the task, Conflict when it has ended.
    """
    work, row = _begin(db, actor, task_id, participation_id, "withdraw_help", now)
    assert work.task is not None
    work.seat = policy.require(db, actor, ASK.key, work.task)
    _refuse_ended(row)
    row.done_at, row.done_by, row.outcome = now, actor.user_id, "withdrawn"
    co_handlers.record(db, work, work.task, "help.withdrawn", row)
    _stop(db, work, row)
    co_handlers.notify(db, work, work.task, row, "help.withdrawn", to_helper=True)
    return row


def run_out(db: Session, work: CaseWork, due: Due) -> None:
    """A helping unit is late: on the record, and both sides are notified."""
    row = db.get(Participation, int(due.mark))
    if row is None or row.done_at is not None or work.task is None:
        return
    co_handlers.record(db, work, work.task, "help.overdue", row, due=due.fire_at.isoformat())
    co_handlers.notify(db, work, work.task, row, "help.overdue", to_helper=True)
    co_handlers.notify(db, work, work.task, row, "help.late", to_helper=False)


def go_on(db: Session, task: Task, ended_at: datetime) -> None:
    """Open again what ended with a task that is open again, each with its own clock."""
    ended = select(Participation).where(
        Participation.task_id == task.id,
        Participation.outcome == "closed",
        Participation.done_at == ended_at,
    )
    for row in db.scalars(ended):
        row.done_at = row.outcome = None
        if row.due_at > ended_at:
            pending_rows.add(db, co_handlers.moment(row))


def waiting_for(db: Session, actor: Actor) -> list[Participation]:
    """Return what the actor's posts are asked to help with, the soonest first; one statement."""
    pairs = sorted({(seat.unit_id, seat.role) for seat in actor.seats})
    if not pairs:
        return []
    same_case = and_(Case.id == Participation.case_id, Case.county_id == Participation.county_id)
    asked = (
        select(Participation)
        .join(Case, same_case)
        .where(
            Participation.done_at.is_(None),
            tuple_(Participation.unit_id, Participation.role).in_(pairs),
            policy.not_around(actor),
        )
    )
    with_case = joinedload(Participation.task).joinedload(Task.case)
    wanted = asked.options(joinedload(Participation.unit), with_case)
    return list(db.scalars(wanted.order_by(Participation.due_at, Participation.id)))


def open_of(db: Session, task: Task) -> list[Participation]:
    """Return the requests for help of a task that wait for an answer, oldest first."""
    mine = select(Participation).where(
        Participation.task_id == task.id, Participation.done_at.is_(None)
    )
    return list(db.scalars(mine.options(joinedload(Participation.unit)).order_by(Participation.id)))


def of_case(db: Session, case: Case) -> list[tuple[Participation, str]]:
    """Return every request for help of a case, oldest first, with who ended it; one statement."""
    asked = (
        select(Participation, User.name)
        .outerjoin(User, User.id == Participation.done_by)
        .where(Participation.case_id == case.id, Participation.county_id == case.county_id)
        .options(joinedload(Participation.unit), joinedload(Participation.task))
    )
    return [(row, name or "") for row, name in db.execute(asked.order_by(Participation.id))]


def question_of(row: Participation, kept: Iterable[AnswerSet]) -> str:
    """Return what a unit was asked, out of the kept answers of its case; empty when erased."""
    node = f"{row.task.node_id}:{ASK.key}"
    asked = (one for one in kept if (one.node_id, one.at) == (node, row.asked_at))
    return next((str(one.answers.get("reason", "")) for one in asked), "")


def answer_of(row: Participation, kept: Iterable[AnswerSet]) -> str:
    """Return what a unit answered, out of the kept answers of its case; empty when it did not."""
    told = (f"{row.task.node_id}{ANSWER}", row.done_at)
    answered = (one.answers for one in kept if (one.node_id, one.at) == told)
    mine = (one for one in answered if one.get("unit") == row.unit.name)
    return next((str(one.get("answer", "")) for one in mine), "")


def seat_at(actor: Actor, row: Participation) -> Seat | None:
    """Return the seat through which somebody may answer for a helping unit."""
    fitting = (seat for seat in actor.seats if (seat.unit_id, seat.role) == (row.unit_id, row.role))
    return min(fitting, key=lambda seat: seat.for_user_id is not None, default=None)


def _begin(
    db: Session, actor: Actor, task_id: int, participation_id: int, verb: str, now: datetime
) -> tuple[CaseWork, Participation]:
    """Lock the case, then read the row: what was answered is answered, whoever was first."""
    work = begin_task(db, task_id, actor, verb, now=now)
    policy.require(db, actor, "see", work.case)
    row = db.scalar(
        select(Participation)
        .where(Participation.id == participation_id, Participation.task_id == task_id)
        .options(joinedload(Participation.unit))
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(participation_id)
    return work, row


def _refuse_ended(row: Participation) -> None:
    if row.done_at is not None:
        raise Conflict(row.id, text=NOT_OPEN)


def _helper(db: Session, work: CaseWork, task: Task, unit_id: int) -> Unit:
    """Return the unit that will help: the one named, or the one that does this role's work for
    it.
    """
    unit = db.get(Unit, unit_id)
    if unit is None or unit.at_county != work.case.county_id or unit.ended_at is not None:
        raise InvalidInput({"unit": NO_UNIT})
    unit = org.work_unit(db, unit, task.role, now=work.now) if unit.kind == "area" else unit
    if unit.id == task.unit_id:
        raise InvalidInput({"unit": NO_UNIT})
    recusal.require_apart(work.case, unit)
    if task.role not in co_handlers.roles_at(db, unit, work.now):
        # Where nobody could ever answer, a request would only be swallowed.
        raise InvalidInput({"unit": NO_ROLE})
    return unit


def _stop(db: Session, work: CaseWork, row: Participation) -> None:
    pending_rows.settle(db, Due)
    db.execute(
        delete(Due)
        .where(Due.case_id == work.case.id, Due.kind == co_handlers.KIND, Due.mark == str(row.id))
        .execution_options(synchronize_session=False)
    )


def _nothing_in_the_way(_db: Session, _work: CaseWork) -> DomainError | None:
    return None


def _refuse_without_request(db: Session, work: CaseWork) -> DomainError | None:
    assert work.task is not None
    return None if open_of(db, work.task) else Conflict(work.task.id, text=NOT_OPEN)


def _helping_seat(db: Session, work: CaseWork) -> Seat | None:
    assert work.task is not None and work.actor is not None
    if work.task.joined_at is None:
        return None
    seats = (seat_at(work.actor, row) for row in open_of(db, work.task))
    return next((seat for seat in seats if seat is not None), None)


def _asking_seat(_db: Session, work: CaseWork) -> Seat | None:
    assert work.task is not None and work.actor is not None
    if work.task.joined_at is None:
        return None
    return policy.seat_for(work.actor, ASK.key, work.task)


ASK = MoveRule(
    key="co_handle",
    name=Text("请求协办", "Request assistance"),
    of="task",
    who=Text(
        "签收人；未签收时，本单位该岗位的任何人",
        "who signed for it; before that, anybody with the role in its unit",
    ),
    when=Text(
        "环节未办结；可随时请本县设有同一岗位的多个单位，同一单位同时只有一项",
        "the task is open; several units of the county that have the role, at any time, each "
        "once at a time",
    ),
    sign=RUNS_ON,
    handle=Text(
        "照常计算；协办单位各有自己的期限，从请求时起",
        "runs on; each helper has its own from the request",
    ),
    citizen=NEVER_STOPS,
    refusal=_nothing_in_the_way,
)
ANSWER_MOVE = MoveRule(
    key="answer_help",
    name=Text("答复协办", "Reply to assist request"),
    of="task",
    who=Text("协办单位同一岗位的任何人", "anybody with the role in the helping unit"),
    when=Text(
        "该项协办未答复、未收回；本环节办结时未答复的一并结束",
        "the request is open; what is unanswered when the task is completed ends with it",
    ),
    sign=RUNS_ON,
    handle=Text("照常计算；本单位的协办期限结束", "runs on; the helper's own ends"),
    citizen=NEVER_STOPS,
    refusal=_refuse_without_request,
    seat_of=_helping_seat,
)
WITHDRAW = MoveRule(
    key="withdraw_help",
    name=Text("收回协办", "Withdraw assist request"),
    of="task",
    who=Text(
        "签收人；未签收时，本单位该岗位的任何人",
        "who signed for it; before that, anybody with the role in its unit",
    ),
    when=Text("有未答复的协办", "a request for help is open"),
    sign=RUNS_ON,
    handle=Text("照常计算；该单位的协办期限结束", "runs on; that helper's own ends"),
    citizen=NEVER_STOPS,
    refusal=_refuse_without_request,
    seat_of=_asking_seat,
)
