"""Reopen (重新办理): a closed case that is not solved goes back to one of its steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from engine import bpmn
from engine.access.actors import Actor
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.bpmn.errors import CannotMove, EngineFault, UnknownTask
from engine.bpmn.nodes import Node
from engine.casework import replies, steps
from engine.casework.case_work import CaseWork, context_of
from engine.casework.moves.move_limits import move_limits
from engine.casework.moves.rules import MoveRule, begin_of_case, keep_reason
from engine.errors import Conflict, DomainError, InvalidInput
from engine.models import Case
from engine.storage import step_counts, tallies
from engine.timing import clocks
from engine.timing.clocks import DeadlineContext
from engine.worktime import deadline
from feel.text import Text

OPEN = Text("事项没有办结。", "The case is not closed.")
TOO_LATE = Text("已过可以重新办理的期限。", "The window for reopening has passed.")
NOWHERE = Text("没有可以回到的环节。", "There is no step that it could go back to.")
NOT_THERE = Text("请选择可以回到的环节。", "Choose a step that it can go back to.")


def reopen(
    db: Session, actor: Actor, case_id: int, target: str, reason: str, *, now: datetime
) -> Case:
    """Put a closed case back to a step that it went through, with a reason.

    The step opens with clocks of its own from now; the citizen's clock goes on with what was
    left of it when the answer was given. Raises NotFound, NotAllowed, InvalidInput, Conflict when
    it is open or too late.
    """
    work = begin_of_case(db, actor, case_id, MOVE, now=now)
    step = dict(_ways(work, actor.citizen_steps)).get(target)
    if step is None:
        raise InvalidInput({"target": NOT_THERE})
    receipt = keep_reason(db, work, MOVE, reason)
    work.record(db, "case.reopened", to=target, receipt=receipt)
    tallies.count_closed(db, work.case, -1)
    step_counts.uncount_closed(db, work.case)
    tallies.count_reopened(db, work.case, at=now)
    work.case.closed_at = work.case.outcome = None
    work.begins_anew = True
    opened = steps.apply_step(db, work, step)
    _rearm(db, work, step)
    replies.reopen(db, work, opened)
    return work.case


def targets(work: CaseWork) -> list[Node]:
    """Return the steps that a closed case could go back to, in the order it went through them."""
    nodes = work.version.definition.nodes
    return [nodes[target] for target, _step in _ways(work)]


def _ways(work: CaseWork, also: Collection[str] = ()) -> Iterator[tuple[str, bpmn.Step]]:
    """Yield each step that was passed, or is ``also`` asked for, and that the engine can go back
    to, and how.

    Where several tokens were open at the end, no one step stands for what was left undone.
    """
    definition, prior = work.version.definition, work.state.prior
    tokens = bpmn.open_tasks(definition, prior) if prior else ()
    if not prior or len(tokens) != 1:
        return
    context = context_of(work)
    for target in dict.fromkeys([*work.state.passed, tokens[0].node_id, *sorted(also)]):
        node = definition.nodes.get(target)
        opening = node is not None and node.id == work.version.opens.id
        if node is None or node.kind not in MANUAL_KINDS or opening:
            continue
        try:
            yield target, bpmn.move_token(definition, prior, tokens[0].engine_id, target, context)
        except (UnknownTask, CannotMove, EngineFault):
            continue


def reopens(work: CaseWork, target: str) -> bool:
    """Return whether a citizen's answer can take a closed case back to a step that is theirs."""
    return any(found == target for found, _step in _ways(work, (target,)))


def in_time(db: Session, case: Case, works: DeadlineContext, now: datetime) -> bool:
    """Return whether the window in which a closed case is reopened is still open."""
    assert case.closed_at is not None
    return now <= deadline(case.closed_at, move_limits(db).reopen, works.calendar)


def _rearm(db: Session, work: CaseWork, step: bpmn.Step) -> None:
    """Moments that are still to come; what passed while the case was closed fires no more."""
    new = {timer.engine_id for timer in step.timers}
    timers = bpmn.armed_timers(work.version.definition, step.state)
    clocks.arm_timers(
        db,
        work.case,
        [one for one in timers if one.engine_id not in new and one.fire_at > work.now],
    )


def _refusal(db: Session, work: CaseWork) -> DomainError | None:
    case = work.case
    if case.closed_at is None:
        return Conflict(case.id, text=OPEN)
    if not in_time(db, case, work.works, work.now):
        return Conflict(case.id, text=TOO_LATE)
    return None if any(_ways(work)) else Conflict(case.id, text=NOWHERE)


MOVE = MoveRule(
    key="reopen",
    name=Text("重新办理", "Reopen"),
    of="case",
    who=Text(
        "登记单位或辖区上级的负责人、督办员、分派员",
        "leaders, supervisors and dispatchers of the unit that registered it or above its place",
    ),
    when=Text(
        "事项已办结，未过可以重新办理的期限，且有走过的环节可以回到",
        "the case is closed, within the window, and there is a step it went through to go back to",
    ),
    sign=Text("所回环节从现在起重新计算", "the step's own starts now"),
    handle=Text("所回环节从现在起重新计算", "the step's own starts now"),
    citizen=Text(
        "接着走：答复到重新办理之间不计，剩下多少还是多少，至少是所回环节自己的时限",
        "goes on: the time since the answer is not counted, what was left is left, and at least "
        "the step's own limit",
    ),
    refusal=_refusal,
)
