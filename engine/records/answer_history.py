"""The sets of answers that were given in a case: those that stand, or all of them in order.

A page reads what stands (``standing``) and asks for what was answered again since page by page
(``former``), so that a case that went to and fro for a year costs what any other does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy import case as either
from sqlalchemy.orm import Session

from engine.models import Case, Task, Unit, User, VaultRow
from engine.records import vault
from engine.records.bindings import of_answers

# What a task was sent back for is kept beside its node, under the node's name and this.
RETURN = ":return"


@dataclass(frozen=True)
class AnswerSet:
    """One set of answers: at which node, when, by whom in which unit.

    ``several`` says that the node is done by several units, each of which answers for itself.
    ``times`` is how often the node was answered up to now, by that unit where there are several.
    """

    node_id: str
    at: datetime
    answers: Mapping[str, Any]
    unit: str = ""
    by: str = ""
    several: bool = False
    times: int = 1

    @property
    def is_form(self) -> bool:
        """Whether these are the answers of a step's form, and not what was said around it."""
        return ":" not in self.node_id

    @property
    def returned_to(self) -> str | None:
        """The step that this sends a task back to; None for the answers of a form."""
        return self.answers.get("to") if self.node_id.endswith(RETURN) else None


# What helpers were asked and what they answered is not replaced by what they say next.
BESIDE = (":co_handle", ":co_answer")
# The columns of a row and those that its payload is bound to.
_KEPT = tuple(VaultRow.__table__.c)
# Of several units that answer the same step each has answers of its own.
_WHOSE = (
    VaultRow.node_id,
    either((Task.instance.is_not(None), Task.unit_id), else_=0),
    cast(Task.instance, String),
)


@dataclass(frozen=True)
class _GivenCase:
    """A case that is named when a statement runs."""

    id: BindParameter[int]
    county_id: BindParameter[int]


_GIVEN = _GivenCase(
    bindparam("case_id", type_=BigInteger), bindparam("county_id", type_=BigInteger)
)


@dataclass(frozen=True)
class StepAuthor:
    """Who did a step, in which unit; when, the last time."""

    node_id: str
    unit: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CurrentAnswers:
    """What stands of a case's answers, oldest first, and who gave any of them, newest first."""

    sets: list[AnswerSet]
    doings: list[StepAuthor]

    @property
    def former(self) -> int:
        """How many answers of forms were replaced by others."""
        return sum(one.times - 1 for one in self.sets if one.is_form)


@dataclass(frozen=True)
class FormerAnswers:
    """Answers that were given again since, newest first; ``before`` asks for the next page."""

    sets: list[AnswerSet]
    before: int | None


def of_case(db: Session, case: Case) -> list[AnswerSet]:
    """Return all answers, oldest first; an erased payload is left out."""
    kept = db.execute(_sets(case).order_by(VaultRow.at, VaultRow.id))
    return [_set(row) for row in kept if row.payload is not None]


def standing(db: Session, case: Case) -> CurrentAnswers:
    """Return the newest answers of each step, as many as there are steps and units; one statement.

    Who gave answers that were replaced is told too; what they said is not decrypted.
    """
    given = {"case_id": case.id, "county_id": case.county_id}
    kept = db.execute(_standing_statement(), given).all()
    last, times = {}, Counter[Any]()
    for row in kept:
        whose = (row.whose_0, row.whose_1, row.whose_2)
        last[whose] = row.id
        times[whose] += row.times or 0
    stands = {row_id: times[whose] for whose, row_id in last.items()}
    sets = [
        _set(row, stands.get(row.id, 1))
        for row in kept
        if row.id in stands or row.node_id.endswith(BESIDE)
    ]
    doings = [
        StepAuthor(row.node_id, row.unit, row.by, row.at)
        for row in reversed(kept)
        if row.by and ":" not in row.node_id
    ]
    return CurrentAnswers(sets, doings)


def former(db: Session, case: Case, before: int | None, size: int) -> FormerAnswers:
    """Return one page of the answers of forms that were replaced, the newest first; one statement.

    ``before`` is the id of the last one that was seen.
    """
    stands = _newest(case).subquery()
    asked = _sets(case).where(
        VaultRow.id.not_in(select(stands.c.id)),
        VaultRow.node_id.not_like("%:%"),
        VaultRow.payload.is_not(None),
    )
    if before is not None:
        asked = asked.where(VaultRow.id < before)
    rows = db.execute(asked.order_by(VaultRow.id.desc()).limit(size + 1)).all()
    more = rows[size - 1].id if len(rows) > size else None
    return FormerAnswers([_set(row) for row in rows[:size]], more)


@lru_cache(maxsize=1)
def _standing_statement() -> Select[Any]:
    """Made once, as every page of a case asks it: making it costs more than running it."""
    newest = _newest(_GIVEN, Task.unit_id, Task.done_by).subquery()
    beside = or_(*(VaultRow.node_id.endswith(kind, autoescape=True) for kind in BESIDE))
    return (
        _sets(_GIVEN, newest.c.times, *(one.label(f"whose_{n}") for n, one in enumerate(_WHOSE)))
        .outerjoin(newest, newest.c.id == VaultRow.id)
        .where(or_(newest.c.id.is_not(None), and_(beside, VaultRow.payload.is_not(None))))
        .order_by(VaultRow.at, VaultRow.id)
    )


def _sets(case: Case | _GivenCase, *more: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*_KEPT, Unit.name.label("unit"), User.name.label("by"), Task.instance, *more)
        .outerjoin(Task, and_(Task.id == VaultRow.task_id, Task.county_id == VaultRow.county_id))
        .outerjoin(Unit, Unit.id == Task.unit_id)
        .outerjoin(User, User.id == Task.done_by)
        .where(VaultRow.case_id == case.id, VaultRow.county_id == case.county_id)
    )


def _newest(case: Case | _GivenCase, *each: Any) -> Select[Any]:
    """Return the last row of each step and whoever answers it for itself, and how many there are.

    With ``each`` more finely still. Ids grow, so the last row is the one with the greatest.
    """
    return (
        select(func.max(VaultRow.id).label("id"), func.count().label("times"))
        .outerjoin(Task, and_(Task.id == VaultRow.task_id, Task.county_id == VaultRow.county_id))
        .where(
            VaultRow.case_id == case.id,
            VaultRow.county_id == case.county_id,
            VaultRow.payload.is_not(None),
        )
        .group_by(*_WHOSE, *each)
    )


def _set(row: Any, times: int = 1) -> AnswerSet:
    return AnswerSet(
        row.node_id,
        row.at,
        vault.unseal(row.payload, of_answers(row)),
        row.unit or "",
        row.by or "",
        row.instance is not None,
        times,
    )


def newest(given: list[AnswerSet]) -> dict[str, Mapping[str, Any]]:
    """Return the newest answers of each node, in the order in which the nodes were first
    answered.
    """
    return {one.node_id: one.answers for one in given}


def to_mend(given: list[AnswerSet], node_id: str) -> AnswerSet | None:
    """Return why a step is open again, if it was sent back and has not been done since."""
    for one in reversed(given):
        if one.node_id == node_id:
            return None
        if one.returned_to == node_id:
            return one
    return None
