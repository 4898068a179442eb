"""Which template a paper is set with now: the published one of its kind, or none of staff's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.definitions import rollouts, versions
from engine.definitions.paper_templates import PAPER_TEMPLATES, path_of


@dataclass(frozen=True)
class PaperTemplate:
    """A template of staff's, as it was published."""

    data: bytes
    digest: str


def of_kind(db: Session, key: str, now: datetime) -> PaperTemplate | None:
    """Return the template of a kind; None where the sheet that ships holds."""
    version_id = rollouts.plan(db, PAPER_TEMPLATES, now).everywhere
    if version_id is None:
        return None
    if version_id not in _cache:
        _cache[version_id] = versions.files_of(db, version_id)
    data = _cache[version_id].get(path_of(key))
    return None if data is None else PaperTemplate(data, hashlib.sha256(data).hexdigest())


_cache: dict[int, dict[str, bytes]] = {}
