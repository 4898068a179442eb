"""What somebody had before them when they decided, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.definitions import differences, versions
from engine.definitions.differences import Difference
from engine.drafting import drafts
from engine.errors import Conflict
from engine.models import ProcessDraft
from feel.text import Text


class ChangedSince(Conflict):
    """The draft is not what was seen; ``difference`` says what changed, if that is known."""

    text = Text(
        "您核对的不是草稿现在的内容，没有发布。请看下面列出的改动，核对后再批准。",
        "The draft is not what you looked at, and nothing was published. Read what has changed "
        "since, below, before you approve it.",
    )

    def __init__(self, draft_id: int, difference: Difference | None) -> None:
        super().__init__(draft_id)
        self.difference = difference


@dataclass(frozen=True)
class SeenRevision:
    """A revision by its digest, and the version that it was compared with (None: with none)."""

    digest: str
    revision: int
    compared_id: int | None = None

    def require(self, db: Session, draft: ProcessDraft, files: dict[str, bytes]) -> None:
        """Require exactly these files. Raises ChangedSince."""
        if self.digest == versions.digest_of(files):
            return
        then = drafts.files_of(db, draft, self.revision) if self.revision > 0 else {}
        # A number that does not belong to the digest says nothing of what was seen.
        known = self.digest == versions.digest_of(then)
        raise ChangedSince(draft.id, differences.between(then, files) if known else None)
