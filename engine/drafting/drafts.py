"""Drafts of definitions: begun, saved by revision, shared by two people, discarded.

A save names the revision that it was made from; where somebody else was faster it is refused,
and what it carried is still in the page. Every revision stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload

from engine.access import policy
from engine.access.actors import Actor
from engine.definitions import versions
from engine.drafting import announcements, starters
from engine.drafting.screening import KEY, MOST_FILES, belongs
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import DraftFile, DraftVisitor, ProcessDraft, Unit, User, Version, new_id
from engine.org.reach import reach_of
from engine.records import audit
from engine.roles import EDITOR, PUBLISHER
from engine.storage.db import insert_into
from feel.text import Text

# A page says that it is open every half minute.
PRESENT = timedelta(seconds=75)
Changes = Mapping[str, bytes | None]
# Who has to do with drafts at all.
OWNERS = frozenset({EDITOR, PUBLISHER})


class OutdatedDraft(Conflict):
    """Somebody saved a newer revision; it is not overwritten."""

    text = Text(
        "他人刚保存过这份草稿，您的修改没有覆盖它。",
        "Somebody has just saved this draft; your changes did not overwrite theirs.",
    )

    def __init__(self, draft: ProcessDraft, by: str) -> None:
        super().__init__(draft.id, draft.revision)
        self.revision, self.by, self.at = draft.revision, by, draft.changed_at


class NotEditable(Conflict):
    """The draft is in review, published or discarded."""

    text = Text(
        "草稿已送审或已结束，不能再修改；需要修改请先撤回。",
        "The draft is in review or has ended; take it back before changing it.",
    )


@dataclass(frozen=True)
class DraftReader:
    """Somebody who has the draft open now."""

    user_id: int
    name: str
    seen_at: datetime


@dataclass(frozen=True)
class DraftRow:
    """A draft as lists show it."""

    draft: ProcessDraft
    author: str
    changed_by: str
    base: int | None


def begin(
    db: Session,
    actor: Actor,
    process: str,
    title: str,
    files: Mapping[str, bytes],
    *,
    base_id: int | None = None,
    now: datetime,
) -> ProcessDraft:
    """Begin a draft with these files as its first revision. Raises NotAllowed or InvalidInput."""
    seat = policy.require_role(actor, EDITOR)
    if not KEY.fullmatch(process):
        raise InvalidInput({"process": _BAD_KEY})
    _refuse_strange(process, files)
    draft = ProcessDraft(
        id=new_id(),
        process=process,
        unit_id=seat.unit_id,
        title=title.strip()[:120] or process,
        base_id=base_id,
        author_id=actor.user_id,
        created_at=now,
        revision=1,
        changed_by=actor.user_id,
        changed_at=now,
    )
    db.add(draft)
    db.flush()
    db.add_all(_row(draft, path, content, actor, now) for path, content in files.items())
    data = {"draft": draft.id, "process": process, "base": base_id}
    audit.record_admin(db, "draft.begun", actor.user_id, data, at=now)
    return draft


def from_version(db: Session, actor: Actor, version_id: int, *, now: datetime) -> ProcessDraft:
    """Begin a draft that changes a published version. Raises NotFound."""
    version = db.get(Version, version_id)
    if version is None:
        raise NotFound(version_id)
    files = versions.files_of(db, version_id)
    return begin(db, actor, version.process, version.name, files, base_id=version_id, now=now)


def of_new_process(
    db: Session,
    actor: Actor,
    process: str,
    name: str,
    name_en: str = "",
    *,
    like: int | None = None,
    now: datetime,
) -> ProcessDraft:
    """Begin a process that does not exist yet: a small one that runs, or like a version.

    Raises NotAllowed, NotFound, or InvalidInput for a key or name that will not do.
    """
    policy.require_role(actor, EDITOR)
    name, name_en = name.strip(), name_en.strip()
    if not KEY.fullmatch(process) or process in versions.TABLES:
        raise InvalidInput({"process": _BAD_KEY})
    if not name:
        raise InvalidInput({"name": Text("请填写名称。", "Give it a name.")})
    if versions.latest(db, process) is not None:
        taken = Text("已有这个代码的流程。", "There is a process of that key already.")
        raise InvalidInput({"process": taken})
    if like is None:
        files = starters.blank(process, name, name_en)
        return begin(db, actor, process, name, files, now=now)
    version = db.get(Version, like)
    if version is None or version.process in versions.TABLES:
        raise NotFound(like)
    old = versions.files_of(db, like)
    files = starters.copied(old, version.process, process, name, name_en)
    return begin(db, actor, process, name, files, now=now)


def visible(db: Session, actor: Actor, draft_id: int) -> ProcessDraft:
    """Return a draft, for those who own the rules where it belongs. Raises NotFound for everybody
    else.
    """
    wanted = select(ProcessDraft).where(ProcessDraft.id == draft_id, within(actor, OWNERS))
    draft = db.scalar(wanted)
    if draft is None:
        raise NotFound(draft_id)
    return draft


def within(actor: Actor, roles: Collection[str]) -> ColumnElement[bool]:
    """Return the condition on ``ProcessDraft``: it belongs to a unit that posts of these roles
    reach.
    """
    mine = select(Unit.id).where(Unit.id == ProcessDraft.unit_id, reach_of(actor, roles).inside())
    return mine.correlate(ProcessDraft).exists()


def require(db: Session, actor: Actor, draft: ProcessDraft, role: str) -> None:
    """Refuse to act as ``role`` on a draft of another area. Raises NotAllowed.

    Who draws in one county and publishes in another does each there alone.
    """
    policy.require_role(actor, role)
    if not reach_of(actor, {role}).holds(db, draft.unit):
        raise NotAllowed(role, draft.id)


def open_drafts(db: Session, actor: Actor, process: str | None = None) -> list[DraftRow]:
    """Return the drafts of one's area that have not ended, the latest change first."""
    author, changer = User.__table__.alias(), User.__table__.alias()
    query = (
        select(ProcessDraft, author.c.name, changer.c.name, Version.number)
        .join(author, author.c.id == ProcessDraft.author_id)
        .join(changer, changer.c.id == ProcessDraft.changed_by)
        .outerjoin(Version, Version.id == ProcessDraft.base_id)
        .where(ProcessDraft.ended_at.is_(None), within(actor, OWNERS))
        .order_by(ProcessDraft.changed_at.desc(), ProcessDraft.id.desc())
        .limit(200)
    )
    if process is not None:
        query = query.where(ProcessDraft.process == process)
    return [DraftRow(*row) for row in db.execute(query)]


