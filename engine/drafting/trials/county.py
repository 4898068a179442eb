"""Whose work a tried task would be: the county's units and posts as they are today, looked up."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org, settings
from engine.bpmn import OpenTask
from engine.models import Unit
from engine.org import Climb


@dataclass(frozen=True)
class TrialQueue:
    """Where a task would open: a unit's queue, and who may sign for it there today.

    ``missing`` is the code that was named and that no unit has.
    """

    unit: Unit
    people: tuple[str, ...]
    missing: str = ""


@dataclass
class TrialCounty:
    """Units around one place; each question is asked of the database once a page."""

    db: Session
    place: Unit
    now: datetime
    answers: dict[Hashable, Any] = field(default_factory=dict)

    def desk(self, task: OpenTask) -> TrialQueue:
        """Return the queue of a task, as the engine resolves it for a real case."""
        key = ("desk", task.unit, task.level, task.role)
        if key not in self.answers:
            self.answers[key] = self._desk(task)
        found: TrialQueue = self.answers[key]
        return found

    def audience(self, unit_code: str, level: str, role: str) -> TrialQueue:
        """Return who would hear a diagram's own words."""
        named = self._unit(unit_code) if unit_code else None
        unit = named or org.unit_at(self.db, self.place, level)
        return self._seat(org.work_unit(self.db, unit, role), role)

    def climb(self, unit: Unit, levels_up: int, role: str) -> Climb:
        """Return where a rung would arrive."""
        key = ("climb", unit.id, levels_up, role)
        if key not in self.answers:
            levels = settings.current().levels
            self.answers[key] = org.climb(self.db, unit, levels_up, role, self.now, levels=levels)
        found: Climb = self.answers[key]
        return found

    def _desk(self, task: OpenTask) -> TrialQueue:
        named = self._unit(task.unit) if task.unit else None
        if named is not None:
            area = named.kind == "area"
            return self._seat(
                org.work_unit(self.db, named, task.role) if area else named, task.role
            )
        unit = org.unit_at(self.db, self.place, task.level)
        return self._seat(org.work_unit(self.db, unit, task.role), task.role, task.unit or "")

    def _seat(self, unit: Unit, role: str, missing: str = "") -> TrialQueue:
        people = org.holders(self.db, unit.id, role, self.now)
        return TrialQueue(unit, tuple(dict.fromkeys(one.name for one in people)), missing)

    def _unit(self, key: str) -> Unit | None:
        assert self.place.at_county is not None
        return org.unit_named(self.db, self.place.at_county, key)


def place_of(db: Session, code: str, level: str) -> Unit | None:
    """Return the place of that code, else some place of the level, so that there are names to
    show.
    """
    found = org.unit_by_code(db, code) if code else None
    if found is not None and found.at_county is not None:
        return found
    some = select(Unit).where(
        Unit.kind == "area", Unit.ended_at.is_(None), Unit.at_county.is_not(None)
    )
    at_level = db.scalar(some.where(Unit.level == level).order_by(Unit.code).limit(1))
    return at_level or db.scalar(some.order_by(Unit.code).limit(1))
