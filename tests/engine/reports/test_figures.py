"""Figures of an area equal the lists behind them, case for case, whatever happened."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.access.actors import Actor
from engine.casework import moves
from engine.errors import NotFound
from engine.models import Case, Task, TaskStay, Unit
from engine.operations import doctor
from engine.reports import area as areas
from engine.reports import comparison, figures, listing, period
from engine.reports.listing import MEASURES, ListingQuery
from engine.storage import schema, tallies
from engine.storage.db import db as database
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


def listed(actor: Actor, wanted: ListingQuery, now: datetime) -> list[listing.ListingRow]:
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

    rates = {
        "to_close": found.total.to_close,
        "to_be_answered": found.total.answers_in_time.whole,
        "to_do": found.total.steps_done.whole,
        "to_be_in_time": found.total.steps_in_time.whole,
        "to_be_signed": found.total.signed_in_time.whole,
    }
    for measure in MEASURES:
        if measure in ("closed_late", "done_late", "late_time", "sign_late", "unsigned_time"):
            continue
        rows = listed(actor, ListingQuery(measure, area, month), world.now)
        assert len(rows) == rates.get(measure, found.total[measure]), measure


@pytest.mark.parametrize("days", [1, 3, 5, 10, 13])
def test_it_lists_what_was_late_when_a_period_of_the_past_ended(world: World, days: int) -> None:
    """What was late then and was done since is in the numbers of then, and in their lists."""
    played(world)
    first = date(2026, 11, 1)
    past = period.Period(first, FRIDAY_9AM.date() + timedelta(days=days))
    with reading() as db:
        actor = world.actor(db, "county_supervisor")
        area, _mine = areas.chosen(db, actor, None)
        found = figures.figures(db, area, past, world.now).total
    for measure in ("there", "late_there", "unsigned_there", "came", "done", "done_limited"):
        rows = listed(actor, ListingQuery(measure, area, past), world.now)
        assert len(rows) == found[measure], measure


def test_it_says_how_long_a_unit_was_late_and_adds_up_over_periods(world: World) -> None:
    """A day at a time or all at once: the same hours, whether the task is done by now or not."""
    played(world)
    with reading() as db:
        actor = world.actor(db, "county_supervisor")
        area, _mine = areas.chosen(db, actor, None)
        whole = figures.figures(db, area, NOVEMBER_ON, world.now).total
        daily = [
            figures.figures(db, area, period.Period(day, day), world.now).total
            for day in NOVEMBER_ON.days
        ]
        late = db.scalars(select(Task).where(Task.sign_due_at < world.now)).all()
    # Some that nobody has signed for yet, one done without signing on the last day.
    waited = sum(
        max((task.done_at or world.now) - task.sign_due_at, timedelta(0)) // timedelta(minutes=1)
        for task in late
        if task.sign_due_at is not None
    )
    assert whole["sign_late_minutes"] == waited > 10_000
    for measure in ("late_minutes", "sign_late_minutes"):
        assert sum(day[measure] for day in daily) == whole[measure] > 0


def test_it_counts_open_late_tasks_and_late_signings(world: World) -> None:
    """Leaving a task undone does not make a unit punctual: nothing done, and not one in time."""
    world.open()
    world.now = FRIDAY_9AM + timedelta(days=14)
    world.work(world.now)
    with reading() as db:
        area, _mine = areas.chosen(db, world.actor(db, "county_supervisor"), None)
        found = figures.figures(db, area, NOVEMBER_ON, world.now).total
    for rate in (found.steps_in_time, found.signed_in_time, found.steps_done):
        assert (rate.part, rate.whole, rate.percent) == (0, 1, 0.0)


def test_it_counts_open_cases_that_nobody_has_answered_in_time(world: World) -> None:
    """Not answering does not make a unit punctual: late while open, late when closed."""
    closed, opened = world.open(), world.open()
    finish(world, closed)
    due = case_of(opened).due_at
    assert due is not None
    world.now = due + timedelta(days=3)
    world.work(world.now)
    assert _answers(world, world.now.date()) == (1, 2)
    # What was open and in time then is in no rate of then.
    assert _answers(world, due.date() - timedelta(days=1)) == (1, 1)
    finish(world, opened)
    late = world.now
    world.now += timedelta(days=2)
    assert _answers(world, world.now.date()) == (1, 2)
    assert _answers(world, late.date() - timedelta(days=1)) == (1, 2)
    assert _answers(world, due.date() - timedelta(days=1)) == (1, 1)

    with transaction() as db:
        actor = world.actor(db, "county_supervisor")
        moves.reopen(db, actor, opened, "feedback", "又坏了。", now=world.now)
    # The new time runs, and what was late stays late.
    assert case_of(opened).missed_at == due < world.now
    assert _answers(world, world.now.date()) == (1, 2)
    with reading(snapshot=True) as db:
        assert doctor.examine(db, world.now).findings == []


def test_its_migration_counts_what_was_late_before(world: World, database_url: str) -> None:
    """Closed late, and reopened after a late answer: counted and kept as if from the beginning."""
    closed, again = world.open(), world.open()
    due = case_of(again).due_at
    assert due is not None
    world.now = due + timedelta(days=3)
    world.work(world.now)
    finish(world, closed)
    finish(world, again)
    with transaction() as db:
        actor = world.actor(db, "county_supervisor")
        moves.reopen(db, actor, again, "feedback", "又坏了。", now=world.now)
    before = _answers(world, world.now.date())
    database.engine.dispose()
    schema.downgrade(database_url, "0074-1")
    schema.upgrade(database_url)
    assert _answers(world, world.now.date()) == before == (0, 2)
    assert _answers(world, due.date() + timedelta(days=1)) == (0, 2)
    assert case_of(again).missed_at == due
    with reading(snapshot=True) as db:
        found = doctor.examine(db, world.now).findings
    assert [one for one in found if one.kind == "differs"] == []


def case_of(case_id: int) -> Case:
    with reading() as db:
        return db.get_one(Case, case_id)


def _answers(world: World, last: date) -> tuple[int, int]:
    """The two numbers of the answers' rate up to a day, each as long as its list."""
    past = period.Period(date(2026, 11, 1), last)
    with reading() as db:
        actor = world.actor(db, "county_supervisor")
        area, _mine = areas.chosen(db, actor, None)
        rate = figures.figures(db, area, past, world.now).total.answers_in_time
    for measure, many in (("closed_in_time", rate.part), ("to_be_answered", rate.whole)):
        assert len(listed(actor, ListingQuery(measure, area, past), world.now)) == many, measure
    return rate.part, rate.whole


