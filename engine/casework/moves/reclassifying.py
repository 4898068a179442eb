"""Re-triage (重新定性): category, risk or priority of a case change in mid-course.

The decision that gave the limit is asked again with what is now said; every open clock follows
from when it started, so that nothing that has elapsed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from engine import bpmn
from engine.access import confidentiality
from engine.access.actors import Actor
from engine.bpmn.errors import EngineFault
from engine.casework import protection, recalculation
from engine.casework.case_work import CaseWork, context_of
from engine.casework.moves.rules import NEVER_STOPS, MoveRule, begin_of_case, keep_reason
from engine.errors import Conflict, DomainError, Incident, InvalidInput
from engine.models import Case
from feel.text import Text

COLUMNS = ("category", "risk", "priority")
LIMIT = ("limit_amount", "limit_unit", "promise")
LONGEST = {"category": 64, "risk": 16, "priority": 16}
CLOSED = Text("事项已经办结。", "The case is closed.")
AS_IT_IS = Text("与现在的一样。", "That is how it stands already.")
TOO_LONG = Text("内容太长。", "That is too long.")


def reclassify(
    db: Session,
    actor: Actor,
    case_id: int,
    values: Mapping[str, str],
    reason: str,
    *,
    now: datetime,
) -> Case:
    """Change what a case is: any of category, risk and priority, with a reason.

    Raises NotFound, NotAllowed, InvalidInput, Conflict when it is closed or nothing would change.
    """
    work = begin_of_case(db, actor, case_id, MOVE, now=now)
    case = work.case
    before = work.before
    changed = {
        column: value.strip()
        for column, value in values.items()
        if column in COLUMNS and value.strip() and value.strip() != before[column]
    }
    _check(case, changed)
    receipt = keep_reason(db, work, MOVE, reason)
    for column, value in changed.items():
        setattr(case, column, value)
    _decide_limit(work, changed)
    decided = {key: getattr(case, key) for key in LIMIT if getattr(case, key) != before[key]}
    was = {column: before[column] for column in changed}
    told = {**changed, **decided, "was": was, "receipt": receipt}
    work.record(db, "case.reclassified", **told)
    if case.category == confidentiality.REPORT:
        protection.protect(db, work)
    recalculation.recalculate_changed(db, work)
    return case


def _check(case: Case, changed: Mapping[str, str]) -> None:
    for column, value in changed.items():
        if len(value) > LONGEST[column]:
            raise InvalidInput({column: TOO_LONG})
    if not changed:
        raise Conflict(case.id, text=AS_IT_IS)


def _decide_limit(work: CaseWork, changed: Mapping[str, str]) -> None:
    """Ask the case's own limit decision again; what is said by hand stays as it was said."""
    said = _as_variables(work, changed)
    try:
        context = bpmn.decide_limit(
            work.version.definition, work.state.state, work.state.passed, said, context_of(work)
        )
    except EngineFault as fault:
        raise Incident(work.case.id, fault.node_id or "", fault.text) from fault
    case = work.case
    case.limit_amount, case.limit_unit = context.limit, context.limit_unit
    if context.promise is not None and context.promise_unit is not None:
        case.promise = [context.promise, context.promise_unit]
    if context.limit_by is not None and context.limit_by != case.limit_by:
        case.limit_by = {**context.limit_by, "version": work.version.number}


def _as_variables(work: CaseWork, changed: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that filled the columns, by the names under which the diagram knows
    them.
    """
    names: dict[str, str] = {}
    for form in work.version.forms.values():
        for column, name in form.sets.items():
            if column in changed:
                names[name] = changed[column]
    return names


def _refusal(_db: Session, work: CaseWork) -> DomainError | None:
    return None if work.case.closed_at is None else Conflict(work.case.id, text=CLOSED)


MOVE = MoveRule(
    key="reclassify",
    name=Text("重新定性", "Reclassify"),
    of="case",
    who=Text(
        "登记单位或辖区上级的负责人、督办员、分派员",
        "leaders, supervisors and dispatchers of the unit that registered it or above its place",
    ),
    when=Text("事项没有办结，且类别、风险或紧急程度有变", "the case is open and something changes"),
    sign=Text("照常计算", "runs on"),
    handle=Text(
        "按新的时限从开始办理时起重新计算；已经用完的，到改变之时为止",
        "recalculated from its start by the new limit; one that is used up ends at the change",
    ),
    citizen=NEVER_STOPS,
    refusal=_refusal,
)
