"""Every set of answers that was given in a case, in order; a step done twice stands there twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
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
    """

    node_id: str
    at: datetime
    answers: Mapping[str, Any]
    unit: str = ""
    by: str = ""
    several: bool = False

    @property
    def returned_to(self) -> str | None:
        """The step that this sends a task back to; None for the answers of a form."""
        return self.answers.get("to") if self.node_id.endswith(RETURN) else None


# The columns of a row and those that its payload is bound to.
_KEPT = tuple(VaultRow.__table__.c)


def of_case(db: Session, case: Case) -> list[AnswerSet]:
    """All answers, oldest first; an erased payload is left out."""
    kept = db.execute(
        select(*_KEPT, Unit.name.label("unit"), User.name.label("by"), Task.instance)
        .outerjoin(Task, and_(Task.id == VaultRow.task_id, Task.county_id == VaultRow.county_id))
        .outerjoin(Unit, Unit.id == Task.unit_id)
        .outerjoin(User, User.id == Task.done_by)
        .where(VaultRow.case_id == case.id, VaultRow.county_id == case.county_id)
        .order_by(VaultRow.at, VaultRow.id)
    )
    return [
        AnswerSet(
            row.node_id,
            row.at,
            vault.unseal(row.payload, of_answers(row)),
            row.unit or "",
            row.by or "",
            row.instance is not None,
        )
        for row in kept
        if row.payload is not None
    ]


def newest(given: list[AnswerSet]) -> dict[str, Mapping[str, Any]]:
    """The newest answers of each node, in the order in which the nodes were first answered."""
    return {one.node_id: one.answers for one in given}


def to_mend(given: list[AnswerSet], node_id: str) -> AnswerSet | None:
    """Why a step is open again, if it was sent back and has not been done since."""
    for one in reversed(given):
        if one.node_id == node_id:
            return None
        if one.returned_to == node_id:
            return one
    return None
