"""Marks and parts of the map: each is one list of that many cases, and nobody sees more."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.access import policy
from engine.access.actors import Actor
from engine.errors import InvalidInput
from engine.geo import boundaries, invented
from engine.geo.boundaries import PublishingTerms
from engine.models import AdminEvent, Case, Unit
from engine.org import populations
from engine.reports import area as areas
from engine.reports import map_listing, map_view
from engine.reports.map_view import MapQuery
from engine.reports.period import Period
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, World

WEST, SOUTH, EAST, NORTH = 100.7, 37.9, 101.7, 39.1
WHOLE = Period(date(2026, 11, 1), date(2026, 12, 4))


@pytest.fixture
def mapped(world: World) -> World:
    """Tickets of two villages, some with a position, one confidential, some late, some closed."""
    dice = random.Random(5)
    with transaction() as db:
        county = org.unit_by_code(db, "620725")
        assert county is not None
        outline = shapely.box(WEST, SOUTH, EAST, NORTH)
        drawn = invented.areas(db, county, outline)
        boundaries.publish(db, drawn, PublishingTerms(source="test", invented=True), now=world.now)
    ids = [world.open(category=dice.choice(["供电通信", "环境卫生"])) for _number in range(14)]
    world.complete("grid_leader", ids[0], ACCEPT)
    with transaction() as db:
        for case_id in ids[:9]:
            case = db.get_one(Case, case_id)
            case.longitude = dice.uniform(WEST, EAST)
            case.latitude = dice.uniform(SOUTH, NORTH)
        # A whole cluster on one spot, and a confidential case among them.
        for case_id in ids[3:6]:
            case = db.get_one(Case, case_id)
            case.longitude, case.latitude = 101.0123, 38.5
        db.get_one(Case, ids[5]).guarded = True
    world.now += timedelta(days=10)
    world.work(world.now)
    return world


def listed(db: Session, actor: Actor, asked: MapQuery, world: World) -> set[int]:
    shapes = map_view.shapes_of(db, asked.area)
    page = map_listing.entries(db, actor, asked, shapes, world.now, size=500)
    return {row.case_id for row in page.rows}


def test_it_leads_from_each_mark_to_exactly_its_cases(mapped: World) -> None:
    with reading() as db:
        actor = mapped.actor(db, "county_supervisor")
        area = areas.chosen(db, actor, None)[0]
        shapes = map_view.shapes_of(db, area)
        assert shapes is not None
        for zoom in (5, 8, 11, 14, 17):
            for state in map_view.STATES:
                marks_agree(db, actor, MapQuery(area, WHOLE, state), zoom, mapped)
        asked = MapQuery(area, WHOLE, map_view.OPENED)
        far, near = (map_view.marks(db, asked, shapes, zoom, mapped.now) for zoom in (5, 17))
        assert len(far) < len(near) and max(mark.count for mark in near) > 1


def marks_agree(db: Session, actor: Actor, asked: MapQuery, zoom: int, world: World) -> None:
    """Each mark is a list of that many cases, together all that are not confidential."""
    shapes = map_view.shapes_of(db, asked.area)
    assert shapes is not None
    marks = map_view.marks(db, asked, shapes, zoom, world.now)
    behind = [listed(db, actor, replace(asked, cell=one.cell), world) for one in marks]
    assert [len(one) for one in behind] == [one.count for one in marks]
    plain = select(Case.id).join(Unit, Unit.id == Case.place_id)
    wanted = db.scalars(plain.where(~Case.guarded, *map_view.conditions(asked, world.now)))
    assert set().union(*behind) == set(wanted)
    boxed = replace(asked, box=(WEST, SOUTH, EAST, NORTH))
    assert map_view.marks(db, boxed, shapes, zoom, world.now) == marks
    away = replace(asked, box=(0.0, 0.0, 1.0, 1.0))
    assert map_view.marks(db, away, shapes, zoom, world.now) == []


def test_it_leads_from_each_part_to_exactly_its_cases(mapped: World) -> None:
    with reading() as db:
        actor = mapped.actor(db, "county_supervisor")
        county = areas.chosen(db, actor, None)[0]
        for category in ("", "环境卫生"):
            asked = MapQuery(county, WHOLE, map_view.OPENED, "ticket", category)
            parts = map_view.parts(db, actor, asked, mapped.now)
            for part in parts:
                place = areas.chosen(db, actor, part.unit.id)[0]
                alone = part.unit.id == county.unit.id
                of_part = replace(asked, place=place, alone=alone)
                assert len(listed(db, actor, of_part, mapped)) == part.count
            seen = select(Case.id).where(policy.visible_cases(actor), Case.process == "ticket")
            if category:
                seen = seen.where(Case.category == category)
            assert sum(part.count for part in parts) == len(db.scalars(seen).all()) > 0
        assert map_view.categories(db, asked, mapped.now) == ["供电通信", "环境卫生"]


def test_it_shows_a_township_its_own(mapped: World) -> None:
    with reading() as db:
        leader = mapped.actor(db, "town_leader")
        town = areas.chosen(db, leader, None)[0]
        shapes = map_view.shapes_of(db, town)
        assert shapes is not None
        other = db.scalars(select(Unit).where(Unit.code == "T2")).one()
        asked = MapQuery(areas.Area(other), WHOLE, map_view.OPENED)
        assert map_view.marks(db, asked, shapes, 9, mapped.now) == []
        mine = map_view.marks(db, replace(asked, area=town), shapes, 9, mapped.now)
        assert sum(mark.count for mark in mine) == 13
        drawn = map_view.collection(db, town)
        assert len(drawn["whole"]["features"]) == 1 and drawn["parts"]["features"]


def test_it_divides_by_the_people_that_somebody_entered(mapped: World) -> None:
    with transaction() as db:
        county = org.unit_by_code(db, "620725")
        assert county is not None
        lines = "T1 清泉镇 52,000\nT2\n"
        given = {"now": mapped.now, "today": date(2026, 12, 4)}
        day = date(2020, 11, 1)
        actor_id = mapped.logins["county_leader"]
        assert populations.keep(db, actor_id, county, lines, "七普", day, **given) == 1  # type: ignore[arg-type]
        assert populations.keep(db, actor_id, county, lines, "七普", day, **given) == 0  # type: ignore[arg-type]
        for wrong, at in (("T9 5", day), ("T9 x", day), ("T1 0", day), ("T1 5", date(2027, 1, 1))):
            with pytest.raises(InvalidInput):
                populations.keep(db, actor_id, county, wrong, "七普", at, **given)  # type: ignore[arg-type]
    with reading() as db:
        actor = mapped.actor(db, "county_supervisor")
        asked = MapQuery(areas.chosen(db, actor, None)[0], WHOLE, map_view.OPENED)
        rates = {
            part.unit.code: part.per_thousand
            for part in map_view.parts(db, actor, asked, mapped.now)
        }
        assert rates["T1"] == pytest.approx(14 / 52) and rates["T2"] is None
        kinds = db.scalars(select(AdminEvent.kind)).all()
        assert kinds.count("population.changed") == 1
