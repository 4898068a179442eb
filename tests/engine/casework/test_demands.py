"""Supervision notices and a centre's calls: issued, answered, decided, each with its own clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine import org
from engine.access import policy
from engine.casework import demands
from engine.casework.demand_seats import may_decide
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, Demand, Due, Notice, Post, Unit, User
from engine.records import anchors
from engine.storage.db import reading, transaction
from engine.worker import ticks
from engine.worktime import Limit
from tests.engine.casework.world import FRIDAY_9AM, World

MONDAY_CLOSE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def issue(world: World, case_id: int, login: str = "county_supervisor", **values: object) -> int:
    with transaction() as db:
        code = values.pop("to", "V1")
        unit = db.scalars(select(Unit.id).where(Unit.code == code)).one()
        given = {"kind": "notice", "words": "请说明为何迟迟没有受理。", **values}
        kind = str(given.pop("kind"))
        row = demands.issue(
            db, world.actor(db, login), case_id, kind, unit_id=unit, now=world.now, **given
        )  # type: ignore[arg-type]
        return row.id


def answer(world: World, demand_id: int, login: str = "grid_leader") -> None:
    with transaction() as db:
        demands.answer(db, world.actor(db, login), demand_id, "已经受理。", now=world.now)


def decide(world: World, demand_id: int, accepted: bool, login: str = "county_supervisor") -> None:
    with transaction() as db:
        actor = world.actor(db, login)
        demands.decide(
            db, actor, demand_id, accepted, "同意", now=world.now, consequence="reminder"
        )


def withdraw(world: World, demand_id: int, login: str = "county_supervisor") -> None:
    with transaction() as db:
        demands.withdraw(db, world.actor(db, login), demand_id, "误发", now=world.now)


def row_of(demand_id: int) -> Demand:
    with reading() as db:
        return db.get_one(Demand, demand_id)


def test_it_goes_from_issue_to_acceptance(world: World) -> None:
    """Numbered, due in one working day, answered, accepted with a consequence; all on the chain."""
    case_id = world.open()
    demand_id = issue(world, case_id)
    issued = row_of(demand_id)
    world.now += timedelta(hours=2)
    answer(world, demand_id)
    decide(world, demand_id, True)

    assert (issued.number, issued.due_at) == ("督〔2026〕0001", MONDAY_CLOSE)
    closed = row_of(demand_id)
    assert (closed.outcome, closed.consequence, closed.late) == ("accepted", "reminder", False)
    kinds = [kind for kind in world.kinds(case_id) if kind.startswith("demand.")]
    assert kinds == ["demand.issued", "demand.answered", "demand.accepted"]
    assert not [row for row in world.due(case_id) if row.kind == "demand_due"]
    with reading() as db:
        assert anchors.verify(db) == []


def test_it_begins_another_round_when_an_answer_is_rejected(world: World) -> None:
    """The clock is restarted; the unit answers again."""
    demand_id = issue(world, world.open())
    answer(world, demand_id)
    world.now = MONDAY_CLOSE
    decide(world, demand_id, False)
    again = row_of(demand_id)
    answer(world, demand_id)

    assert (again.round, again.answered_at) == (2, None)
    assert again.due_at == MONDAY_CLOSE + timedelta(days=1)
    with pytest.raises(Conflict):
        answer(world, demand_id)


def test_it_is_late_when_nobody_answers_in_time(world: World) -> None:
    """Its own clock runs out once; both sides are told, and the record says so."""
    case_id = world.open()
    demand_id = issue(world, case_id)
    world.work(MONDAY_CLOSE)
    world.work(MONDAY_CLOSE)

    assert row_of(demand_id).late
    assert world.kinds(case_id).count("demand.overdue") == 1
    with reading() as db:
        told = set(db.scalars(select(Notice.user_id).where(Notice.key == "demand.overdue")))
    assert world.logins["county_supervisor"] in told


def test_it_tells_a_leader_of_both_sides_once(world: World) -> None:
    """Somebody who leads the unit that is called and the one that calls hears of it once."""
    sit(world, "county_leader", "V1", "leader")
    issue(world, world.open())
    report = world.work(MONDAY_CLOSE)

    assert report["sweep"]["failed"] == 0
    with reading() as db:
        told = db.scalars(select(Notice.user_id).where(Notice.key == "demand.overdue")).all()
    people = ("county_leader", "county_supervisor")
    assert sorted(told) == sorted(world.logins[one] for one in people)


def test_it_asks_who_may(world: World) -> None:
    """From above only; the unit alone answers; the issuer alone decides; strangers see nothing."""
    case_id = world.open()
    with pytest.raises(NotAllowed):
        issue(world, case_id, "grid_leader")
    with pytest.raises(NotFound):
        issue(world, case_id, "sibling")
    with pytest.raises(InvalidInput):
        issue(world, case_id, "town_supervisor", to="T2")
    for wrong in ({"words": " "}, {"limit": Limit(0, "days")}):
        with pytest.raises(InvalidInput):
            issue(world, case_id, **wrong)
    demand_id = issue(world, case_id)
    with pytest.raises(Conflict):
        issue(world, case_id)
    with pytest.raises(Conflict):
        decide(world, demand_id, True)
    with pytest.raises(NotAllowed):
        answer(world, demand_id, "worker")
    with pytest.raises(NotFound):
        answer(world, demand_id, "sibling")
    answer(world, demand_id)
    with pytest.raises(NotAllowed):
        decide(world, demand_id, True, "grid_leader")


def sit(world: World, login: str, code: str, role: str) -> None:
    """Give somebody one more post, as they may have had it for long."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == code)).one()
        user = db.get_one(User, world.logins[login])
        org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)


