"""From a draft to a version: submitted, talked over, published by a second person.

Nobody who wrote a draft approves it. What is published is exactly the revision that was
looked at, and it must have passed the check and its scenarios.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.access import duties, policy
from engine.access.actors import Actor
from engine.casework import background_recalculations
from engine.definitions import rollouts, versions
from engine.definitions.escalation_table import ESCALATION
from engine.definitions.versions import PUBLISHING, ReleaseTerms
from engine.drafting import announcements, drafts
from engine.drafting.drafts import NotEditable
from engine.drafting.prepublish_check import DraftProof
from engine.drafting.revision_check import SeenRevision
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import DraftFile, DraftRemark, ProcessDraft, Unit, User, Version, new_id
from engine.org.reach import Reach, reach_of
from engine.records import audit
from engine.roles import EDITOR, PUBLISHER
from engine.settings import current
from engine.storage.db import one_at_a_time
from feel.text import Text

LONGEST_REASON = 400
_NOTHING = Text(
    "内容和最近发布的版本完全一样，没有要审批的。", "Nothing differs from the newest version."
)
_OUTSIDE = Text("请选择您辖区内的区域单位。", "Choose areas within your own.")
LONGEST_REMARK = 2000


class DraftNotProven(Conflict):
    """The draft has errors or a failing scenario, or was changed since it was looked at."""

    text = Text(
        "草稿未通过检查和测试用例，或刚被修改，请重新核对。",
        "The draft has not passed its check and scenarios, or was changed; look at it again.",
    )


class DraftOvertaken(Conflict):
    """Another version was published since the draft was begun; the difference shows it."""

    text = Text(
        "草稿建立之后，这个流程又发布过新版本。请核对下面的差异，确认不会冲掉他人的修改后再发布。",
        "A newer version was published since this draft was begun. Look through the difference "
        "and confirm that it undoes nobody's change.",
    )


class SamePerson(NotAllowed):
    """Who wrote a draft does not approve it."""

    text = Text(
        "起草、修改或送审过这份草稿的人不能批准它，须由另一名流程发布人员批准。",
        "Who began, changed or submitted a draft cannot approve it; a second person does.",
    )


@dataclass(frozen=True)
class ReviewRemark:
    """A comment or a step of the review, with its author's name."""

    row: DraftRemark
    author: str


@dataclass(frozen=True)
class PublicationDecision:
    """How a draft is published: from when, where, and that a newer version was looked at.

    ``rearm`` is for the escalation table: whether clocks that run already go by it, too.
    """

    from_at: datetime | None = None
    units: Collection[int] = ()
    over_newer: bool = False
    rearm: bool = False


def submit(
    db: Session, actor: Actor, draft_id: int, proof: DraftProof, reason: str, *, now: datetime
) -> ProcessDraft:
    """Hand a draft to the publishers. Raises InvalidInput, NotEditable, DraftNotProven."""
    draft = drafts.lock(db, actor, draft_id)
    drafts.require(db, actor, draft, EDITOR)
    if draft.stage != "editing":
        raise NotEditable(draft.id)
    reason = reason.strip()
    if not reason:
        raise InvalidInput({"reason": Text("请写明修改的原因。", "Say why it is changed.")})
    _require_proof(db, draft, proof)
    latest = versions.latest(db, draft.process)
    if latest is not None and latest.digest == proof.digest:
        raise InvalidInput({"": _NOTHING})
    draft.stage, draft.reason = "review", reason[:LONGEST_REASON]
    draft.submitted_by, draft.submitted_at = actor.user_id, now
    handed_in = _remark(db, draft, actor, "submitted", draft.reason, now)
    _record(db, "draft.submitted", draft, actor, now)
    # Whoever wrote in it cannot approve it, so is not asked to.
    announcements.to_role(
        db,
        draft,
        "draft.submitted",
        PUBLISHER,
        but={*drafts.editors(db, draft), actor.user_id},
        cause=str(handed_in.id),
        now=now,
    )
    return draft


def send_back(
    db: Session, actor: Actor, draft_id: int, body: str, *, now: datetime
) -> ProcessDraft:
    """Give a draft back to be changed: by a publisher with a word why, or taken back."""
    draft = drafts.lock(db, actor, draft_id)
    if draft.stage != "review":
        raise NotEditable(draft.id)
    if actor.user_id not in drafts.editors(db, draft) and not body.strip():
        raise InvalidInput({"body": Text("请写明要修改什么。", "Say what is to be changed.")})
    remark = _remark(db, draft, actor, "sent_back", body.strip(), now)
    _tell_its_people(db, draft, actor, remark, now)
    draft.stage = "editing"
    draft.submitted_by = draft.submitted_at = None
    _record(db, "draft.sent_back", draft, actor, now)
    return draft


