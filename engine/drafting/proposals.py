"""A new release where a county changed its own: what ships becomes a draft, decided by review.

The draft is its editor's to merge with the county's changes, to hand in, or to discard; nothing is
published by a release over what two people decided. Cases go on with the version that they have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access import actors
from engine.access.actors import Actor
from engine.definitions import versions
from engine.drafting import drafts
from engine.models import AdminEvent, Post, ProcessDraft, Version
from engine.records import audit
from engine.roles import EDITOR

PROPOSED = "draft.proposed"


def propose(
    db: Session, process: str, version_id: int, files: Mapping[str, bytes], *, now: datetime
) -> ProcessDraft | None:
    """Begin a draft of what ships, on the version that the county made; its editor's, else the
    first editor's.

    Return None where it was proposed before, whatever became of it, or where nobody edits.
    """
    digest = versions.digest_of(files)
    if digest in _proposed(db, process):
        return None
    author = db.scalar(select(Version.author_id).where(Version.id == version_id))
    editor = next(_editors(db, author, now), None)
    if editor is None:
        return None
    title = f"新版流程定义 {digest[:12]}"
    draft = drafts.begin(db, editor, process, title, files, base_id=version_id, now=now)
    data = {"draft": draft.id, "process": process, "digest": digest}
    audit.record_admin(db, PROPOSED, editor.user_id, data, at=now)
    return draft


def _proposed(db: Session, process: str) -> set[str]:
    """Return the digests of what was proposed, by the chain: anybody may give a draft any title."""
    rows = db.scalars(select(AdminEvent.data).where(AdminEvent.kind == PROPOSED))
    told = map(json.loads, rows)
    return {one["digest"] for one in told if one["process"] == process}


def _editors(db: Session, first: int | None, now: datetime) -> Iterator[Actor]:
    """Yield who may draw now, whoever drew the county's version first."""
    held = select(Post.user_id).where(
        Post.role == EDITOR,
        Post.user_id.is_not(None),
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
    )
    people = {one for one in db.scalars(held) if one is not None}
    for user_id in sorted(people, key=lambda one: (one != first, one)):
        found = actors.actor_of(db, user_id, now)
        if EDITOR in found.roles:
            yield found