def stand_in(world: World, login: str, code: str, role: str) -> None:
    """Let somebody stand in for the holder of a post."""
    with transaction() as db:
        post = db.scalars(select(Post).join(Unit).where(Unit.code == code, Post.role == role)).one()
        user = db.get_one(User, world.logins[login])
        end = world.now + timedelta(days=9)
        org.create_deputy(
            db, None, post=post, user=user, from_at=world.now, until_at=end, now=world.now
        )


@pytest.mark.parametrize(
    ("belong", "role"), [(sit, "handler"), (sit, "mediator"), (stand_in, "grid_leader")]
)
def test_nobody_decides_on_a_notice_to_their_own_unit(
    world: World, belong: Callable[..., None], role: str
) -> None:
    """Whatever post of it they hold, or stand in for; whoever else stands above decides."""
    demand_id = issue(world, world.open())
    answer(world, demand_id)
    belong(world, "county_leader", "V1", role)
    with reading() as db:
        assert may_decide(world.actor(db, "county_leader"), row_of(demand_id)) is None
    for accepted in (True, False):
        with pytest.raises(NotAllowed):
            decide(world, demand_id, accepted, "county_leader")
    with pytest.raises(NotAllowed):
        withdraw(world, demand_id, "county_leader")
    assert (row_of(demand_id).outcome, row_of(demand_id).round) == (None, 1)
    decide(world, demand_id, True)


def test_a_unit_does_not_call_itself(world: World) -> None:
    """Nobody judges a notice to their own unit: not by hand, and the table refuses it, too."""
    case_id = world.open()
    with pytest.raises(InvalidInput):
        issue(world, case_id, "town_supervisor", to="T1")
    demand_id = issue(world, case_id, "town_supervisor")
    with pytest.raises(IntegrityError), transaction() as db:
        demand = db.get_one(Demand, demand_id)
        demand.unit_id = demand.issuer_id
        db.flush()


def test_it_climbs_until_somebody_answers(world: World) -> None:
    """Nobody answers: above who asked, a working day later, then on and on; an answer ends it."""
    case_id = world.open()
    demand_id = issue(world, case_id, "town_supervisor")
    world.work(MONDAY_CLOSE + timedelta(days=8))
    first = [json.loads(one.data) for one in world.events(case_id, "demand.escalated")]
    mine = [one for one in first if one["demand"] == str(demand_id)]

    assert mine and {one["unit_name"] for one in first} == {"山丹县"}
    assert {user for one in first for user in one["reached"]} == {world.logins["county_leader"]}
    assert [row for row in world.due(case_id) if row.mark.startswith(f"{demand_id}:1:again")]
    answer(world, demand_id)
    assert not [row for row in world.due(case_id) if row.mark.startswith(f"{demand_id}:")]
    world.work(MONDAY_CLOSE + timedelta(days=30))
    later = [json.loads(one.data) for one in world.events(case_id, "demand.escalated")]
    assert [one["demand"] for one in later].count(str(demand_id)) == len(mine)


