"""Which version opens a case: decided by the place's unit and the moment, the latest word first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from engine.models import Rollout, Unit, Version, new_id
from engine.models.base import STAMPED_LEVELS, AncestorColumns, UtcDateTime

Moment = datetime | BindParameter[datetime]


@dataclass(frozen=True)
class RolloutPlan:
    """What is in force for one process at one moment, the latest decision first."""

    process: str
    rules: tuple[tuple[int | None, int], ...]

    @property
    def everywhere(self) -> int | None:
        """The version of places that no decision names."""
        return self.at(())

    @property
    def versions(self) -> frozenset[int]:
        """Every version that opens cases somewhere."""
        return frozenset(version_id for _unit, version_id in self.rules)

    @property
    def by_area(self) -> bool:
        """Whether the place makes a difference."""
        return any(unit_id is not None for unit_id, _version in self.rules)

    def at(self, units: Iterable[int | None]) -> int | None:
        """Return the version for a place that lies in these units; None where there is none yet."""
        inside = set(units)
        for unit_id, version_id in self.rules:
            if unit_id is None or unit_id in inside:
                return version_id
        return None


def start(
    db: Session,
    version: Version,
    *,
    from_at: datetime,
    units: Collection[int] = (),
    decided_by: int | None,
    reason: str = "",
    now: datetime,
) -> None:
    """Use a version from ``from_at`` on for the new cases of these units, or of all."""
    for unit_id in sorted(units) or (None,):
        rollout = Rollout(
            id=new_id(),
            process=version.process,
            version_id=version.id,
            unit_id=unit_id,
            from_at=from_at,
            decided_by=decided_by,
            decided_at=now,
            reason=reason,
        )
        db.add(rollout)


def plan(db: Session, process: str, now: datetime) -> RolloutPlan:
    """Return what is in force for a process now."""
    rows = db.execute(
        select(Rollout.unit_id, Rollout.version_id)
        .where(Rollout.process == process, *_in_force(now))
        .order_by(Rollout.from_at.desc(), Rollout.id.desc())
    )
    return RolloutPlan(process, tuple((unit_id, version_id) for unit_id, version_id in rows))


def plans(db: Session, now: datetime) -> list[tuple[RolloutPlan, dict[int, Version]]]:
    """Return what is in force for every process, with the versions it names."""
    rows = db.execute(_plans(), {"now": now})
    found: dict[str, list[tuple[int | None, Version]]] = {}
    for unit_id, version in rows:
        found.setdefault(version.process, []).append((unit_id, version))
    return [
        (
            RolloutPlan(process, tuple((unit_id, version.id) for unit_id, version in rules)),
            {version.id: version for _unit_id, version in rules},
        )
        for process, rules in found.items()
    ]


def everywhere(process: str, now: Moment) -> ScalarSelect[int]:
    """Return the id of the version in force for all, as a subquery for a caller's own statement."""
    return (
        select(Rollout.version_id)
        .where(Rollout.process == process, Rollout.unit_id.is_(None), Rollout.from_at <= now)
        .order_by(Rollout.from_at.desc(), Rollout.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def last_for_all(db: Session, process: str) -> Rollout | None:
    """Return the decision for all that holds once everything decided so far has begun."""
    query = select(Rollout).where(Rollout.process == process, Rollout.unit_id.is_(None))
    return db.scalar(query.order_by(Rollout.from_at.desc(), Rollout.id.desc()).limit(1))


def by_hand_after(db: Session, process: str, decision: Rollout | None) -> Rollout | None:
    """Return the last decision of a person that begins after ``decision``, or the last at all."""
    query = select(Rollout).where(Rollout.process == process, Rollout.decided_by.is_not(None))
    if decision is not None:
        query = query.where(
            or_(
                Rollout.from_at > decision.from_at,
                and_(Rollout.from_at == decision.from_at, Rollout.id > decision.id),
            )
        )
    return db.scalar(query.order_by(Rollout.from_at.desc(), Rollout.id.desc()).limit(1))


def around(place: Unit) -> tuple[int | None, ...]:
    """Return the units in which a place lies, itself among them."""
    return (place.id, *stamps_of(place))


def stamps_of(stamped: AncestorColumns) -> tuple[int | None, ...]:
    """Return the ancestors that a row carries."""
    return tuple(getattr(stamped, f"at_{level}") for level in STAMPED_LEVELS)


@lru_cache(maxsize=1)
def _plans() -> Select[tuple[int | None, Version]]:
    """Made once, as every list of cases asks it."""
    return (
        select(Rollout.unit_id, Version)
        .join(Version, Version.id == Rollout.version_id)
        .where(*_in_force(bindparam("now", type_=UtcDateTime)))
        .order_by(Rollout.process, Rollout.from_at.desc(), Rollout.id.desc())
    )


def _in_force(now: Moment) -> tuple[ColumnElement[bool], ...]:
    """Begun, and no later decision for all has replaced it: few rows, however long the history."""
    later = aliased(Rollout)
    replaced = exists(
        select(later.id).where(
            later.process == Rollout.process,
            later.unit_id.is_(None),
            later.from_at <= now,
            or_(
                later.from_at > Rollout.from_at,
                and_(later.from_at == Rollout.from_at, later.id > Rollout.id),
            ),
        )
    )
    return Rollout.from_at <= now, ~replaced
