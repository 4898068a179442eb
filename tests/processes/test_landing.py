"""A vacant mediator, a merged village, a department without users: work lands where it is seen."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from engine import org
from engine.access import policy
from engine.access.policy import visible_tasks, within_now
from engine.models import Case, Notice, Post, Task, Unit, User
from engine.storage.db import reading, transaction
from tests.processes.desk import Desk

BUREAU = "620725-ZJJ"


def vacate(desk: Desk, code: str, role: str) -> None:
    """Whoever holds the role in the unit leaves it."""
    with transaction() as db:
        unit = org.unit_by_code(db, code)
        assert unit is not None
        posts = db.scalars(
            select(Post).where(Post.unit_id == unit.id, Post.role == role, Post.until_at.is_(None))
        )
        for post in posts.all():
            org.vacate_post(db, None, post, now=desk.world.now)


def seen_by(desk: Desk, login: str) -> set[str]:
    """Nodes of the case's open tasks on somebody's lists."""
    with reading() as db:
        actor = desk.world.actor(db, login)
        query = (
            select(Task.node_id)
            .join(Unit, Unit.id == Task.unit_id)
            .join(Case, Case.id == Task.case_id)
            .where(Task.case_id == desk.case_id, Task.done_at.is_(None))
            .where(visible_tasks(actor), within_now(actor))
        )
        return set(db.scalars(query))


def told(desk: Desk, login: str) -> int:
    """How many notices of the case somebody has."""
    with reading() as db:
        mine = select(Notice.id).where(
            Notice.user_id == desk.world.logins[login], Notice.case_id == desk.case_id
        )
        return len(db.scalars(mine).all())


def to_rights(desk: Desk) -> Desk:
    """A dispute of the village, up to the mediator's first step."""
    desk.open("mediator", place="V1", dispute_type="邻里纠纷", people_count=2, amount=0)
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True)
    return desk


def test_it_queues_for_a_vacant_mediator_and_tells_who_is_above(dispute: Desk) -> None:
    to_rights(dispute)
    vacate(dispute, "V1", "mediator")
    dispute.do("village_leader", "assign")

    assert dispute.where() == {"rights": ("V1", "mediator")}
    assert seen_by(dispute, "village_leader") == seen_by(dispute, "town_leader") == {"rights"}

    dispute.world.work(dispute.world.now + timedelta(days=8))
    assert dispute.world.events(dispute.case_id, "escalated")
    assert told(dispute, "village_leader") > 0 and told(dispute, "town_supervisor") > 0

    # The next mediator finds it in the queue.
    with transaction() as db:
        unit, user = org.unit_by_code(db, "V1"), dispute.world.logins["town_mediator"]
        assert unit is not None
        org.create_post(
            db, None, unit=unit, role="mediator", user=db.get_one(User, user), now=dispute.world.now
        )
    dispute.do("town_mediator", "rights", willing="同意")
    assert dispute.where() == {"investigate": ("V1", "mediator")}


def test_it_skips_an_empty_committee_and_records_whom(dispute: Desk) -> None:
    to_rights(dispute)
    for role in ("mediator", "leader"):
        vacate(dispute, "V1", role)
    dispute.world.work(dispute.world.now + timedelta(days=8))

    skipped = [
        skip["name"]
        for event in dispute.world.events(dispute.case_id, "escalated")
        for skip in json.loads(event.data).get("skipped", [])
    ]
    assert "南湖村" in skipped
    assert told(dispute, "town_leader") + told(dispute, "town_supervisor") > 0


def test_it_hands_the_work_of_a_merged_village_to_its_heir(dispute: Desk) -> None:
    """What is open moves; what comes later lands there too; the case keeps the old name."""
    to_rights(dispute)
    with transaction() as db:
        village, heir = org.unit_by_code(db, "V1"), org.unit_by_code(db, "V2")
        assert village is not None and heir is not None
        org.end_unit(db, None, village, heir=heir, now=dispute.world.now)

    dispute.world.work(dispute.world.now + timedelta(minutes=5))
    assert dispute.where() == {"assign": ("V2", "leader")}
    assert seen_by(dispute, "town_leader") == {"assign"}
    with transaction() as db:
        heir = org.unit_by_code(db, "V2")
        user = org.create_user(
            db, None, login="heir", name="接任", password_hash="x", now=dispute.world.now
        )
        assert heir is not None
        org.create_post(db, None, unit=heir, role="leader", user=user, now=dispute.world.now)
        dispute.world.logins["heir"] = user.id
    dispute.do("heir", "assign")
    assert dispute.where() == {"rights": ("V2", "mediator")}
    with reading() as db:
        assert db.get_one(Case, dispute.case_id).place_name == "清泉镇南湖村"


def test_it_shows_work_of_a_department_without_users(ticket: Desk) -> None:
    ticket.open("worker", place="G1", settled=False, category="住房物业", setting="住宅小区")
    ticket.do("grid_leader", "accept", acceptance="上报分流")
    for role in ("handler", "leader"):
        vacate(ticket, BUREAU, role)
    ticket.do("dispatcher", "dispatch", dispatch_mode="单位承办", unit_choice="按分流表")

    assert ticket.where() == {"handle": (BUREAU, "handler")}
    assert seen_by(ticket, "county_supervisor") == seen_by(ticket, "county_leader") == {"handle"}
    with reading() as db:
        task = ticket.world.task(ticket.case_id, "handle")
        actor = ticket.world.actor(db, "county_supervisor")
        assert not policy.allowed(actor, "complete", task)

    ticket.world.work(ticket.world.now + timedelta(days=8))
    assert told(ticket, "county_supervisor") > 0
    skipped = [
        skip
        for event in ticket.world.events(ticket.case_id, "escalated")
        for skip in json.loads(event.data).get("skipped", [])
    ]
    assert {skip["name"] for skip in skipped} >= {"住房和城乡建设局"}


def test_it_falls_back_to_the_place_for_a_unit_that_does_not_exist(hotline: Desk) -> None:
    """A unit that triage names and nobody is: the township handles it, the record says so."""
    hotline.open("operator", place="V1", topic="城市管理", area="城区", request_kind="投诉")
    hotline.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")

    assert hotline.where() == {"handle": ("T1", "handler")}
    assert seen_by(hotline, "town_leader") == seen_by(hotline, "county_leader") == {"handle"}
    changed = hotline.world.events(hotline.case_id, "case.changed")
    assert "城市管理局" in {json.loads(event.data).get("department") for event in changed}
