"""Calling a unit to answer, as moves: a supervision notice on a task, a centre's call on a case."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.casework import demands
from engine.casework.case_work import CaseWork
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule
from engine.errors import Conflict, DomainError
from feel.text import Text

NOBODY = Text("您的辖区内没有可以呼叫的单位。", "There is no unit in your area to call.")


def _refuse_notice(_db: Session, work: CaseWork) -> DomainError | None:
    return demands.refusal(work)


def _refuse_call(db: Session, work: CaseWork) -> DomainError | None:
    fault = demands.refusal(work)
    if fault is None and not demands.callable_units(db, work):
        return Conflict(work.case.id, text=NOBODY)
    return fault


SUPERVISE = MoveRule(
    key="supervise",
    name=Text("发督办单", "Supervision order"),
    of="task",
    who=Text(
        "本单位或辖区上级的负责人、督办员",
        "leaders and supervisors of the unit or above it",
    ),
    when=Text(
        "环节未办结；同一单位对同一承办单位就同一环节同时只有一份",
        "the task is open; one open order per issuing unit",
    ),
    sign=RUNS_ON,
    handle=Text(
        "照常计算；督办单另有自己的答复期限", "keeps running; the order has its own deadline"
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_notice,
)
CALL = MoveRule(
    key="call",
    name=Text("中心呼", "Centre call"),
    of="case",
    who=Text(
        "登记单位或辖区上级的负责人、督办员、分派员",
        "leaders, supervisors and dispatchers of the unit that registered it or above its place",
    ),
    when=Text(
        "事项没有办结，且辖区内有可以呼叫的单位", "the case is open and somebody can be called"
    ),
    sign=RUNS_ON,
    handle=Text(
        "照常计算；被呼叫单位有自己的答复期限", "runs on; the called unit has a clock of its own"
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_call,
)
