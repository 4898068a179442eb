"""Comments (留言) on a case, and internal notes (内部备注) that only the author's unit reads.

The words are encrypted; the chain holds their digest. People who are named are notified, if they
may see the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from engine.access import audience, policy
from engine.access.actors import Actor
from engine.access.audience import CaseReader
from engine.casework.case_work import CaseWork
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule, begin_of_case
from engine.errors import Conflict, DomainError, InvalidInput
from engine.models import Case, Remark, new_id
from engine.notices import outbox
from engine.records import vault
from engine.records.bindings import of_remark
from feel.text import Text

LONGEST = 4000
EMPTY = Text("请填写内容。", "Write something first.")
TOO_LONG = Text("内容不能超过 4000 字。", "At most 4000 characters.")
TWICE = Text("这条留言已经发出。", "This comment has been posted already.")
NOT_YOURS = Text("您在该单位没有岗位。", "You have no post in that unit.")


@dataclass(frozen=True)
class RemarkText:
    """A remark in clear, for whoever may read it; ``unit`` names whose internal note it is."""

    id: int
    author: str
    at: datetime
    text: str
    unit: str | None


def comment(
    db: Session,
    actor: Actor,
    case_id: int,
    text: str,
    *,
    now: datetime,
    internal_to: int | None = None,
) -> list[CaseReader]:
    """Comment on a case; ``internal_to`` is the author's unit if that alone may read it.

    Returns who is named in it as ``@name``, may read it and is notified. Raises NotFound,
    InvalidInput for no words, another's unit or a name that several people share, Conflict for the
    same words again.
    """
    work = begin_of_case(db, actor, case_id, MOVE, now=now)
    words = _words(text)
    if internal_to is not None and internal_to not in actor.unit_ids:
        raise InvalidInput({"internal_to": NOT_YOURS})
    digest = vault.digest({"text": words, "unit": internal_to})
    if _last_digest(db, work, actor) == digest:
        raise Conflict(case_id, text=TWICE)
    told = _mentioned(db, work, actor, words, internal_to)
    row = _keep(db, work, actor, words, digest, internal_to)
    kind = "case.noted" if internal_to else "case.commented"
    work.record(db, kind, receipt=digest, named=sorted(one.user_id for one in told))
    for one in told:
        cause = f"named:{row.id}:{one.user_id}"
        outbox.put(db, work.case, "case.mentioned", cause=cause, now=now, user_id=one.user_id)
    return told


def of_case(db: Session, actor: Actor, case: Case) -> list[RemarkText]:
    """Return what was said about a case, oldest first, without the notes of other units.

    Raises NotFound for a case that the actor may not see.
    """
    policy.require(db, actor, "see", case)
    rows = db.scalars(
        select(Remark)
        .where(readable(actor, case))
        .options(joinedload(Remark.author), joinedload(Remark.unit))
        .order_by(Remark.id)
    )
    return [
        RemarkText(
            row.id,
            row.author.name,
            row.at,
            str(vault.unseal(row.payload, of_remark(row))),
            row.unit.name if row.unit else None,
        )
        for row in rows
    ]


def readable(actor: Actor, case: Case) -> ColumnElement[bool]:
    """Return the condition on the remarks of a visible case: without the notes of units not one's
    own.
    """
    return and_(
        Remark.case_id == case.id,
        Remark.county_id == case.county_id,
        or_(Remark.unit_id.is_(None), Remark.unit_id.in_(actor.unit_ids)),
    )


def _keep(
    db: Session, work: CaseWork, actor: Actor, words: str, digest: str, unit_id: int | None
) -> Remark:
    row = Remark(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        author_id=actor.user_id,
        unit_id=unit_id,
        digest=digest,
        at=work.now,
    )
    row.payload = vault.seal(words, of_remark(row))
    db.add(row)
    return row


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise InvalidInput({"text": EMPTY})
    if len(words) > LONGEST:
        raise InvalidInput({"text": TOO_LONG})
    return words


def _last_digest(db: Session, work: CaseWork, actor: Actor) -> str | None:
    return db.scalar(
        select(Remark.digest)
        .where(Remark.case_id == work.case.id, Remark.author_id == actor.user_id)
        .order_by(Remark.id.desc())
        .limit(1)
    )


def _mentioned(
    db: Session, work: CaseWork, actor: Actor, words: str, internal_to: int | None
) -> list[CaseReader]:
    """Return the people whom the words name and who may read them; no others are notified."""
    if audience.SIGN not in words:
        return []
    readers = audience.inside(audience.of_case(db, work.case, work.now), internal_to)
    return [
        one for one in audience.mentioned_readers(words, readers) if one.user_id != actor.user_id
    ]


def _refusal(_db: Session, _work: CaseWork) -> DomainError | None:
    return None


MOVE = MoveRule(
    key="comment",
    name=Text("留言", "Comment"),
    of="case",
    who=Text(
        "看得到事项的人；内部备注只给自己单位看",
        "whoever may see the case; an internal note is for one's own unit alone",
    ),
    when=Text("任何时候，办结以后也可以", "at any time, also after the case is closed"),
    sign=RUNS_ON,
    handle=RUNS_ON,
    citizen=NEVER_STOPS,
    refusal=_refusal,
)
