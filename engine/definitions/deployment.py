"""Definitions from disk become versions, unless that would undo what staff did in the browser.

Files know from which decision they were exported; whatever a person decided that begins later
is newer than the files, and nothing of it is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.definitions import differences, rollouts, versions
from engine.definitions.differences import Difference
from engine.definitions.versions import PUBLISHING, ReleaseTerms
from engine.errors import Conflict
from engine.models import Rollout, Version
from engine.storage.db import one_at_a_time
from feel.text import Text


class ChangedInBrowser(Conflict):
    """Staff decided something newer than what the files on disk were made from."""

    text = Text(
        "该流程已在页面上发布或启用过更新的版本，部署会覆盖它，已拒绝。",
        "A newer version was published or put into use in the browser; deploying would overwrite "
        "it.",
    )

    def __init__(self, process: str, version: Version) -> None:
        super().__init__(process, version.number)
        self.process, self.version_id, self.number = process, version.id, version.number


@dataclass(frozen=True)
class RefusedDeployment:
    """A process that was not deployed: the version meanwhile, and what would be lost."""

    process: str
    reason: Text
    number: int
    difference: Difference


def deploy(
    db: Session,
    process: str,
    files: Mapping[str, bytes],
    *,
    exported: Rollout | None = None,
    now: datetime,
) -> bool:
    """Publish files from disk unless they are what holds already; return whether it did.

    ``exported`` is the decision that they were exported from. What is decided for a later day
    stays: what builds on it begins with it. Raises ChangedInBrowser.
    """
    # Before reading: a publication in the browser waits, or is seen.
    one_at_a_time(db, PUBLISHING)
    holds = versions.lasting(db, process)
    if holds is not None and holds.digest == versions.digest_of(files):
        return False
    newer = rollouts.by_hand_after(db, process, exported)
    if newer is not None:
        raise ChangedInBrowser(process, db.get_one(Version, newer.version_id))
    terms = ReleaseTerms(
        base_id=holds.id if holds is not None else None,
        from_at=max(now, exported.from_at) if exported is not None else now,
    )
    versions.publish(db, process, files, now=now, terms=terms)
    return True


def refused(db: Session, error: ChangedInBrowser, files: Mapping[str, bytes]) -> RefusedDeployment:
    """Return what deploying would undo: from the version in the browser to the files on disk."""
    difference = differences.between(versions.files_of(db, error.version_id), files)
    return RefusedDeployment(error.process, error.text, error.number, difference)
