"""The simulation's own reading of tables, holidays and posts, which shares nothing with ours."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.simulation import holidays
from bench.simulation.staff import LateHolder, Roster, RosterDeputy, RosterPost, RosterUnit, Staff
from bench.simulation.table import LadderTable, UnknownCell, fits
from bench.simulation.used_time import UsedClock
from engine.definitions.escalation_table import RungTable
from engine.timing import used_time
from engine.worktime import Calendar, Limit, published_calendar
from tests.engine.casework.world import FRIDAY_9AM, ROOT

CONTENT = (ROOT / "processes/escalation.dmn").read_bytes()


@pytest.mark.parametrize(
    ("cell", "value", "fit"),
    [
        ("-", None, True),
        ("", "sign", True),
        ('"sign"', "sign", True),
        ('"sign"', None, False),
        ('"grid", "village"', "village", True),
        ('"grid","village"', "county", False),
        ('not("紧急")', "普通", True),
        ('not("紧急", "重要")', "重要", False),
    ],
)
def test_it_reads_the_cells_that_tables_have(cell: str, value: str | None, fit: bool) -> None:
    assert fits(cell, value) is fit


@pytest.mark.parametrize("cell", ["> 3", "sign", '"sign', '"a" or "b"', "not(x)"])
def test_it_takes_nothing_for_right_unread(cell: str) -> None:
    with pytest.raises(UnknownCell):
        fits(cell, "sign")


def test_both_readings_of_the_shipped_table_agree() -> None:
    """For every clock, level and priority: the same rungs in the same order."""
    mine, ours = LadderTable(CONTENT), RungTable.load(CONTENT, 1, 1)
    clocks, levels = ("sign", "handle", "citizen"), ("grid", "village", "township", "county")
    for clock, level, priority in product(clocks, levels, ("普通", "紧急", "normal")):
        asked = {"process": "ticket", "step": "accept", "category": None}
        asked |= {"level": level, "clock": clock, "priority": priority}
        told = [(one.mark, one.rule, one.after, one.does) for one in mine.rungs(**asked)]
        assert told == [
            (one.mark, one.rule, one.after, f"{one.act} {one.role} +{one.levels_up}")
            for one in ours.rungs(**asked)
        ]
        assert told


def test_its_holidays_are_those_of_another_collection(shared: Path) -> None:
    """Written by hand, compared with a table that somebody else made from the notices."""
    file = shared / "data/holidays/cn_holidays_2019_2026.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    told = {
        date.fromisoformat(row["date"]): row["is_off_day"] == "0"
        for row in rows
        if row["date"].startswith("2026")
    }
    assert told == holidays.days()
    assert holidays.office().sessions == Calendar().sessions


MINUTE = timedelta(minutes=1)
LIMITS = [
    *(Limit(1, "hours"), Limit(30, "hours"), Limit(1, "working_hours"), Limit(4, "working_hours")),
    *(Limit(1, "working_days"), Limit(3, "working_days"), Limit(2, "days")),
]
# How long a step lay elsewhere before it came, and how long it stayed.
stays = st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 3000)), min_size=1, max_size=3)


@settings(max_examples=60)
@given(stays, st.integers(0, 9000), st.sampled_from(LIMITS))
def test_what_was_late_as_it_was_sent_back_is_as_late_as_it_returns(
    rounds: list[tuple[int, int]], away: int, limit: Limit
) -> None:
    """Whatever its limit counts: both readings know when a clock ends that goes on."""
    ours, mine, moment = None, None, FRIDAY_9AM
    for wait, length in rounds:
        begun = moment + wait * MINUTE
        moment = begun + length * MINUTE
        ours = used_time.run_on(ours, begun, moment, (), published_calendar())
        mine = mine.and_then(begun, moment, ()) if mine else UsedClock(begun, moment)
    assert ours is not None and mine is not None
    at = moment + away * MINUTE
    end = mine.end(limit, at, holidays.office())
    assert end == ours.end(limit, at, published_calendar())


def test_a_late_hour_is_late_by_as_much_after_days_elsewhere() -> None:
    """Due at ten, left at eleven on Friday, back on Wednesday at nine: late by an office hour."""
    clock = UsedClock(FRIDAY_9AM, FRIDAY_9AM + 120 * MINUTE)
    back = FRIDAY_9AM + timedelta(days=5)
    end = clock.end(Limit(1, "working_hours"), back, holidays.office())
    # Half an hour of Wednesday, and the last half hour of Tuesday.
    assert end == FRIDAY_9AM + timedelta(days=4, hours=8, minutes=30)
    assert clock.end(Limit(1, "hours"), back, holidays.office()) == back - 60 * MINUTE


def test_it_climbs_past_empty_posts_and_past_who_is_late() -> None:
    """The grid's leader is late, the village has no leader, the township's post is vacant."""
    units = {
        1: RosterUnit(None, "C", "county", "area"),
        2: RosterUnit(1, "T", "township", "area"),
        3: RosterUnit(2, "V", "village", "area"),
        4: RosterUnit(3, "G", "grid", "area"),
        5: RosterUnit(1, "C-ZZ", "county", "centre"),
    }
    posts = [
        RosterPost(1, 2, "leader", None, FRIDAY_9AM, None),
        RosterPost(2, 5, "leader", 50, FRIDAY_9AM, None),
        RosterPost(3, 4, "grid_worker", 40, FRIDAY_9AM, None),
        RosterPost(4, 3, "leader", 40, FRIDAY_9AM, None),
    ]
    deputies = [RosterDeputy(2, 51, FRIDAY_9AM, FRIDAY_9AM.replace(year=2027))]
    staff = Staff([FRIDAY_9AM], [Roster(units, posts, deputies, {})])
    found = staff.climb(FRIDAY_9AM, LateHolder(4, "grid_worker", 40), 1, "leader", over=True)

    assert (found.unit, set(found.recipients)) == (5, {50, 51})
    assert found.skips == ((3, "own"), (2, "vacant"))
