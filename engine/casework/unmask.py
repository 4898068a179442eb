"""Showing personal data in clear to somebody whose work needs it; each time is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.casework.case_work import CaseWork, begin, lock_case
from engine.errors import NotAllowed, NotFound
from engine.models import Attachment, CaseAccess
from engine.records import audit, source_rows, vault
from engine.roles import with_verb

# Why a unit sees a case that it has worked on.
WORKED = ("opened", "handler", "responsible")


def unmask(
    db: Session, actor: Actor, case_id: int, node_id: str, name: str, *, now: datetime
) -> str:
    """The answer in clear, after an event that says who asked for which field.

    ``name`` is the field, inside of a list with its row: ``parties-0-party_phone``. Raises
    NotFound for an unseen case or a missing answer, NotAllowed for a role without need.
    """
    work = begin(db, lock_case(db, case_id), actor, "unmask", now=now)
    policy.require(db, actor, "see", work.case)
    at_work = policy.units_at_work(db, work.case)
    if not policy.may_unmask(db, actor, work.case, at_work):
        raise NotAllowed("unmask", case_id)
    answer = _at(vault.answers_of(db, work.case).get(node_id), name)
    if not isinstance(answer, str):
        raise NotFound(case_id)
    _record_look(db, work, actor, node_id, name, now)
    return answer


def source_row(db: Session, actor: Actor, case_id: int, *, now: datetime) -> dict[str, str]:
    """The row that an imported case came in with, by headings, after an event that says who.

    Raises NotFound for an unseen case or one that did not come from a table, NotAllowed for a
    role without need: a row holds names and phones in clear.
    """
    work = begin(db, lock_case(db, case_id), actor, "unmask", now=now)
    policy.require(db, actor, "see", work.case)
    if not policy.may_unmask(db, actor, work.case, policy.units_at_work(db, work.case)):
        raise NotAllowed("unmask", case_id)
    row = vault.answers_of(db, work.case).get(source_rows.ROW)
    if row is None:
        raise NotFound(case_id)
    _record_look(db, work, actor, source_rows.ROW, "*", now)
    return row


def _record_look(
    db: Session, work: CaseWork, actor: Actor, node_id: str, name: str, now: datetime
) -> None:
    look = confidentiality.looking(db, actor, work.case) if work.case.confidential else None
    by: dict[str, Any] = {} if look is None else {"disclosure": str(look.id)}
    audit.record(
        db, work.case, work.state, "personal.shown", actor, at=now, node=node_id, field=name, **by
    )


def open_document(db: Session, actor: Actor, attachment: Attachment, *, now: datetime) -> None:
    """Let somebody have a document that names people in clear, after an event that says who.

    Units that worked on the case may, and supervisors; of a confidential case those who may know
    its reporter. Raises NotFound or NotAllowed.
    """
    assert attachment.case_id is not None
    work = begin(db, lock_case(db, attachment.case_id), actor, "open_document", now=now)
    policy.require(db, actor, "see", work.case)
    worked = select(CaseAccess.case_id).where(
        CaseAccess.case_id == work.case.id,
        CaseAccess.county_id == work.case.county_id,
        CaseAccess.unit_id.in_(actor.unit_ids),
        CaseAccess.reason.in_(WORKED),
    )
    by_role = bool(actor.roles & with_verb("documents"))
    by_work = by_role or db.scalar(worked.limit(1)) is not None
    if not (confidentiality.knows(db, actor, work.case) if work.case.confidential else by_work):
        raise NotAllowed("open_document", attachment.id)
    audit.record(
        db, work.case, work.state, "document.opened", actor, at=now, attachment=str(attachment.id)
    )


def _at(answers: Any, path: str) -> Any:
    """The answer at a path of names and row numbers, or None."""
    for part in path.split("-"):
        if isinstance(answers, dict):
            answers = answers.get(part)
        elif isinstance(answers, list) and part.isascii() and part.isdigit():
            answers = next(iter(answers[int(part[:6]) :][:1]), None)
        else:
            return None
    return answers
