"""The same mediator goes on with a dispute: diagrams name the tasks whose doer gets the next."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import cases
from engine.casework.moves import transfers
from engine.errors import InvalidInput
from engine.models import Outbox, Post, Task
from engine.operations import doctor
from engine.reading import staff
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk


def second(world: World) -> None:
    """Another mediator of the village."""
    with transaction() as db:
        unit = org.unit_by_code(db, "V1")
        assert unit is not None
        user = org.create_user(
            db, None, login="other", name="员工other", password_hash="x", now=world.now
        )
        org.create_post(db, None, unit=unit, role="mediator", user=user, now=world.now)
        world.logins["other"] = user.id


def at_rights(desk: Desk) -> Desk:
    second(desk.world)
    desk.open("mediator", place="V1", people_count=2, amount=0)
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True)
    desk.do("village_leader", "assign")
    return desk


def holder(desk: Desk, node: str) -> int | None:
    """Who has signed for the open task of a node; the task is in its own hands or in none."""
    with reading() as db:
        task = db.get_one(Task, desk.world.task(desk.case_id, node).id)
        assert (task.assignee_id is None) == (task.signed_at is None)
        if task.assignee_id is not None and task.limit_amount is not None:
            # What its clock says is in its row, and fires.
            assert task.started_at and task.due_at and task.deadline_at == task.due_at
            assert "due" in {row.kind for row in desk.world.due(desk.case_id)}
        return task.assignee_id


def test_the_next_steps_come_to_whoever_took_the_first(dispute: Desk) -> None:
    at_rights(dispute)
    assert holder(dispute, "rights") is None
    dispute.do("other", "rights", willing="同意")

    other = dispute.world.logins["other"]
    assert holder(dispute, "investigate") == other
    assert "task.assigned" in dispute.world.kinds(dispute.case_id)
    with reading() as db:
        task = dispute.world.task(dispute.case_id, "investigate")
        keys = select(Outbox.key, Outbox.user_id).where(Outbox.task_id == task.id)
        assert db.execute(keys).tuples().all() == [("task.assigned", other)]
    dispute.do("other", "investigate")
    # A leader's step lies between, and the mediator's next one comes back all the same.
    dispute.do("other", "mediate", mediation_result="达成协议")
    dispute.do("other", "agreement", agreement_form="书面", visit_after=3)
    dispute.do("village_leader", "seal")
    assert dispute.where() == {}
    with reading(snapshot=True) as db:
        report = doctor.examine(db, dispute.world.now)
    assert [one.text.en for one in report.findings if one.check == "outbox"] == []


def test_a_transfer_changes_who_goes_on(dispute: Desk) -> None:
    at_rights(dispute).do("other", "rights", willing="同意")
    world, task = dispute.world, dispute.world.task(dispute.case_id, "investigate")
    with transaction() as db:
        actor, mine = world.actor(db, "other"), world.logins["mediator"]
        reason = "当事人申请回避"
        transfers.transfer(db, actor, task.id, task.unit_id, reason, now=world.now, user_id=mine)
    dispute.do("mediator", "investigate")
    assert holder(dispute, "mediate") == world.logins["mediator"]


@pytest.mark.parametrize("leaves", [True, False])
def test_whoever_no_longer_holds_the_role_gets_nothing(dispute: Desk, leaves: bool) -> None:
    at_rights(dispute).do("other", "rights", willing="同意")
    world = dispute.world
    if leaves:
        with transaction() as db:
            actor = world.actor(db, "other")
            task = world.task(dispute.case_id, "investigate")
            answers = dispute.answers("other", "dispute/investigate")
            mine = select(Post).where(Post.user_id == world.logins["other"])
            db.scalars(mine).one().until_at = world.now
            db.flush()
            cases.complete_task(db, actor, task.id, answers, now=world.now)
    else:
        dispute.do("other", "investigate")
    assert holder(dispute, "mediate") == (None if leaves else world.logins["other"])


def test_whoever_the_leader_chose_gets_the_first_step_and_those_after(dispute: Desk) -> None:
    second(dispute.world)
    world = dispute.world
    dispute.open("mediator", place="V1", people_count=2, amount=0)
    dispute.do("village_leader", "accept", acceptance="受理", in_scope=True)
    for nobody in (world.logins["handler"], 12345):
        with pytest.raises(InvalidInput) as refused:
            dispute.do("village_leader", "assign", mediator=str(nobody))
        assert set(refused.value.errors) == {"mediator"}
    dispute.do("village_leader", "assign", mediator=str(world.logins["other"]))

    assert holder(dispute, "rights") == world.logins["other"]
    dispute.do("other", "rights", willing="同意")
    assert holder(dispute, "investigate") == world.logins["other"]


def test_a_form_offers_who_holds_the_role_in_the_area(dispute: Desk) -> None:
    second(dispute.world)
    with reading() as db:
        offered = {
            login: [
                name for _unit, found in staff.options(db, actor, "mediator") for _, name in found
            ]
            for login in ("village_leader", "town_leader", "handler")
            for actor in [dispute.world.actor(db, login)]
        }
        names = staff.names(db, [str(dispute.world.logins["other"]), "x"])
    assert offered["village_leader"] == ["员工mediator", "员工other"]
    assert set(offered["village_leader"]) < set(offered["town_leader"])
    assert list(names.values()) == ["员工other"]
