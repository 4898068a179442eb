"""Disclosing a reporter: lifting the confidentiality of a case, or looking once, together.

Both need two people, and leave a trace in the case's chain and in that of administration.
Lifting is for confidential officers above the unit concerned; the reporter is notified. Looking is
for whoever cannot go on without: two who see the case agree, all officers are notified at once,
and one of them reviews it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from engine.access import audience, confidentiality, duties, policy
from engine.access.actors import Actor
from engine.access.audience import CaseReader
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Attachment, Case, Disclosure, Post, new_id
from engine.notices import outbox
from engine.records import attachments, audit, vault
from engine.records.bindings import of_disclosure
from feel.text import Text

LIFT, LOOK = "lift", "look"
# Who may be the second person, besides officers: answers for a unit or an area.
SECONDS = frozenset({"leader", "supervisor"}) | confidentiality.OFFICERS
# Both are there together: an answer of the next day is none.
ANSWERED_WITHIN = timedelta(minutes=30)
SHOWN_FOR = timedelta(hours=1)
LONGEST = 1000

NO_REASON = Text("请填写理由。", "Please give the reason.")
TOO_LONG = Text("理由不能超过 1000 字。", "The reason is at most 1000 characters.")
NO_SECOND = Text(
    "请选择另一名能看到本事项的负责人、督办员或保密专员。",
    "Choose another leader, supervisor or confidential officer who sees this case.",
)
NOT_KEPT = Text("这件事项不是保密件，或者已经解除保密。", "This case is not confidential.")
ASKED_ALREADY = Text("已有一份申请等待决定。", "A request waits for a decision already.")
DECIDED = Text("这份申请已经有了决定。", "This request has been decided already.")
OWN = Text("须由另一人决定，不能自己同意自己的申请。", "Somebody else has to decide.")
ONE_HAND = Text(
    "两人之间，或者两人与同一名管理员之间，30 天内有建号、重置密码或岗位分配关系，须由其他人办理。",
    "Within 30 days one of the two made, reset or appointed the other, or the same administrator "
    "both of them; somebody else has to.",
)
TOO_LATE = Text(
    "申请已经超过 30 分钟，请两人当面重新申请。",
    "The request is older than 30 minutes; please request again.",
)
REVIEWED = Text("已经复核过了。", "It has been reviewed already.")
LIFTED = Text(
    "您反映的事项已按规定解除保密，理由已经记录；有疑问请联系受理单位。",
    "The confidentiality of your report was lifted under the rules, with a reason on record.",
)


def ask_lift(db: Session, actor: Actor, case_id: int, reason: str, *, now: datetime) -> Disclosure:
    """Ask another officer to agree to lifting.

    Raises NotFound, NotAllowed, InvalidInput, Conflict.
    """
    work = _begin(db, actor, case_id, "lift", now)
    if not confidentiality.may_lift(actor, work.case):
        raise NotAllowed(LIFT, case_id)
    row = _ask(db, work, LIFT, reason, None)
    others = (one for one in _officers(db, work) if one.user_id != actor.user_id)
    _notify(db, work, row, "disclosure.asked", (one.user_id for one in others))
    return row


def ask_look(
    db: Session, actor: Actor, case_id: int, second_id: int, reason: str, *, now: datetime
) -> Disclosure:
    """Ask somebody to look together. Raises NotFound, NotAllowed, InvalidInput, Conflict."""
    work = _begin(db, actor, case_id, "look", now)
    # By posts of one's own: a deputy has somebody else's work, and none of their confidence.
    policy.require(db, confidentiality.by_own_posts(actor), "see", work.case)
    if second_id not in {one.user_id for one in seconds(db, actor, work.case)}:
        raise InvalidInput({"second": NO_SECOND})
    if duties.in_one_hand(db, actor.user_id, second_id, now):
        raise InvalidInput({"second": ONE_HAND})
    row = _ask(db, work, LOOK, reason, second_id)
    _notify(db, work, row, "disclosure.asked", [second_id])
    return row


def decide(
    db: Session, actor: Actor, disclosure_id: int, agreed: bool, *, now: datetime
) -> Disclosure:
    """Agree to what somebody else asked for, or refuse it.

    Raises NotFound, NotAllowed, or Conflict for one's own, a decided one and one that is late.
    """
    work, row = _of_request(db, actor, disclosure_id, "disclose", now)
    if row.asked_by == actor.user_id:
        raise Conflict(row.id, text=OWN)
    if not may_decide(actor, work.case, row):
        raise NotAllowed(row.kind, work.case.id)
    if row.outcome is not None:
        raise Conflict(row.id, text=DECIDED)
    if row.kind == LOOK and agreed and now > row.asked_at + ANSWERED_WITHIN:
        raise Conflict(row.id, text=TOO_LATE)
    if row.kind == LOOK and agreed and duties.in_one_hand(db, row.asked_by, actor.user_id, now):
        raise duties.NotIndependent(row.id, text=ONE_HAND)
    row.decided_by, row.decided_at = actor.user_id, now
    row.outcome = _OUTCOMES[row.kind] if agreed else "refused"
    if row.outcome == "shown":
        row.until_at = now + SHOWN_FOR
    db.flush()
    _record(db, work, row, "decided", outcome=row.outcome)
    if row.outcome == "lifted":
        _lift(db, work, row)
    elif row.outcome == "shown":
        officers = (one.user_id for one in _officers(db, work))
        _notify(db, work, row, "disclosure.shown", officers)
    _notify(db, work, row, "disclosure.decided", [row.asked_by])
    return row


def review(
    db: Session, actor: Actor, disclosure_id: int, justified: bool, *, now: datetime
) -> Disclosure:
    """Judge afterwards whether looking was right, as an officer who had no part in it.

    Raises NotFound, NotAllowed, or Conflict for what was not shown or is reviewed.
    """
    work, row = _of_request(db, actor, disclosure_id, "review", now)
    if not may_review(actor, work.case, row):
        raise NotAllowed("review", work.case.id)
    if row.outcome != "shown" or row.reviewed_by is not None:
        raise Conflict(row.id, text=REVIEWED)
    row.reviewed_by, row.reviewed_at, row.justified = actor.user_id, now, justified
    _record(db, work, row, "reviewed", justified=justified)
    return row


def release_file(db: Session, actor: Actor, attachment_id: int, *, now: datetime) -> Attachment:
    """Release a file of the reporter to the handlers, without its name and claims.

    Raises NotFound, or NotAllowed for who may not know the reporter.
    """
    of_file = select(Attachment.case_id).where(Attachment.id == attachment_id).scalar_subquery()
    work = begin(db, lock_case(db, of_file), actor, "release_file", now=now)
    policy.require(db, actor, "see", work.case)
    if not confidentiality.knows_by_post(actor, work.case):
        raise NotAllowed("release_file", attachment_id)
    row = db.get_one(Attachment, attachment_id, populate_existing=True)
    if row.sealed:
        attachments.release(row)
        work.record(db, "file.released", attachment=str(row.id))
        told = {"case": str(work.case.id), "attachment": str(row.id)}
        audit.record_admin(db, "disclosure.released", actor.user_id, told, at=now)
    return row


def may_decide(actor: Actor, case: Case, row: Disclosure) -> bool:
    """Return whether the actor may answer a request: the second person, or another officer
    above.
    """
    if row.kind == LOOK:
        return row.second_id == actor.user_id
    return row.asked_by != actor.user_id and confidentiality.may_lift(actor, case)


def may_review(actor: Actor, case: Case, row: Disclosure) -> bool:
    """Return whether the actor may review: an officer of the case who had no part in looking."""
    mine = actor.user_id in (row.asked_by, row.decided_by)
    return not mine and confidentiality.is_officer_of(actor, case)


def seconds(db: Session, actor: Actor, case: Case) -> list[CaseReader]:
    """Return who could look at a case together with the actor."""
    readers = audience.of_case(db, case, actor.at)
    others = [one for one in readers if one.user_id != actor.user_id]
    held = select(Post.user_id).where(
        Post.user_id.in_([one.user_id for one in others]),
        Post.role.in_(SECONDS),
        Post.from_at <= actor.at,
        or_(Post.until_at.is_(None), Post.until_at > actor.at),
    )
    own = set(db.scalars(held))
    return [one for one in others if one.user_id in own]


def of_case(db: Session, case: Case) -> list[Disclosure]:
    """Return all requests of a case, the newest first."""
    mine = _whole().where(Disclosure.case_id == case.id, Disclosure.county_id == case.county_id)
    return list(db.scalars(mine.order_by(Disclosure.id.desc())))


def waiting(db: Session, actor: Actor) -> list[Disclosure]:
    """Return what the actor could decide or review now, the oldest first."""
    undone = Disclosure.outcome.is_(None) | (
        (Disclosure.outcome == "shown") & Disclosure.reviewed_by.is_(None)
    )
    rows = db.scalars(
        _whole()
        .join(Case, (Case.id == Disclosure.case_id) & (Case.county_id == Disclosure.county_id))
        .where(undone, policy.visible_cases(actor))
        .order_by(Disclosure.id)
    )
    return [row for row in rows if _is_mine(actor, row)]


def reason_of(actor: Actor, case: Case, row: Disclosure) -> str:
    """Return the reason, for who decides about it: it may tell who reported. Empty for others."""
    concerned = actor.user_id in (row.asked_by, row.second_id, row.decided_by)
    if not concerned and not confidentiality.is_officer_of(actor, case):
        return ""
    return str(vault.unseal(row.reason, of_disclosure(row)))


def _is_mine(actor: Actor, row: Disclosure) -> bool:
    if row.outcome is None:
        return may_decide(actor, row.case, row)
    return may_review(actor, row.case, row)


def _whole() -> Select[tuple[Disclosure]]:
    people = (Disclosure.asker, Disclosure.second, Disclosure.decider, Disclosure.reviewer)
    return select(Disclosure).options(*map(joinedload, people), joinedload(Disclosure.case))


def _begin(db: Session, actor: Actor, case_id: int, verb: str, now: datetime) -> CaseWork:
    work = begin(db, lock_case(db, case_id), actor, verb, now=now)
    policy.require(db, actor, "see", work.case)
    if not work.case.confidential:
        raise Conflict(case_id, text=NOT_KEPT)
    return work


def _of_request(
    db: Session, actor: Actor, disclosure_id: int, verb: str, now: datetime
) -> tuple[CaseWork, Disclosure]:
    of_case = select(Disclosure.case_id).where(Disclosure.id == disclosure_id).scalar_subquery()
    work = begin(db, lock_case(db, of_case), actor, verb, now=now)
    policy.require(db, actor, "see", work.case)
    row = db.get(Disclosure, disclosure_id, populate_existing=True)
    if row is None:
        raise NotFound(disclosure_id)
    return work, row


def _ask(db: Session, work: CaseWork, kind: str, reason: str, second: int | None) -> Disclosure:
    told = reason.strip()
    if not told or len(told) > LONGEST:
        raise InvalidInput({"reason": TOO_LONG if told else NO_REASON})
    assert work.actor is not None
    _give_up(db, work, kind)
    row = Disclosure(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        kind=kind,
        asked_by=work.actor.user_id,
        asked_at=work.now,
        second_id=second,
    )
    row.reason = vault.seal(told, of_disclosure(row))
    db.add(row)
    db.flush()
    _record(db, work, row, "asked", second=second)
    return row


def _give_up(db: Session, work: CaseWork, kind: str) -> None:
    """An unanswered look of long ago makes room; anything else that waits refuses a second."""
    mine = (Disclosure.case_id == work.case.id, Disclosure.kind == kind)
    row = db.scalar(select(Disclosure).where(*mine, Disclosure.outcome.is_(None)))
    if row is None:
        return
    if kind == LIFT or work.now <= row.asked_at + ANSWERED_WITHIN:
        raise Conflict(work.case.id, text=ASKED_ALREADY)
    row.outcome, row.decided_by, row.decided_at = "refused", row.second_id, work.now
    db.flush()


def _lift(db: Session, work: CaseWork, row: Disclosure) -> None:
    kept = work.case.confidentiality
    assert kept is not None
    kept.lifted_id, kept.lifted_as = row.id, "lifted"
    outbox.put(
        db,
        work.case,
        "citizen.tell",
        cause=f"lifted:{row.id}",
        now=work.now,
        user_id=work.case.opened_by,
        unit_id=None if work.case.opened_by else work.case.unit_id,
        role=None if work.case.opened_by else "operator",
        text=LIFTED.zh,
        text_en=LIFTED.en,
    )


def _record(db: Session, work: CaseWork, row: Disclosure, what: str, **data: Any) -> None:
    """In the chain of the case, and where auditors of the whole administration look."""
    told: dict[str, Any] = {"disclosure": str(row.id), "what": row.kind, **data}
    work.record(db, f"disclosure.{what}", **told)
    actor_id = work.actor.user_id if work.actor else None
    about = {**told, "case": str(work.case.id)}
    audit.record_admin(db, f"disclosure.{what}", actor_id, about, at=work.now)


def _officers(db: Session, work: CaseWork) -> Sequence[CaseReader]:
    """Return the officers of a case; its leaders where nobody is one."""
    readers = audience.of_case(db, work.case, work.now)
    officers = [one for one in readers if one.role in confidentiality.OFFICERS]
    return officers or [one for one in readers if one.role == "leader"]


def _notify(db: Session, work: CaseWork, row: Disclosure, key: str, ids: Iterable[int]) -> None:
    for user_id in sorted(set(ids)):
        cause = f"{key}:{row.id}:{user_id}"
        outbox.put(db, work.case, key, cause=cause, now=work.now, user_id=user_id)


_OUTCOMES = {LIFT: "lifted", LOOK: "shown"}
