"""The lock under which a post changes hands: nobody fills, leaves or ends it meanwhile."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.errors import Conflict
from engine.models import Post
from feel.text import Text


class PostEnded(Conflict):
    """The post was ended, filled or vacated meanwhile."""

    text = Text(
        "该岗位刚被变更，请刷新后重试。", "This post has just been changed; reload and try again."
    )


def lock_post(db: Session, post: Post) -> None:
    """Lock a post in force and read it again. Raises PostEnded."""
    db.refresh(post, with_for_update=True)
    if post.until_at is not None:
        raise PostEnded(post.id)
