"""Where the versions of a process are in use, and how many cases stand at which of their steps."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from engine.models import Case, Rollout, Task, Unit, User, Version


@dataclass(frozen=True)
class UsageDecision:
    """From when a version opens new cases, for which unit, and who decided it."""

    rollout: Rollout
    unit: Unit | None
    number: int
    by: str


@dataclass(frozen=True)
class VersionUsage:
    """One version with its people and what runs on it; ``steps`` by name, the fullest first."""

    version: Version
    author: str
    publisher: str
    open: int = 0
    closed: int = 0
    steps: list[tuple[str, str, int]] = field(default_factory=list)


def decisions(db: Session, process: str, *, limit: int = 60) -> list[UsageDecision]:
    """Return when which version began to open new cases, and where, the latest first."""
    rows = db.execute(
        select(Rollout, Unit, Version.number, User.name)
        .join(Version, Version.id == Rollout.version_id)
        .outerjoin(Unit, Unit.id == Rollout.unit_id)
        .outerjoin(User, User.id == Rollout.decided_by)
        .where(Rollout.process == process)
        .order_by(Rollout.from_at.desc(), Rollout.id.desc())
        .limit(limit)
    )
    return [UsageDecision(rollout, unit, number, by or "") for rollout, unit, number, by in rows]


def standings(db: Session, process: str) -> list[VersionUsage]:
    """Return every version of a process, the newest first, with the cases that follow it."""
    author, publisher = aliased(User), aliased(User)
    rows = db.execute(
        select(Version, author.name, publisher.name)
        .outerjoin(author, author.id == Version.author_id)
        .outerjoin(publisher, publisher.id == Version.publisher_id)
        .where(Version.process == process)
        .order_by(Version.number.desc())
    )
    counts, steps = _counts(db, process), _steps(db, process)
    return [
        VersionUsage(
            version,
            wrote or "",
            approved or "",
            *counts.get(version.id, (0, 0)),
            steps.get(version.id, []),
        )
        for version, wrote, approved in rows
    ]


def _counts(db: Session, process: str) -> dict[int, tuple[int, int]]:
    rows = db.execute(
        select(Case.version_id, func.count(), func.count(Case.closed_at))
        .where(Case.process == process)
        .group_by(Case.version_id)
    )
    return {version_id: (every - closed, closed) for version_id, every, closed in rows}


def _steps(db: Session, process: str) -> dict[int, list[tuple[str, str, int]]]:
    rows = db.execute(
        select(Case.version_id, Task.name, Task.name_en, func.count())
        .join(Task, (Task.case_id == Case.id) & (Task.county_id == Case.county_id))
        .where(Case.process == process, Task.done_at.is_(None))
        .group_by(Case.version_id, Task.name, Task.name_en)
        .order_by(func.count().desc(), Task.name)
    )
    found: dict[int, list[tuple[str, str, int]]] = {}
    for version_id, name, name_en, count in rows:
        found.setdefault(version_id, []).append((name, name_en, count))
    return found
