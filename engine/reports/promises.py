"""What citizens were promised, as rows: the rules of ``engine/storage/promises.py`` in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.models import Case, Unit
from engine.reports.area import Area
from engine.reports.period import Period
from engine.reports.stays import PeriodMoments

Condition = ColumnElement[bool]


def in_time() -> Condition:
    """Return whether a closed case was answered by the end of the citizen's clock, each time."""
    answered = func.coalesce(Case.answered_at, Case.closed_at)
    return and_(Case.missed_at.is_(None), answered <= Case.due_at)


def late_there(period: Period, now: datetime) -> Condition:
    """Return whether a case was open and its promise missed when the period ended, or is now."""
    at = PeriodMoments.of(period, now)
    still = or_(Case.closed_at.is_(None), Case.closed_at >= at.end)
    answered = func.coalesce(Case.answered_at, Case.closed_at)
    unanswered = or_(answered.is_(None), answered > Case.due_at)
    missed = or_(
        at.by_end(Case.missed_at),
        and_(Case.missed_at.is_(None), unanswered, at.by_end(Case.due_at)),
    )
    return and_(Case.due_at.is_not(None), at.by_end(Case.opened_at), still, missed)


def open_late(area: Area, period: Period, now: datetime, process: str = "") -> Select[Any]:
    """Of open cases, by part and process: of how many the promise was missed when the period ended.

    What was closed since is in the counters.
    """
    found = (
        select(area.part().label("part"), Case.process, func.count())
        .join(Unit, Unit.id == Case.unit_id)
        .where(Case.closed_at.is_(None), late_there(period, now), area.holds(Unit))
        .group_by("part", Case.process)
    )
    return found.where(Case.process == process) if process else found
