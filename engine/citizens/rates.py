"""How the county does by what citizens brought in: shares, each with the two numbers behind it.

Nothing of confidential cases is in them, and of few cases no share is shown: nobody is found by
counting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from engine.models import Case, CitizenCase, CitizenRating, Unit
from engine.terms.opinions import DISSATISFIED

DAYS, FEWEST = 90, 10


@dataclass(frozen=True)
class PublicRate:
    """A share with its numbers; of fewer than ten nothing is shown."""

    part: int
    whole: int

    @property
    def is_shown(self) -> bool:
        """Whether there are enough for nobody to be found by counting."""
        return self.whole >= FEWEST

    @property
    def percent(self) -> float:
        """In per cent to one place."""
        return round(100 * self.part / self.whole, 1) if self.whole else 0.0


@dataclass(frozen=True)
class PublicRates:
    """Of what came in by the site and has run its time; and how citizens rated, site and calls."""

    promptness: PublicRate
    satisfaction: PublicRate
    solution: PublicRate


def of_county(db: Session, county: Unit, *, now: datetime) -> PublicRates:
    """Return the rates of the last ninety days, in two statements."""
    since = now - timedelta(days=DAYS)
    satisfied, rated, solved, asked = _ratings(db, county, since)
    return PublicRates(
        _in_time(db, county, since, now), PublicRate(satisfied, rated), PublicRate(solved, asked)
    )


def _in_time(db: Session, county: Unit, since: datetime, now: datetime) -> PublicRate:
    """Of the reports that were answered, or should have been, those answered in time."""
    kept = and_(Case.answered_at.is_not(None), Case.answered_at <= Case.due_at)
    late_or_answered = (Case.answered_at.is_not(None)) | (Case.due_at < now)
    row = db.execute(
        select(func.count(), func.coalesce(func.sum(case((kept, 1), else_=0)), 0))
        .select_from(CitizenCase)
        .join(Case, and_(Case.id == CitizenCase.case_id, Case.county_id == CitizenCase.county_id))
        .where(
            CitizenCase.county_id == county.id,
            CitizenCase.at >= since,
            Case.due_at.is_not(None),
            ~Case.guarded,
            late_or_answered,
        )
    ).one()
    return PublicRate(int(row[1]), int(row[0]))


def _ratings(db: Session, county: Unit, since: datetime) -> tuple[int, int, int, int]:
    """Return of the last rating of each case: satisfied, all, solved, and all that say it."""
    newest = (
        select(func.max(CitizenRating.id))
        .where(CitizenRating.county_id == county.id, CitizenRating.at >= since)
        .group_by(CitizenRating.case_id)
    )
    said = CitizenRating.is_solved

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = db.execute(
        select(
            number(CitizenRating.opinion != DISSATISFIED),
            func.count(),
            number(said.is_(True)),
            number(said.is_not(None)),
        )
        .join(
            Case,
            and_(Case.id == CitizenRating.case_id, Case.county_id == CitizenRating.county_id),
        )
        .where(CitizenRating.id.in_(newest), ~Case.guarded)
    ).one()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])
