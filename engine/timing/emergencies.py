"""Emergency profiles (平战结合): while one is on, a unit and all under it have shorter limits.

Switched on and off by a leader, with a reason, in the chain of administration. Off gives the
limits back: they are recalculated from when they began, as if there had been no emergency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.access import policy
from engine.access.actors import Actor
from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import Emergency, Recalculation, Unit
from engine.models.base import STAMPED_LEVELS, AncestorColumns
from engine.records import audit
from engine.roles import with_verb
from engine.timing import config_stamp
from engine.worktime import Limit
from feel.text import Text

ON_ALREADY = Text("该单位已处于应急状态。", "Emergency mode is already active for this unit.")
OFF_ALREADY = Text("该单位已恢复常态。", "Emergency mode is already off for this unit.")
NO_REASON = Text("请填写理由。", "Please give the reason.")
BAD_FACTOR = Text("请填写 1 到 100 的百分比。", "Give a percentage from 1 to 100.")
BAD_LIMIT = Text("请填写整数的时限。", "Give the limit as a whole number.")
NOTHING = Text(
    "请填写低于 100 的百分比，或者至少一条具体时限。",
    "Enter a percentage below 100 or at least one specific limit.",
)
# Who may switch a profile on and off.
SWITCHERS = with_verb("emergency")


@dataclass(frozen=True)
class Override:
    """An explicit limit of a profile; without a process or step it fits every one."""

    limit: Limit
    process: str | None = None
    step: str | None = None

    def fits(self, process: str, step: str | None) -> bool:
        """Return whether it is meant for this step of this process."""
        return self.process in (None, process) and self.step in (None, step)


@dataclass(frozen=True)
class ActiveProfile:
    """A profile that is on: where, since when, and what it does to a limit."""

    id: int
    unit_id: int
    unit_name: str
    since: datetime
    factor: int
    overrides: tuple[Override, ...] = ()
    reason: str = ""
    # The unit's ancestors when it was read, by level.
    above: tuple[int | None, ...] = ()

    def shorten(self, limit: Limit) -> Limit:
        """Return the limit by the factor, rounded up to whole units: a day stays a day."""
        return Limit(-(-limit.amount * self.factor // 100), limit.unit)

    def explicit(self, process: str, step: str | None) -> Override | None:
        """Return the first explicit limit that fits."""
        return next((one for one in self.overrides if one.fits(process, step)), None)


def over(
    profiles: Iterable[ActiveProfile], unit_id: int, stamps: AncestorColumns
) -> ActiveProfile | None:
    """Return the profile over a unit: its own, else that of the nearest unit above it."""
    found = {profile.unit_id: profile for profile in profiles}
    if not found:
        return None
    above = (getattr(stamps, f"at_{level}") for level in reversed(STAMPED_LEVELS))
    return next((found[one] for one in (unit_id, *above) if one in found), None)


def in_force(db: Session) -> tuple[ActiveProfile, ...]:
    """Return the profiles that are on."""
    return tuple(_profile(row) for row in switched(db) if row.until_at is None)


def switched(db: Session) -> list[Emergency]:
    """Return every profile that was ever switched on, the newest first."""
    return list(
        db.scalars(
            select(Emergency).options(joinedload(Emergency.unit)).order_by(Emergency.id.desc())
        )
    )


def switch_on(
    db: Session,
    actor: Actor,
    unit_id: int,
    *,
    factor: int,
    overrides: Iterable[Override] = (),
    reason: str,
    now: datetime,
) -> Emergency:
    """Shorten the limits of a unit and all under it; open clocks follow in the background.

    Raises NotFound, NotAllowed, InvalidInput, Conflict when one is on already.
    """
    unit = _unit(db, actor, unit_id)
    overrides = tuple(overrides)
    told = checked(factor, overrides, reason)
    if _running(db, unit_id) is not None:
        raise Conflict(unit_id, text=ON_ALREADY)
    row = Emergency(
        unit_id=unit.id,
        factor=factor,
        limits=[_as_data(one) for one in overrides],
        reason=told,
        from_at=now,
        by_id=actor.user_id,
    )
    db.add(row)
    data = {"unit": unit.id, "name": unit.name, "factor": factor, "limits": row.limits}
    _switched(db, actor, unit, "emergency.on", {**data, "reason": told}, now)
    return row


def checked(factor: int, overrides: Iterable[Override], reason: str) -> str:
    """Return the reason, if all three can be a profile. Raises InvalidInput."""
    if not 1 <= factor <= 100:
        raise InvalidInput({"factor": BAD_FACTOR})
    if factor == 100 and not list(overrides):
        raise InvalidInput({"factor": NOTHING})
    return _reason(reason)


def switch_off(db: Session, actor: Actor, unit_id: int, *, reason: str, now: datetime) -> Emergency:
    """Give the limits back. Raises NotFound, NotAllowed, InvalidInput, Conflict when none is on."""
    unit = _unit(db, actor, unit_id)
    told = _reason(reason)
    row = _running(db, unit_id)
    if row is None:
        raise Conflict(unit_id, text=OFF_ALREADY)
    row.until_at, row.ended_by, row.end_reason = now, actor.user_id, told
    data = {"unit": unit.id, "name": unit.name, "reason": told}
    _switched(db, actor, unit, "emergency.off", data, now)
    return row


def may_switch(actor: Actor, unit: Unit) -> bool:
    """Return whether the actor leads the unit, or an area that it lies in."""
    return any(
        seat.role in SWITCHERS and (seat.unit_id == unit.id or policy.oversees(seat, unit))
        for seat in actor.seats
    )


def concerns(actor: Actor, unit: Unit) -> bool:
    """Return whether a profile of the unit is the actor's business: it is over them, or in their
    area.
    """
    return any(unit.id in (seat.unit_id, *seat.stamps) for seat in actor.seats) or any(
        policy.oversees(seat, unit) for seat in actor.seats
    )


def felt(profiles: Iterable[ActiveProfile], actor: Actor) -> tuple[ActiveProfile, ...]:
    """Return the profiles that are the actor's business, as ``concerns`` says it; asks no
    database.
    """
    seats = actor.seats
    over_me = {unit_id for seat in seats for unit_id in (seat.unit_id, *seat.stamps)}
    mine = {(seat.level, seat.area[1]) for seat in seats if seat.area is not None}
    return tuple(
        one
        for one in profiles
        if one.unit_id in over_me or mine.intersection(zip(STAMPED_LEVELS, one.above, strict=False))
    )


def imagined(
    unit: Unit, factor: int, overrides: Iterable[Override], now: datetime
) -> ActiveProfile:
    """Return a profile as it would be, for showing what it would do."""
    return ActiveProfile(0, unit.id, unit.name, now, factor, tuple(overrides))


def _switched(
    db: Session, actor: Actor, unit: Unit, kind: str, data: Mapping[str, Any], now: datetime
) -> None:
    config_stamp.touch(db, config_stamp.EMERGENCY, {}, now)
    db.add(Recalculation(reason="emergency", unit_id=unit.id, at=now, by_id=actor.user_id))
    audit.record_admin(db, kind, actor.user_id, data, at=now)


def _unit(db: Session, actor: Actor, unit_id: int) -> Unit:
    unit = db.get(Unit, unit_id)
    if unit is None or not may_switch(actor, unit):
        raise NotFound(unit_id)
    return unit


def _running(db: Session, unit_id: int) -> Emergency | None:
    return db.scalar(
        select(Emergency)
        .where(Emergency.unit_id == unit_id, Emergency.until_at.is_(None))
        .with_for_update()
    )


def _reason(reason: str) -> str:
    told = reason.strip()[:1000]
    if not told:
        raise InvalidInput({"reason": NO_REASON})
    return told


def _as_data(override: Override) -> dict[str, Any]:
    data = {"process": override.process, "step": override.step}
    given = {key: value for key, value in data.items() if value}
    return {**given, "amount": override.limit.amount, "unit": override.limit.unit}


def _profile(row: Emergency) -> ActiveProfile:
    overrides = tuple(
        Override(Limit(one["amount"], one["unit"]), one.get("process"), one.get("step"))
        for one in row.limits
    )
    unit = row.unit
    above = tuple(getattr(unit, f"at_{level}") for level in STAMPED_LEVELS)
    return ActiveProfile(
        row.id, unit.id, unit.name, row.from_at, row.factor, overrides, row.reason, above
    )