def files_of(db: Session, draft: ProcessDraft, revision: int | None = None) -> dict[str, bytes]:
    """Return the files of a revision, of the newest if none is named."""
    upto = draft.revision if revision is None else revision
    newest = (
        select(DraftFile.path, func.max(DraftFile.revision).label("revision"))
        .where(DraftFile.draft_id == draft.id, DraftFile.revision <= upto)
        .group_by(DraftFile.path)
        .subquery()
    )
    rows = db.scalars(
        select(DraftFile)
        .join(
            newest,
            and_(DraftFile.path == newest.c.path, DraftFile.revision == newest.c.revision),
        )
        .where(DraftFile.draft_id == draft.id)
        .order_by(DraftFile.path)
    )
    return {row.path: row.content for row in rows if row.content is not None}


def save(
    db: Session, actor: Actor, draft_id: int, revision: int, changes: Changes, *, now: datetime
) -> ProcessDraft:
    """Keep changed files as the next revision; None deletes one. The same again changes nothing.

    Raises NotFound, NotAllowed, NotEditable, OutdatedDraft or InvalidInput.
    """
    draft = lock(db, actor, draft_id)
    require(db, actor, draft, EDITOR)
    if draft.stage != "editing":
        raise NotEditable(draft.id)
    files = files_of(db, draft)
    changed = {path: data for path, data in changes.items() if files.get(path) != data}
    if not changed:
        return draft
    if revision != draft.revision:
        raise OutdatedDraft(draft, db.get_one(User, draft.changed_by).name)
    _refuse_strange(draft.process, {**files, **changed})
    draft.revision += 1
    draft.changed_by, draft.changed_at = actor.user_id, now
    db.add_all(_row(draft, path, data, actor, now) for path, data in changed.items())
    return draft


