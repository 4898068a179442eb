"""The view of a process: its figures equal a plain look at the tasks, whatever happened to them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import cases
from engine.definitions import versions
from engine.models import Case, Task, Unit
from engine.models.steps import BACK, FLOW
from engine.reports import area as areas
from engine.reports import listing, process_view
from engine.reports.area import Area
from engine.reports.listing import ListingQuery
from engine.reports.omissions import Omissions
from engine.reports.period import Period
from engine.reports.process_view import ProcessQuery, ProcessView
from engine.storage import step_counts, tallies
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.processes.test_quality_figures import BY_TABLE, CALL, ZONE, call


def plain(db: Session, query: ProcessQuery, left: set[int]) -> dict[str, Counter[str]]:
    """What stands, was completed, late, and how long it took, by step: from the rows alone."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = select(Task, Case).join(Case, Case.id == Task.case_id).where(Task.came_at.is_not(None))
    units = {unit.id: unit for unit in db.scalars(select(Unit))}
    for task, case in db.execute(rows):
        here = query.area.contains(units[task.unit_id]) and case.process == query.process
        if not here or case.id in left or query.version_id not in (None, case.version_id):
            continue
        counts = found[task.node_id]
        if task.done_at is None:
            counts["here"] += 1
        elif query.period.start <= task.done_at < query.period.end:
            name = "amount" if task.outcome == "completed" else "gone"
            counts[name] += 1
            if name == "amount":
                counts["minutes"] += (task.done_at - task.opened_at) // timedelta(minutes=1)
                counts["late"] += task.due_at is not None and task.done_at > task.due_at
    return {node: counts for node, counts in found.items() if +counts}


def counted(found: ProcessView) -> dict[str, Counter[str]]:
    """The same of the view."""
    return {
        node: Counter(
            here=line.here,
            gone=line.gone,
            **{name: line.counts.get(name, 0) for name in ("amount", "minutes", "late")},
        )
        for node, line in found.steps.items()
    }


def played(world: World, dice: random.Random) -> None:
    """Orders by chance, some folded on the way."""
    for _number in range(9):
        call(Desk(world, "hotline"), dice)
        world.now += timedelta(days=dice.randint(0, 4))
        if dice.random() < 0.4:
            with transaction() as db:
                tallies.fold(db)
                step_counts.fold(db)
    desk = Desk(world, "hotline")
    desk.open("operator", **CALL)
    desk.do("county_dispatcher", "dispatch", **BY_TABLE)


@pytest.mark.parametrize("seed", [3, 4])
def test_it_shows_what_a_plain_look_at_the_tasks_shows(people: World, seed: int) -> None:
    dice = random.Random(seed)
    played(people, dice)
    first, last = date(2026, 11, 1), people.now.astimezone(ZONE).date()
    with reading(snapshot=True) as db:
        actor = people.actor(db, "county_supervisor")
        version_id = versions.current(db, "hotline", people.now).id
        ids = list(db.scalars(select(Case.id).where(Case.process == "hotline")))
        for code in ("620725", "T1", "620725-ZJJ", "620725-ZZ"):
            area = areas.chosen(db, actor, unit(db, code).id)[0]
            for version in (None, version_id, 1):
                start = first + timedelta(days=dice.randint(0, 40))
                for period in (Period(first, last), Period(start, max(start, last))):
                    query = ProcessQuery("hotline", area, period, version)
                    left = set(dice.sample(ids, 2))
                    found = process_view.view(db, query, people.now)
                    assert clean(counted(found)) == clean(plain(db, query, set()))
                    part = process_view.view(db, query, people.now, without=Omissions([*left]))
                    assert clean(counted(part)) == clean(plain(db, query, left))
        area = areas.chosen(db, actor, None)[0]
        whole = ProcessQuery("hotline", area, Period(first, last))
        lists_agree(db, people, whole)
        flows_are_whole(db, whole, version_id)


def clean(found: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {node: dict(+counts) for node, counts in found.items() if +counts}


def unit(db: Session, code: str) -> Unit:
    return db.scalars(select(Unit).where(Unit.code == code)).one()


def lists_agree(db: Session, world: World, query: ProcessQuery) -> None:
    """Every number is one list of that many cases."""
    found = process_view.view(db, query, world.now)
    actor = world.actor(db, "county_supervisor")

    def listed(measure: str, element: str) -> int:
        of = (query.area, query.period, query.process, False, element, None)
        wanted = ListingQuery(measure, *of)
        return len(listing.entries(db, actor, wanted, world.now, size=500).rows)

    for node, line in found.steps.items():
        assert listed("step_here", node) == line.here
        assert listed("step_done", node) == line.amount
        assert listed("step_done_late", node) == line.counts.get("late", 0)
        assert listed("step_late", node) == line.late_now
    assert found.ways and sum(way.line.amount for way in found.ways) == found.closed
    for way in found.ways:
        assert listed("way", way.key) == way.line.amount


def flows_are_whole(db: Session, query: ProcessQuery, version_id: int) -> None:
    """What went into a gateway or a step that is done came out of it again."""
    definition = versions.load(db, version_id).definition
    sums = process_view.steps_of(db, query)
    taken = {key: counts["amount"] for (kind, key), counts in sums.items() if kind == FLOW}
    into: Counter[str] = Counter()
    out: Counter[str] = Counter()
    for source, ways in definition.flows.flows.items():
        for flow in ways:
            out[source] += taken.get(flow.id, 0)
            into[flow.target] += taken.get(flow.id, 0)
    gateways = [node.id for node in definition.nodes.values() if node.kind == "exclusiveGateway"]
    assert any(into[node] for node in gateways)
    for node in gateways:
        assert into[node] == out[node], node
    assert not any(kind == BACK for kind, _element in sums)


def test_it_counts_what_is_sent_back(people: World) -> None:
    desk = Desk(people, "hotline")
    desk.open("operator", **CALL)
    desk.do("county_dispatcher", "dispatch", **{**BY_TABLE, "statutory": True})
    desk.do("handler", "interim", law_kind="信访", law_from="2026-11-20")
    task = people.task(desk.case_id, "handle_legal")
    with transaction() as db:
        cases.return_task(
            db, people.actor(db, "handler"), task.id, "interim", "期限填错了。", now=people.now
        )
    with reading() as db:
        area = Area(unit(db, "620725"))
        month = Period(date(2026, 11, 1), date(2026, 11, 30))
        found = process_view.view(db, ProcessQuery("hotline", area, month), people.now)
    assert found.backs == {("handle_legal", "interim"): 1}
    assert found.steps["interim"].here == 1 and found.steps["handle_legal"].gone == 1


def test_it_estimates_medians_within_classes() -> None:
    counts = dict.fromkeys(step_counts.BUCKETS, 0) | {"b02": 10, "b07": 10}
    assert process_view.quantile(counts, 0.5) == 60
    low, high = step_counts.BOUNDS[6], step_counts.BOUNDS[7]
    assert process_view.quantile(counts, 0.9) == low + (high - low) * 0.8
    assert process_view.quantile(dict.fromkeys(step_counts.BUCKETS, 0), 0.5) is None


def test_it_takes_months_where_it_can() -> None:
    period = Period(date(2026, 1, 31), date(2026, 4, 2))
    wanted = ["2026-01-31", "2026-02", "2026-03", "2026-04-01", "2026-04-02"]
    assert process_view.spans_of(period) == wanted
