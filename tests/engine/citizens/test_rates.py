"""Public rates: with their numbers, without confidential cases, and nothing of few."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.citizens import rates, sites
from engine.citizens.rates import PublicRates
from engine.models import Case, CitizenCase, CitizenRating
from engine.storage.db import reading, transaction
from tests.engine.citizens.conftest import PublicDesk


@pytest.fixture
def twelve(desk: PublicDesk) -> PublicDesk:
    """Twelve reports: ten answered in time, one late, one confidential since."""
    for number in range(12):
        desk.send(once=f"{number:032x}")
    with transaction() as db:
        for number, case in enumerate(db.scalars(select(Case).order_by(Case.id))):
            assert case.due_at is not None
            case.answered_at = case.due_at + timedelta(days=1 if number == 10 else -1)
            case.guarded = number == 11
    desk.world.now += timedelta(days=40)
    return desk


def found(desk: PublicDesk) -> PublicRates:
    with reading() as db:
        return rates.of_county(db, sites.county(db, "620725"), now=desk.world.now)


def rate(desk: PublicDesk, **more: Any) -> None:
    with transaction() as db:
        for row in db.scalars(select(CitizenCase)):
            said: dict[str, Any] = {"opinion": "satisfied", "is_solved": True, "source": "site"}
            own = {"county_id": row.county_id, "case_id": row.case_id, "at": desk.world.now}
            db.add(CitizenRating(**(said | own | more)))


def test_each_share_has_its_numbers(twelve: PublicDesk) -> None:
    in_time = found(twelve).promptness
    assert (in_time.part, in_time.whole, in_time.percent, in_time.is_shown) == (10, 11, 90.9, True)


def test_the_last_rating_of_a_case_counts(twelve: PublicDesk) -> None:
    rate(twelve, source="call_back", is_solved=None)
    assert (found(twelve).satisfaction.part, found(twelve).solution.whole) == (11, 0)
    rate(twelve, opinion="dissatisfied", is_solved=False)
    shown = found(twelve)
    assert (shown.satisfaction.part, shown.satisfaction.whole) == (0, 11)
    assert (shown.solution.part, shown.solution.whole) == (0, 11)


def test_of_few_nothing_is_shown(desk: PublicDesk) -> None:
    desk.send()
    with transaction() as db:
        db.execute(update(Case).values(answered_at=desk.world.now))
    shown = found(desk)
    assert (shown.promptness.whole, shown.promptness.is_shown) == (1, False)
    assert (shown.satisfaction.percent, shown.satisfaction.is_shown) == (0.0, False)


def test_what_is_older_is_left_out(twelve: PublicDesk) -> None:
    twelve.world.now += timedelta(days=60)
    assert found(twelve).promptness.whole == 0
