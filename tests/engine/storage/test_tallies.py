"""Counters: deltas folded in one go, nothing counted twice or lost."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from engine.models import Tally, TallyDelta
from engine.storage import tallies
from engine.storage.db import reading, transaction
from tests.engine.org.county import make_county

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def test_it_folds_many_counters_with_few_statements(database: str) -> None:
    """Each delta once, also into counters that are there already."""
    with transaction() as db:
        county = make_county(db, NOW)
        units = [unit.id for unit in county.units.values()]
        county_id = county["620725"].id

    def deltas(amount: int) -> None:
        with transaction() as db:
            db.add_all(
                TallyDelta(
                    county_id=county_id,
                    unit_id=units[number % len(units)],
                    process="ticket",
                    measure="opened",
                    day=f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
                    amount=amount,
                )
                for number in range(3000)
            )

    for amount in (1, 2):
        deltas(amount)
        with transaction() as db:
            assert tallies.fold(db) == 3000
            assert tallies.fold(db) == 0
    with reading() as db:
        assert db.scalar(select(func.sum(Tally.amount))) == 9000
        assert db.scalar(select(func.count()).select_from(TallyDelta)) == 0