def discard(db: Session, actor: Actor, draft_id: int, *, now: datetime) -> ProcessDraft:
    """End a draft without publishing it; its revisions stay."""
    draft = lock(db, actor, draft_id)
    require(db, actor, draft, EDITOR)
    if draft.ended_at is not None:
        raise NotEditable(draft.id)
    others = editors(db, draft) - {actor.user_id}
    announcements.to_people(db, draft, "draft.discarded", others, cause="discarded", now=now)
    draft.stage, draft.ended_at = "discarded", now
    data = {"draft": draft.id, "process": draft.process}
    audit.record_admin(db, "draft.discarded", actor.user_id, data, at=now)
    return draft


def lock(db: Session, actor: Actor, draft_id: int) -> ProcessDraft:
    """Return a draft that nobody else changes until the transaction ends. Raises NotFound."""
    visible(db, actor, draft_id)
    query = select(ProcessDraft).where(ProcessDraft.id == draft_id)
    query = query.options(joinedload(ProcessDraft.unit)).with_for_update(of=ProcessDraft)
    return db.scalars(query.execution_options(populate_existing=True)).one()


def editors(db: Session, draft: ProcessDraft) -> set[int]:
    """Return everybody who saved a revision: none of them may approve it."""
    saved = select(DraftFile.saved_by).where(DraftFile.draft_id == draft.id).distinct()
    return {draft.author_id, *db.scalars(saved)}


def arrive(db: Session, actor: Actor, draft_id: int, *, now: datetime) -> list[DraftReader]:
    """Note that the actor has the draft open; return who has. Raises NotFound."""
    visible(db, actor, draft_id)
    row = insert_into(db, DraftVisitor).values(
        draft_id=draft_id, user_id=actor.user_id, seen_at=now
    )
    db.execute(
        row.on_conflict_do_update(index_elements=["draft_id", "user_id"], set_={"seen_at": now})
    )
    return visitors(db, draft_id, now)


def visitors(db: Session, draft_id: int, now: datetime) -> list[DraftReader]:
    """Return who has the draft open now, by name."""
    rows = db.execute(
        select(User.id, User.name, DraftVisitor.seen_at)
        .join(User, User.id == DraftVisitor.user_id)
        .where(DraftVisitor.draft_id == draft_id, DraftVisitor.seen_at > now - PRESENT)
        .order_by(User.name)
    )
    return [DraftReader(*row) for row in rows]


_BAD_KEY = Text(
    "流程代码用小写英文字母开头，只含小写字母、数字和下划线，2 至 40 个字符。",
    "The key begins with a small letter and has 2 to 40 small letters, digits and underscores.",
)
_TOO_MANY = Text("文件太多。", "Too many files.")
_STRANGE = Text("文件名不属于这个流程。", "The path does not belong to this process.")


def _refuse_strange(process: str, files: Changes) -> None:
    strange = {path: _STRANGE for path in files if not belongs(process, path)}
    if len(files) > MOST_FILES:
        strange[""] = _TOO_MANY
    if strange:
        raise InvalidInput(strange)


def _row(
    draft: ProcessDraft, path: str, content: bytes | None, actor: Actor, now: datetime
) -> DraftFile:
    return DraftFile(
        draft_id=draft.id,
        path=path,
        revision=draft.revision,
        content=content,
        saved_by=actor.user_id,
        saved_at=now,
    )