def test_it_tells_who_is_above_where_nobody_sits(world: World) -> None:
    """A unit without anybody in it: the leader above hears, and the record says so."""
    with transaction() as db:
        post = db.scalars(select(Post).join(Unit).where(Unit.code == "V1")).one()
        org.vacate_post(db, None, post, now=world.now)
    case_id = world.open()
    demand_id = issue(world, case_id)
    world.work(world.now)

    (event,) = world.events(case_id, "demand.issued")
    assert json.loads(event.data)["told_above"] == [world.logins["town_leader"]]
    with reading() as db:
        told = db.scalars(select(Notice.user_id).where(Notice.key == "demand.issued")).all()
    assert told == [world.logins["town_leader"]] and row_of(demand_id).answered_at is None


def test_nobody_decides_on_an_answer_of_their_own(world: World) -> None:
    """Nor after they have left the unit for which they gave it."""
    demand_id = issue(world, world.open())
    answer(world, demand_id)
    sit(world, "grid_leader", "620725", "leader")
    with transaction() as db:
        post = db.scalars(
            select(Post).join(Unit).where(Unit.code == "V1", Post.role == "grid_leader")
        ).one()
        org.vacate_post(db, None, post, now=world.now)
    for accepted in (True, False):
        with pytest.raises(NotAllowed):
            decide(world, demand_id, accepted, "grid_leader")
    assert row_of(demand_id).outcome is None
    decide(world, demand_id, True, "county_leader")


def test_it_lets_a_centre_call_a_department(world: World) -> None:
    """The dispatcher of the county's centre calls; the department sees the case and answers."""
    case_id = world.open()
    with reading() as db:
        assert not policy.can_see(db, world.actor(db, "water_handler"), db.get_one(Case, case_id))
    demand_id = issue(world, case_id, "county_dispatcher", kind="call", to="620725-SWJ")

    call = row_of(demand_id)
    assert call.number == "呼〔2026〕0001"
    assert call.due_at == datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    with reading() as db:
        assert policy.can_see(db, world.actor(db, "water_handler"), db.get_one(Case, case_id))
    answer(world, demand_id, "water_handler")
    decide(world, demand_id, True, "county_dispatcher")


def test_it_is_taken_back_with_a_reason(world: World) -> None:
    """Withdrawn, its clock goes, and nobody can answer any more."""
    case_id = world.open()
    demand_id = issue(world, case_id)
    withdraw(world, demand_id)

    assert row_of(demand_id).outcome == "withdrawn"
    assert not [row for row in world.due(case_id) if row.kind == "demand_due"]
    with pytest.raises(Conflict):
        answer(world, demand_id)


def test_a_rung_issues_one_notice_and_urges_it_after(world: World) -> None:
    """The table's supervision rungs open notices with the row that said so, one a level."""
    case_id = world.open()
    now = FRIDAY_9AM
    while now < FRIDAY_9AM + timedelta(days=8):
        now += timedelta(hours=6)
        ticks.sweep(now)

    with reading() as db:
        rows = db.scalars(select(Demand).where(Demand.case_id == case_id)).all()
        due = db.scalars(select(Due.kind).where(Due.case_id == case_id)).all()
    supervised = [
        json.loads(event.data)
        for event in world.events(case_id, "escalated")
        if json.loads(event.data)["act"] == "supervise"
    ]
    assert rows and len({(row.issuer_id, row.task_id) for row in rows}) == len(rows)
    assert all(row.rung and row.rung["table"] == 1 and row.by_id is None for row in rows)
    assert len(supervised) > len(rows)
    assert {one["new"] for one in supervised if "new" in one} == {True}
    assert all(row.issuer_id != row.unit_id for row in rows)
    assert "timer" not in due
