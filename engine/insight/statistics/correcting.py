"""Facts of a case that are missing or wrong in statistics: said by hand, with the reason.

The answers of the case stay as they were given; what was said here holds for every table that
knows the fact, from the next filling on.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.definitions.statistics import Formula, value_of
from engine.errors import InvalidInput, NotFound
from engine.insight.statistics import rights
from engine.insight.statistics.returns import Subject
from engine.models import Case, FactCorrection, ReturnRow, StatisticReturn, User, new_id
from engine.records import audit
from feel.text import Text

LONGEST_VALUE, LONGEST_REASON = 200, 400


def correct(
    db: Session,
    actor: Actor,
    about: Subject,
    case_id: int,
    key: str,
    value: str,
    reason: str,
    *,
    now: datetime,
) -> FactCorrection:
    """Put down what a fact of a case is.

    Raises NotAllowed, NotFound for an unseen case or fact, or InvalidInput.
    """
    rights.require(rights.may_fill(actor, about.unit), "fill_return", about.unit)
    case, fact = visible_fact(db, actor, about, case_id, key)
    value, reason = value.strip(), reason.strip()
    _require_sense(fact, value, reason)
    row = FactCorrection(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        fact=key,
        value=value[:LONGEST_VALUE],
        reason=reason[:LONGEST_REASON],
        at=now,
        by=actor.user_id,
    )
    db.add(row)
    db.flush()
    data = {"case": str(case.id), "fact": key, "correction": str(row.id)}
    audit.record_admin(db, "fact.corrected", actor.user_id, data, at=now)
    return row


def _require_sense(fact: Formula, value: str, reason: str) -> None:
    wrong: dict[str, Text] = {}
    if not reason:
        wrong["reason"] = Text("请写明依据。", "Say on what ground.")
    try:
        value_of(fact, value[:LONGEST_VALUE])
    except ValueError:
        wrong["value"] = Text("写法有误。", "This is no such value.")
    if wrong:
        raise InvalidInput(wrong)


def visible_fact(
    db: Session, actor: Actor, about: Subject, case_id: int, key: str
) -> tuple[Case, Formula]:
    """Return a case of the draft and one of its facts. Raises NotFound for what the actor may not
    see, and for what the draft does not count.
    """
    case = db.scalar(
        select(Case).where(Case.id == case_id, policy.visible_cases(actor), _in_draft(about))
    )
    fact = about.table.fact(key)
    if case is None or fact is None or case.process != about.table.process or case.confidential:
        raise NotFound(case_id)
    return case, fact


def _in_draft(about: Subject) -> ColumnElement[bool]:
    mine = select(ReturnRow.case_id).join(
        StatisticReturn, StatisticReturn.id == ReturnRow.return_id
    )
    return Case.id.in_(
        mine.where(
            StatisticReturn.statistic == about.table.key,
            StatisticReturn.unit_id == about.unit.id,
            StatisticReturn.period == about.span.key,
            StatisticReturn.state == "draft",
        )
    )


def of_case(db: Session, case_id: int, key: str) -> list[tuple[FactCorrection, str]]:
    """Return what was said of a fact before, and by whom, the newest first."""
    rows = db.execute(
        select(FactCorrection, User.name)
        .join(User, User.id == FactCorrection.by)
        .where(FactCorrection.case_id == case_id, FactCorrection.fact == key)
        .order_by(FactCorrection.at.desc(), FactCorrection.id.desc())
    )
    return [(row, name) for row, name in rows]
