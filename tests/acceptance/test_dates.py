"""Dates that forms ask are dates to whatever decides by them, in cases that are stored."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from engine.definitions import versions
from engine.models import Version
from engine.storage.db import reading, transaction
from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World

ASKED = {"open": "begun:date at:datetime visits:number from:time took:duration"}


def branched(condition: str) -> dict[str, bytes]:
    """A task, then a choice by what the opening form asked."""
    body = d.users("wait yes no") + d.gateway("g", default="no")
    return d.build(body, f"wait > g\ng > yes : {condition}\ng > no", ASKED)


@pytest.mark.parametrize(
    "condition",
    [
        'begun < @"2026-12-01"',
        'begun + duration("P1M") <= date("2026-12-31")',
        "begun.month = 11",
        'time(at) > @"23:00:00"',
    ],
)
def test_a_case_takes_the_branch_of_its_date(world: World, condition: str) -> None:
    play = Play(world, branched(condition), begun="2026-11-30", at="2026-11-30 23:30")
    play.do("wait")

    assert play.open == ["yes"]


@pytest.mark.parametrize(
    "condition",
    [
        'from < @"09:00:00"',
        "from.hour = 8",
        'took > @"P2D"',
        "took.hours = 3",
        'at + took >= @"2026-12-03T02:30:00"',
        'took in [@"PT1H"..@"P3D"]',
    ],
)
def test_a_case_takes_the_branch_of_its_time(world: World, condition: str) -> None:
    """Of a time of day and of a length of time."""
    given = {"from": "上午8点30分", "took": "2天3小时"}
    play = Play(world, branched(condition), at="2026-11-30 23:30", **given)
    play.do("wait")

    assert play.open == ["yes"]


def test_a_version_keeps_the_kinds_that_it_was_published_with(world: World) -> None:
    play = Play(world, branched("begun.month = 11"), begun="2026-11-30")
    with reading() as db:
        row = db.scalars(select(Version).where(Version.process == "p")).one()
        assert row.kinds == {
            "at": "date and time",
            "begun": "date",
            "from": "time",
            "took": "days and time duration",
        }
        assert dict(versions.load(db, row.id).definition.kinds) == row.kinds
    play.do("wait")

    assert play.open == ["yes"]


def test_a_version_of_before_there_were_kinds_goes_on_with_texts(world: World) -> None:
    play = Play(world, branched('begun = "2026-11-30"'), begun="2026-11-30")
    with transaction() as db:
        db.execute(update(Version).values(kinds=None))
    versions._cache.clear()
    play.do("wait")

    assert play.open == ["yes"]
