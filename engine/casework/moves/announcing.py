"""A known event (已知事件): one case stands for what many call about, with words for operators.

Callers are merged into it as they call, and hear of its answer together.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.moves import merging
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule, begin_of_case
from engine.errors import Conflict, DomainError, InvalidInput
from engine.models import Case, KnownEvent, new_id
from feel.text import Text

LONGEST = 500
OVER = Text("已经答复或者办结。", "It was answered or is closed.")
MERGED = Text("已经并入其他事项。", "It is merged into another case.")
GUARDED = Text("保密件不能设为已知事件。", "A confidential case is no known event.")
ALREADY = Text("已经是已知事件。", "It is a known event already.")
IS_NONE = Text("不是已知事件。", "It is no known event.")
EMPTY = Text("请填写对来电人的说明。", "Say what callers are to hear.")
TOO_LONG = Text("不能超过 500 字。", "At most 500 characters.")


def announce(db: Session, actor: Actor, case_id: int, words: str, *, now: datetime) -> KnownEvent:
    """Make a case a known event. Raises NotFound, NotAllowed, Conflict, InvalidInput."""
    work = begin_of_case(db, actor, case_id, ANNOUNCE, now=now)
    said = words.strip()
    if not said:
        raise InvalidInput({"words": EMPTY})
    if len(said) > LONGEST:
        raise InvalidInput({"words": TOO_LONG})
    case = work.case
    row = KnownEvent(id=new_id(), county_id=case.county_id, case_id=case.id, words=said, at=now)
    row.by_id = actor.user_id
    db.add(row)
    work.record(db, "event.announced")
    return row


def end(db: Session, actor: Actor, case_id: int, *, now: datetime) -> KnownEvent:
    """End a known event; who was added stays. Raises NotFound, NotAllowed, Conflict."""
    work = begin_of_case(db, actor, case_id, END, now=now)
    row = running(db, work.case)
    assert row is not None
    row.ended_at, row.ended_by = now, actor.user_id
    work.record(db, "event.ended")
    return row


def running(db: Session, case: Case) -> KnownEvent | None:
    """Return the event that a case stands for now."""
    mine = (KnownEvent.case_id == case.id, KnownEvent.county_id == case.county_id)
    return db.scalar(select(KnownEvent).where(*mine, KnownEvent.ended_at.is_(None)))


def _refuse_announce(db: Session, work: CaseWork) -> DomainError | None:
    case = work.case
    faults = (
        (case.closed_at is not None or case.answered_at is not None, OVER),
        (case.main_id is not None, MERGED),
        (case.guarded, GUARDED),
        (running(db, case) is not None, ALREADY),
    )
    fault = next((text for wrong, text in faults if wrong), None)
    return Conflict(case.id, text=fault) if fault is not None else None


def _refuse_end(db: Session, work: CaseWork) -> DomainError | None:
    return None if running(db, work.case) else Conflict(work.case.id, text=IS_NONE)


ANNOUNCE = MoveRule(
    key="announce",
    name=Text("设为已知事件", "Make a known event"),
    of="case",
    who=merging.WHO,
    when=Text(
        "没有答复、没有并入别件，不是保密件",
        "unanswered, not merged into another case and not confidential",
    ),
    sign=RUNS_ON,
    handle=RUNS_ON,
    citizen=NEVER_STOPS,
    refusal=_refuse_announce,
    seat_of=merging.seat,
)
END = MoveRule(
    key="end_event",
    name=Text("结束已知事件", "End the known event"),
    of="case",
    who=merging.WHO,
    when=Text("是已知事件；答复或者办结以后不再列出", "it is one; once answered it is not listed"),
    sign=RUNS_ON,
    handle=RUNS_ON,
    citizen=NEVER_STOPS,
    refusal=_refuse_end,
    seat_of=merging.seat,
)
