"""Figures of an area equal the lists behind them, case for case, whatever happened."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.access.actors import Actor
from engine.casework import moves
from engine.errors import NotFound
from engine.models import Unit
from engine.operations import doctor
from engine.reports import area as areas
from engine.reports import figures, listing, period
from engine.reports.listing import MEASURES, Wanted
from engine.storage import tallies
from engine.storage.db import reading, transaction
from tests.engine.casework.world import (
    ACCEPT,
    DISPATCH,
    FEEDBACK,
    FRIDAY_9AM,
    HANDLE,
    RATE,
    TRACK,
    World,
)

# From the month of the cases to the day on which they are looked at.
NOVEMBER_ON = period.Period(date(2026, 11, 1), date(2026, 12, 4))


def played(world: World) -> dict[str, int]:
    """Four tickets: closed, waiting, handled late, closed and opened again."""
    found = {"closed": world.open()}
    finish(world, found["closed"])
    found["again"] = world.open()
    finish(world, found["again"])
    found["waiting"] = world.open()
    found["late"] = world.open()
    world.now = FRIDAY_9AM + timedelta(days=3)
    with transaction() as db:
        actor = world.actor(db, "county_supervisor")
        moves.reopen(db, actor, found["again"], "feedback", "群众反映又坏了。", now=world.now)
    world.now = FRIDAY_9AM + timedelta(days=14)
    world.work(world.now)
    world.complete("grid_leader", found["late"], ACCEPT)
    return found


def finish(world: World, case_id: int) -> None:
    """From acceptance to the end."""
    for login, answers in (
        ("grid_leader", ACCEPT),
        ("dispatcher", DISPATCH),
        ("handler", HANDLE),
        ("worker", TRACK),
        ("worker", FEEDBACK),
        ("dispatcher", RATE),
    ):
        world.complete(login, case_id, answers)


def unit(code: str) -> Unit:
    with reading() as db:
        return db.scalars(select(Unit).where(Unit.code == code)).one()


def listed(actor: Actor, wanted: Wanted, now: datetime) -> list[listing.ListingRow]:
    found: list[listing.ListingRow] = []
    after: int | None = None
    while True:
        with reading() as db:
            page = listing.entries(db, actor, wanted, now, after=after, size=2)
        found += page.rows
        if page.after is None:
            return found
        after = int(page.after)


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("code", ["620725", "T1", "V1", "620725-ZJJ"])
def test_it_lists_exactly_what_each_number_counts(world: World, code: str, folded: bool) -> None:
    played(world)
    if folded:
        with transaction() as db:
            tallies.fold(db)
    with reading() as db:
        actor = world.actor(db, "county_supervisor")
        area, _mine = areas.chosen(db, actor, unit(code).id)
        month = NOVEMBER_ON
        found = figures.figures(db, area, month, world.now)

    for measure in MEASURES:
        if measure in ("to_close", "closed_late", "done_late"):
            continue
        rows = listed(actor, Wanted(measure, area, month), world.now)
        assert len(rows) == found.total[measure], measure


def test_it_counts_what_had_to_be_closed_and_what_was(world: World) -> None:
    """办结率 has open cases of before in its denominator, too."""
    played(world)
    with reading() as db:
        actor = world.actor(db, "county_supervisor")
        area, _mine = areas.chosen(db, actor, None)
        month = NOVEMBER_ON
        found = figures.figures(db, area, month, world.now).total
        today = figures.figures(db, area, period.named("today", world.now), world.now).total

    assert (found["opened"], found["closed"], found["open"], found["open_before"]) == (4, 1, 3, 0)
    assert (found.handled.part, found.handled.whole, found.handled.percent) == (1, 4, 25.0)
    assert (today["opened"], today["open_before"], today.handled.percent) == (0, 3, 0.0)
    assert found.steps_in_time.whole > found.steps_in_time.part > 0


def test_it_divides_an_area_into_its_parts_and_processes(world: World) -> None:
    played(world)
    with reading() as db:
        actor = world.actor(db, "county_leader")
        area, _mine = areas.chosen(db, actor, None)
        month = NOVEMBER_ON
        found = figures.figures(db, area, month, world.now)
        by_day = figures.trend(db, area, month)

    for measure in ("opened", "waiting", "handling", "late", "escalated", "done_limited"):
        assert sum(part[measure] for part in found.parts) == found.total[measure], measure
        assert sum(one[measure] for one in found.processes) == found.total[measure], measure
    assert sum(day.get("opened", 0) for day in by_day.values()) == found.total["opened"]
    assert {part.unit.code for part in found.parts if part.unit} >= {"T1", "620725-ZJJ"}


def test_it_agrees_with_the_audit_trail(world: World) -> None:
    played(world)
    with reading(snapshot=True) as db:
        report = doctor.examine(db, world.now)
    assert [one.text.en for one in report.findings if one.check == "tallies"] == []


def test_it_shows_no_area_to_who_does_not_oversee_it(world: World) -> None:
    with reading() as db:
        town = world.actor(db, "town_leader")
        for code in ("620725", "620725-ZJJ", "T2"):
            with pytest.raises(NotFound):
                areas.chosen(db, town, unit(code).id)
        with pytest.raises(NotFound):
            areas.chosen(db, world.actor(db, "handler"), None)
        department = areas.chosen(db, world.actor(db, "department_leader"), None)[0]
        assert department.column is None and department.below is None
