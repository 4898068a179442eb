"""Powers and published definitions, against the administration's chain."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import LargeBinary, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from engine.definitions import versions
from engine.models import AdminEvent, Post, Version, VersionFile
from engine.operations.doctor.findings import Discrepancy
from engine.roles import CONFIRMED
from feel.text import Text

POSTS, DEFINITIONS = "posts", "definitions"
UNSAID = Text(
    "有人担任须由两名管理员授予的岗位，但管理记录里没有这次任命",
    "somebody holds a post that two administrators give, and the administration's record does not "
    "tell of it",
)
CHANGED = Text("已发布的流程与发布时不同", "a published definition is not what was published")


def posts(db: Session) -> Iterator[Discrepancy]:
    """Yield posts of power that somebody holds and that nobody was ever appointed to."""
    told = select(AdminEvent.data).where(AdminEvent.kind.in_(("post.created", "post.filled")))
    said = set()
    for data in db.scalars(told.execution_options(yield_per=1000)):
        one = json.loads(data)
        said.add((one.get("post"), one.get("unit"), one.get("role"), one.get("user")))
    # Who came with the demo county came in one piece, before anybody could appoint.
    loaded = db.scalar(select(func.max(AdminEvent.at)).where(AdminEvent.kind == "demo.loaded"))
    held = select(Post.id, Post.unit_id, Post.role, Post.user_id).where(
        Post.role.in_(CONFIRMED), Post.user_id.is_not(None), Post.until_at.is_(None)
    )
    if loaded is not None:
        held = held.where(Post.from_at > loaded)
    for row in db.execute(held.order_by(Post.id)):
        if tuple(row) not in said:
            yield Discrepancy(POSTS, "unsaid", UNSAID, row_id=row.id)


def definitions(db: Session) -> Iterator[Discrepancy]:
    """Yield versions whose files are not those whose digest the chain tells of."""
    told = select(AdminEvent.data).where(AdminEvent.kind == "version.published")
    read = [json.loads(data) for data in db.scalars(told)]
    # As bytes, whatever was put there: on SQLite a text in this column could not be read at all.
    column = VersionFile.content
    content = type_coerce(cast(column, LargeBinary), LargeBinary).label("content")
    said = {(one.get("process"), one.get("number")): one.get("digest") for one in read}
    for row in db.execute(select(Version.id, Version.process, Version.number).order_by(Version.id)):
        files = select(VersionFile.path, content).where(VersionFile.version_id == row.id)
        digest = versions.digest_of({one.path: bytes(one.content) for one in db.execute(files)})
        if said.get((row.process, row.number), digest) != digest:
            yield Discrepancy(DEFINITIONS, "changed", CHANGED, row_id=row.id)