def comment(
    db: Session, actor: Actor, draft_id: int, body: str, *, element: str = "", now: datetime
) -> DraftRemark:
    """Comment on a draft or on one of its elements. Raises InvalidInput for an empty comment."""
    draft = drafts.visible(db, actor, draft_id)
    if not body.strip():
        raise InvalidInput({"body": Text("请写点什么。", "Write something.")})
    remark = _remark(db, draft, actor, "comment", body.strip(), now, element[:120] or None)
    _tell_its_people(db, draft, actor, remark, now)
    return remark


def publish(
    db: Session,
    actor: Actor,
    draft_id: int,
    proof: DraftProof,
    seen: SeenRevision,
    decision: PublicationDecision = PublicationDecision(),
    *,
    now: datetime,
) -> Version:
    """Approve a draft and publish it, from a date on, everywhere or in some units first.

    ``seen`` is what the publisher looked at: nothing else is published.
    Raises NotAllowed, SamePerson, NotEditable, ChangedSince, DraftNotProven, DraftOvertaken or
    InvalidInput.
    """
    draft = drafts.lock(db, actor, draft_id)
    drafts.require(db, actor, draft, PUBLISHER)
    if draft.stage != "review":
        raise NotEditable(draft.id)
    _require_second(db, actor, {*drafts.editors(db, draft), draft.submitted_by}, draft.id, now)
    files = _require_proof(db, draft, proof, seen)
    latest = versions.latest(db, draft.process)
    _refuse_overtaken(draft, latest, seen, decision)
    terms = ReleaseTerms(
        origin="browser",
        author_id=draft.submitted_by,
        publisher_id=actor.user_id,
        reason=draft.reason,
        base_id=latest.id if latest is not None else None,
        from_at=_from(decision, now),
        units=_areas(db, actor, draft.process, decision.units),
    )
    version = versions.publish(db, draft.process, files, now=now, terms=terms)
    draft.stage, draft.ended_at = "published", now
    draft.approver_id, draft.version_id = actor.user_id, version.id
    remark = _remark(db, draft, actor, "published", draft.reason, now)
    _tell_its_people(db, draft, actor, remark, now)
    _rearm(db, actor, version, decision, version.effective_at)
    return version


def _refuse_overtaken(
    draft: ProcessDraft, latest: Version | None, seen: SeenRevision, decision: PublicationDecision
) -> None:
    """Refuse where another version came between and its difference was not looked at."""
    if latest is None:
        return
    unseen = latest.id != seen.compared_id
    if unseen or (latest.id != draft.base_id and not decision.over_newer):
        raise DraftOvertaken(draft.id, latest.number)


def use_again(
    db: Session,
    actor: Actor,
    version_id: int,
    decision: PublicationDecision,
    reason: str,
    *,
    now: datetime,
) -> Version:
    """Use a published version for new cases: an older one again, or a tried one for more units.

    Raises NotFound, NotAllowed, SamePerson for its author, or InvalidInput.
    """
    version = db.get(Version, version_id)
    if version is None:
        raise NotFound(version_id)
    policy.require_role(actor, PUBLISHER)
    _require_second(db, actor, {version.author_id}, version_id, now)
    if not reason.strip():
        raise InvalidInput({"reason": Text("请写明原因。", "Say why.")})
    units, from_at = _areas(db, actor, version.process, decision.units), _from(decision, now)
    # A deployment from disk waits, or is seen.
    one_at_a_time(db, PUBLISHING)
    rollouts.start(
        db,
        version,
        from_at=from_at,
        units=units,
        decided_by=actor.user_id,
        reason=reason.strip()[:LONGEST_REASON],
        now=now,
    )
    data = {"process": version.process, "number": version.number, "units": sorted(units)}
    audit.record_admin(db, "version.rolled_out", actor.user_id, data, at=now)
    _rearm(db, actor, version, decision, from_at)
    return version


def _rearm(
    db: Session, actor: Actor, version: Version, decision: PublicationDecision, from_at: datetime
) -> None:
    """Open clocks go by the table as of the moment from which it is in force."""
    if decision.rearm and version.process == ESCALATION:
        background_recalculations.rearm_open(db, actor.user_id, now=from_at)


def awaiting(db: Session, actor: Actor) -> frozenset[int]:
    """Return the drafts that wait for a decision which the actor may take; at most one
    statement.
    """
    if PUBLISHER not in actor.roles:
        return frozenset()
    mine = select(DraftFile.draft_id).where(
        DraftFile.draft_id == ProcessDraft.id, DraftFile.saved_by == actor.user_id
    )
    waiting = select(ProcessDraft.id).where(
        ProcessDraft.stage == "review",
        drafts.within(actor, {PUBLISHER}),
        ProcessDraft.author_id != actor.user_id,
        or_(ProcessDraft.submitted_by.is_(None), ProcessDraft.submitted_by != actor.user_id),
        ~mine.exists(),
    )
    return frozenset(db.scalars(waiting))


