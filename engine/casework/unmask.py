"""Showing personal data in clear to somebody whose work needs it, and recording it.

Who holds a case sees its people as a part of the work: that is recorded once a case and person.
Everybody else's look, every look into a confidential case and every paper is recorded each time,
in the chain of the case and in that of the administration.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.errors import NotAllowed, NotFound
from engine.models import Attachment, Case, CaseAccess, Event
from engine.records import audit, source_rows, vault
from engine.roles import with_verb

# Why a unit sees a case that it has worked on.
WORKED = ("opened", "handler", "responsible")
SHOWN = "personal.shown"


def unmask(
    db: Session, actor: Actor, case_id: int, node_id: str, name: str, *, now: datetime
) -> str:
    """Return the answer in clear, after an event that says who asked for which field.

    Of a case that the actor holds the first look says that all of its people may be seen.

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
    if not holds(db, actor, work.case, at_work):
        _record_look(db, work, actor, node_id, name, now)
    elif not _seen_by_holder(db, actor, work.case):
        _record_look(db, work, actor, "*", "*", now, held=True)
    return answer


def people(db: Session, actor: Actor, case_id: int, *, now: datetime) -> bool:
    """Show the actor all people of a case whole, after an event that says who.

    Return whether the case is the actor's own work: then this holds as long as it is, and it is
    recorded once a case and person; else it is for this once. Raises NotFound or NotAllowed.
    """
    work = begin(db, lock_case(db, case_id), actor, "unmask", now=now)
    policy.require(db, actor, "see", work.case)
    at_work = policy.units_at_work(db, work.case)
    if not policy.may_unmask(db, actor, work.case, at_work):
        raise NotAllowed("unmask", case_id)
    own = holds(db, actor, work.case, at_work)
    if not own or not _seen_by_holder(db, actor, work.case):
        more = {"held": True} if own else {}
        _record_look(db, work, actor, "*", "*", now, **more)
    return own


def source_row(db: Session, actor: Actor, case_id: int, *, now: datetime) -> dict[str, str]:
    """Return the row that an imported case came in with, by headings, after an event that says who.

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


def holds(db: Session, actor: Actor, case: Case, at_work: Collection[int] | None = None) -> bool:
    """Return whether a case is the actor's own work; a confidential one's people are nobody's.

    ``at_work`` are the units with an open task of the case, where they are known already.
    """
    if case.confidential:
        return False
    at_work = policy.units_at_work(db, case) if at_work is None else at_work
    return not {case.unit_id, *at_work}.isdisjoint(actor.unit_ids)


def names_people(attachment: Attachment) -> bool:
    """Return whether the system made a paper out of everything that was said, in clear."""
    return bool((attachment.proof or {}).get("document"))


def _seen_by_holder(db: Session, actor: Actor, case: Case) -> bool:
    mine = select(Event.data).where(
        Event.case_id == case.id,
        Event.county_id == case.county_id,
        Event.kind == SHOWN,
        Event.actor_id == actor.user_id,
    )
    return any(json.loads(data).get("held") for data in db.scalars(mine))


def _record_look(
    db: Session,
    work: CaseWork,
    actor: Actor,
    node_id: str,
    name: str,
    now: datetime,
    **more: Any,
) -> None:
    look = confidentiality.looking(db, actor, work.case) if work.case.confidential else None
    if look is not None:
        more["disclosure"] = str(look.id)
    what = {"node": node_id, "field": name, **more}
    _record(db, work, actor, SHOWN, what, now)


def _record(
    db: Session, work: CaseWork, actor: Actor, kind: str, what: Mapping[str, Any], now: datetime
) -> None:
    """In both chains, before the answer: what cannot be put down is not shown."""
    work.record(db, kind, **what)
    audit.record_admin(db, kind, actor.user_id, {"case": work.case.id, **what}, at=now)


def open_document(db: Session, actor: Actor, attachment: Attachment, *, now: datetime) -> None:
    """Hand out a document that names people in clear, after recording who gets it.

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
    _record(db, work, actor, "document.opened", {"attachment": str(attachment.id)}, now)


def _at(answers: Any, path: str) -> Any:
    """Return the answer at a path of names and row numbers, or None."""
    for part in path.split("-"):
        if isinstance(answers, dict):
            answers = answers.get(part)
        elif isinstance(answers, list) and part.isascii() and part.isdigit():
            answers = next(iter(answers[int(part[:6]) :][:1]), None)
        else:
            return None
    return answers
