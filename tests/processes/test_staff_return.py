"""The half-yearly return of committees and mediators, filled from the registers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine import org
from engine.definitions import versions
from engine.insight.statistics import entries, listing, returns, sending, sums
from engine.models import Committee, Mediator, StatisticReturn
from engine.registers import committees, mediators
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.walk import ROOT

STAFF, HALF = "mediation_staff", "2026-H2"
TODAY = date(2026, 11, 20)


@pytest.fixture
def county(people: World) -> World:
    """Two committees and a studio; four people, one of them in two of these, one gone."""
    with transaction() as db:
        files = versions.read_directory(ROOT)[versions.STATISTICS]
        versions.publish(db, versions.STATISTICS, files, now=people.now)
        actor_id = people.logins["village_leader"]
        for code, name, kind in (
            ("V1", "南湖村人民调解委员会", "village"),
            ("T1", "陈户镇人民调解委员会", "township"),
            ("V1", "老张调解工作室", "studio"),
        ):
            unit = org.unit_by_code(db, code)
            assert unit is not None
            typed = {"name": name, "kind": kind, "founded_on": "2020-05-01"}
            committees.create(db, actor_id, unit, typed, TODAY, now=people.now)
        for name, where, said in (
            ("王秀英", "南湖村人民调解委员会", {"sex": "female", "education": "college"}),
            ("李国强", "南湖村人民调解委员会", {"sex": "male", "full_time": "no"}),
            ("王秀英", "老张调解工作室", {"sex": "female", "education": "college"}),
            ("赵明", "陈户镇人民调解委员会", {"education": "graduate"}),
        ):
            appoint(db, people, where, name, **said)
        gone = appoint(db, people, "南湖村人民调解委员会", "钱进", sex="male", education="middle")
        ending = {"on": "2026-10-01", "reason": "离任"}
        mediators.dismiss(db, actor_id, gone, ending, TODAY, now=people.now)
    return people


def appoint(db, world: World, where: str, name: str, **said: str) -> Mediator:  # type: ignore[no-untyped-def]
    row = db.query(Committee).filter(Committee.name == where).one()
    usual = {"name": name, "full_time": "yes", "office": "member", "appointed_on": "2024-01-01"}
    actor_id = world.logins["village_leader"]
    return mediators.appoint(db, actor_id, row, {**usual, **said}, None, TODAY, now=world.now)


def filled(world: World, login: str, code: str) -> tuple[int, dict[str, int]]:
    """The id and the numbers of a unit's return, filled by somebody."""
    with transaction() as db:
        unit = org.unit_by_code(db, code)
        assert unit is not None
        actor = world.actor(db, login)
        about = returns.subject(db, actor, STAFF, unit.id, HALF)
        row = returns.fill(db, actor, about, now=world.now)
        numbers = sums.numbers(about.table, sums.of(db, row))
        found = {one.column.key: int(one.value or 0) for one in numbers if one.value}
        return row.id, found | {f"gap:{k}": n for k, n in listing.gaps(sums.of(db, row)).items()}


def test_it_counts_who_is_in_force_on_the_last_day(county: World) -> None:
    _row, found = filled(county, "village_leader", "V1")
    assert found == {
        "committees_1": 1, "studios": 1, "mediators": 2, "full_time": 1, "part_time": 1,
        "women": 1, "college": 1, "gap:no_education": 1,
    }  # fmt: skip


def test_every_number_opens_its_rows_and_those_of_units_below(county: World) -> None:
    with transaction() as db:
        unit = org.unit_by_code(db, "V1")
        assert unit is not None
        actor = county.actor(db, "village_leader")
        about = returns.subject(db, actor, STAFF, unit.id, HALF)
        row = returns.fill(db, actor, about, now=county.now)
        digest = returns.digest_of(db, row, about)
        returns.sign(db, actor, about, digest, now=county.now)
        sending.send(db, actor, about, now=county.now)
    row_id, found = filled(county, "town_leader", "T1")
    assert (found["mediators"], found["committees_3"], found["gap:no_sex"]) == (3, 1, 1)
    with reading() as db:
        row = db.get_one(StatisticReturn, row_id)
        behind = entries.behind(db, listing.family(db, row), "mediators")
        names = [(entry.name.partition("（")[0], unit.code) for entry, unit in behind]
        assert sorted(names) == [("李国强", "V1"), ("王秀英", "V1"), ("赵明", "T1")]


def test_what_was_signed_stays_whatever_the_register_says_later(county: World) -> None:
    with transaction() as db:
        unit = org.unit_by_code(db, "V1")
        assert unit is not None
        actor = county.actor(db, "village_leader")
        about = returns.subject(db, actor, STAFF, unit.id, HALF)
        row = returns.fill(db, actor, about, now=county.now)
        returns.sign(db, actor, about, returns.digest_of(db, row, about), now=county.now)
    with transaction() as db:
        appoint(db, county, "南湖村人民调解委员会", "新来的", sex="female", education="college")
    later = county.now + timedelta(days=1)
    with transaction() as db:
        actor = county.actor(db, "village_leader")
        row, *_older = returns.versions_of(db, about)
        assert returns.holds(db, row, about)
        again = returns.restate(db, actor, about, "名册有变化", now=later)
        assert sums.of(db, again)["mediators"] == sums.of(db, row)["mediators"] + 1_000_000