def test_it_keeps_lateness_with_the_unit_that_passed_the_task_on(world: World) -> None:
    """A late task goes to a colleague office: its hours so far stay, later ones go there."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    task = world.task(case_id)
    world.now = FRIDAY_9AM + timedelta(days=28)
    world.work(world.now)
    with transaction() as db:
        handler = world.actor(db, "handler")
        moves.transfer(db, handler, task.id, unit("620725-SWJ").id, "属水务。", now=world.now)
    passed_at, world.now = world.now, world.now + timedelta(days=2)
    long = period.Period(date(2026, 11, 1), world.now.date())
    with reading(snapshot=True) as db:
        actor = world.actor(db, "county_supervisor")
        first, then = (
            figures.figures(db, areas.Area(unit(code)), long, world.now).total
            for code in ("620725-ZJJ", "620725-SWJ")
        )
        (stay,) = db.scalars(select(TaskStay))
        assert stay.due_at is not None and stay.left_at == passed_at
        assert first["late_minutes"] == (passed_at - stay.due_at) // timedelta(minutes=1)
        assert doctor.examine(db, world.now).findings == []
    assert (first["done_limited"], first["done_in_time"], first["late_there"]) == (1, 0, 0)
    assert (first["gone"], first["there"], then["came"], then["there"]) == (1, 0, 1, 1)
    for code, many in (("620725-ZJJ", first), ("620725-SWJ", then)):
        for measure in ("came", "done_limited", "late_there", "there", "late_time"):
            wanted = ListingQuery(measure, areas.Area(unit(code)), long)
            rows = listed(actor, wanted, world.now)
            if measure != "late_time":
                assert len(rows) == many[measure], (code, measure)
            assert {row.task_id for row in rows} <= {task.id}


def test_it_counts_the_figures_of_one_process(world: World) -> None:
    played(world)
    with reading() as db:
        area, _mine = areas.chosen(db, world.actor(db, "county_leader"), None)
        whole = figures.figures(db, area, NOVEMBER_ON, world.now)
        ticket = figures.figures(db, area, NOVEMBER_ON, world.now, "ticket")
        other = figures.figures(db, area, NOVEMBER_ON, world.now, "hotline")
    assert ticket.total.counts == whole.total.counts
    assert not any(other.total.counts.values())


def test_it_counts_what_had_to_be_closed_and_what_was(world: World) -> None:
    """办结率 has open cases of before in its denominator, too."""
    played(world)
    with reading() as db:
        actor = world.actor(db, "county_supervisor")
        area, _mine = areas.chosen(db, actor, None)
        month = NOVEMBER_ON
        found = figures.figures(db, area, month, world.now).total
        today = figures.figures(db, area, period.named_period("today", world.now), world.now).total

    assert (found["opened"], found["closed"], found["open"], found["open_before"]) == (4, 1, 3, 0)
    assert (found.handling.part, found.handling.whole, found.handling.percent) == (1, 4, 25.0)
    assert (today["opened"], today["open_before"], today.handling.percent) == (0, 3, 0.0)
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
    assert [one.text.en for one in report.findings] == []


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


def test_it_compares_with_the_period_before_and_the_year_before(world: World) -> None:
    """What happened in each of the three is what the figures of that period say."""
    played(world)
    flows = ("opened", "closed", "came", "done", "ended", "reopened", "returned", "rated")
    with reading() as db:
        area, _mine = areas.chosen(db, world.actor(db, "county_supervisor"), None)
        for first, last in ((20, 22), (21, 30), (1, 30), (25, 25)):
            of = period.Period(date(2026, 11, first), date(2026, 11, last))
            found = comparison.compare(db, area, of, "ticket")
            periods = (of, comparison.period_before(of), comparison.year_before(of))
            lines = (found.now, found.before, found.year_before)
            for line, one in zip(lines, periods, strict=True):
                total = figures.figures(db, area, one, world.now).total
                assert [line[name] for name in flows] == [total[name] for name in flows]


def test_it_knows_which_days_come_before() -> None:
    def days(first: date, last: date) -> period.Period:
        return period.Period(first, last)

    before, year = comparison.period_before, comparison.year_before
    november = days(date(2026, 11, 1), date(2026, 11, 30))
    assert before(november) == days(date(2026, 10, 1), date(2026, 10, 31))
    some = days(date(2026, 11, 9), date(2026, 11, 15))
    assert before(some) == days(date(2026, 11, 2), date(2026, 11, 8))
    leap = days(date(2028, 2, 29), date(2028, 2, 29))
    assert year(leap) == days(date(2027, 2, 28), date(2027, 2, 28))