def remarks(db: Session, draft_id: int) -> list[ReviewRemark]:
    """Return what was said about a draft, oldest first."""
    rows = db.execute(
        select(DraftRemark, User.name)
        .join(User, User.id == DraftRemark.author_id)
        .where(DraftRemark.draft_id == draft_id)
        .order_by(DraftRemark.id)
    )
    return [ReviewRemark(row, name) for row, name in rows]


def _require_proof(
    db: Session, draft: ProcessDraft, proof: DraftProof, seen: SeenRevision | None = None
) -> dict[str, bytes]:
    """Return the files that were proven, and seen where somebody decides. Raises DraftNotProven."""
    files = drafts.files_of(db, draft)
    if seen is not None:
        seen.require(db, draft, files)
    if not proof.ok or proof.digest != versions.digest_of(files):
        raise DraftNotProven(draft.id, draft.revision)
    return files


def _from(decision: PublicationDecision, now: datetime) -> datetime:
    if decision.from_at is None:
        return now
    if decision.from_at < now:
        past = Text("启用时间不能早于现在。", "It cannot begin in the past.")
        raise InvalidInput({"from": past})
    return decision.from_at


def _require_second(
    db: Session, actor: Actor, editors: Collection[int | None], subject: int, now: datetime
) -> None:
    """Raise SamePerson for an author or an author's deputy, NotIndependent for who depends on
    one.
    """
    deciding = duties.behind(actor, [seat for seat in actor.seats if seat.role == PUBLISHER])
    written = {user for user in editors if user is not None}
    if deciding & written:
        raise SamePerson(subject)
    if written and duties.tied(db, deciding, written, now):
        raise duties.NotIndependent(subject)


def _areas(db: Session, actor: Actor, process: str, units: Collection[int]) -> list[int]:
    """Return the units that a version is limited to: areas within the publisher's own.

    Without a choice the publisher's whole area; empty where no area is left outside of it. The
    escalation table is in force everywhere, so that only such a publisher changes it.
    """
    reach = reach_of(actor, {PUBLISHER})
    areas = (Unit.kind == "area", Unit.ended_at.is_(None))
    top = select(Unit.id).where(*areas, Unit.level == current().levels[0])
    outside = db.scalar(top.where(~reach.inside()).limit(1)) is not None
    if process in versions.TABLES and (units or outside):
        text = Text("升级表只能全县启用。", "The escalation table is in force everywhere.")
        raise InvalidInput({"units": text})
    if not units:
        return _whole(db, reach) if outside else []
    query = select(Unit.id).where(Unit.id.in_(units), Unit.kind == "area", reach.inside())
    found = list(db.scalars(query))
    if len(found) != len(set(units)):
        raise InvalidInput({"units": _OUTSIDE})
    return found


def _whole(db: Session, reach: Reach) -> list[int]:
    """Return the areas that make up a reach, never none: that would be everywhere. Raises
    InvalidInput.
    """
    found = {unit_id for _column, unit_id in reach.areas}
    if reach.roots:
        # Above the stamped levels a version is used by city, or by county where there is none.
        uppermost = or_(Unit.level == "city", and_(Unit.level == "county", Unit.at_city.is_(None)))
        query = select(Unit.id).where(Unit.kind == "area", uppermost, reach.inside())
        found |= set(db.scalars(query))
    if not found:
        raise InvalidInput({"units": _OUTSIDE})
    return sorted(found)


def _remark(
    db: Session,
    draft: ProcessDraft,
    actor: Actor,
    kind: str,
    body: str,
    now: datetime,
    element: str | None = None,
) -> DraftRemark:
    row = DraftRemark(
        id=new_id(),
        draft_id=draft.id,
        kind=kind,
        revision=draft.revision,
        author_id=actor.user_id,
        at=now,
        element=element,
        body=body[:LONGEST_REMARK],
    )
    db.add(row)
    return row


def _tell_its_people(
    db: Session, draft: ProcessDraft, actor: Actor, remark: DraftRemark, now: datetime
) -> None:
    """Those who drew, handed in or talked over a draft hear what another did about it."""
    said = select(DraftRemark.author_id).where(DraftRemark.draft_id == draft.id).distinct()
    people = {*drafts.editors(db, draft), *db.scalars(said), draft.submitted_by}
    named = {one for one in people if one is not None and one != actor.user_id}
    key = f"draft.{remark.kind}"
    announcements.to_people(db, draft, key, named, cause=str(remark.id), now=now)


def _record(db: Session, kind: str, draft: ProcessDraft, actor: Actor, now: datetime) -> None:
    data = {"draft": draft.id, "process": draft.process, "revision": draft.revision}
    audit.record_admin(db, kind, actor.user_id, data, at=now)
