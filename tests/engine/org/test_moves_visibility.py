"""A move neither loses nor leaks: who sees a case before, during and after the restamping."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.access import actors, policy
from engine.models import Case, Task, Unit, User
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County

LATER = NOW + timedelta(minutes=2)


class Lists:
    """What the leaders of both townships and of the county find in their lists."""

    def __init__(self, db: Session, county: County) -> None:
        self.db = db
        self.users: dict[str, User] = {}
        for code in ("T1", "T2", "620725"):
            user = self.users[code] = county.user(f"leader-{code.lower()}")
            org.create_post(db, None, unit=county[code], role="leader", user=user, now=NOW)

    def tasks(self) -> dict[str, int]:
        """Tasks in each leader's list of the area, asked as the workbench asks."""
        return {code: self._count_tasks(user) for code, user in self.users.items()}

    def cases(self) -> dict[str, int]:
        """Cases that each leader may open."""
        return {
            code: len(
                self.db.scalars(
                    select(Case.id).where(policy.visible_cases(self._actor(user)))
                ).all()
            )
            for code, user in self.users.items()
        }

    def _count_tasks(self, user: User) -> int:
        actor = self._actor(user)
        found = (
            select(Task.id)
            .join(Unit, Unit.id == Task.unit_id)
            .join(Case, Case.id == Task.case_id)
            .where(policy.visible_tasks(actor), policy.within_now(actor), Task.done_at.is_(None))
        )
        return len(self.db.scalars(found).all())

    def _actor(self, user: User) -> actors.Actor:
        return actors.actor_of(self.db, user.id, LATER)


@pytest.fixture
def lists(db: Session, county: County) -> Lists:
    """Three cases in the village that moves, one that stays on either side."""
    for _ in range(3):
        county.case("V1", "G1")
    county.case("V2", "V2")
    county.case("V3", "V3")
    return Lists(db, county)


BEFORE = {"T1": 4, "T2": 1, "620725": 5}
AFTER = {"T1": 1, "T2": 4, "620725": 5}


def test_it_shows_the_move_at_once_and_all_through_the_stamping(
    db: Session, county: County, lists: Lists
) -> None:
    assert (lists.tasks(), lists.cases()) == (BEFORE, BEFORE)

    move = org.move_unit(db, None, county["V1"], county["T2"], now=NOW)

    assert move is not None
    assert (lists.tasks(), lists.cases()) == (AFTER, AFTER)
    while move.done_at is None:
        org.restamp(db, move, LATER, 1)
        assert (lists.tasks(), lists.cases()) == (AFTER, AFTER)


def test_it_shows_an_ended_units_cases_to_the_heirs_side_alone(
    db: Session, county: County, lists: Lists
) -> None:
    county.case("V2")  # about the place alone

    org.end_unit(db, None, county["V2"], heir=county["V3"], now=NOW)

    assert lists.tasks() == {"T1": 3, "T2": 2, "620725": 5}
    assert lists.cases() == {"T1": 3, "T2": 3, "620725": 6}
