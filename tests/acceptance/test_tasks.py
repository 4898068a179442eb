"""Every kind of task runs a small diagram of its own through the use cases."""

from __future__ import annotations

import json

from sqlalchemy import select

from engine.models import Outbox
from engine.storage.db import reading
from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World


def test_it_gives_a_user_task_to_people_with_its_clocks(world: World) -> None:
    clocks = {"signLimit": "4", "signLimitUnit": "working_hours", "limit": "2", "warn": "1",
              "limitUnit": "working_days"}  # fmt: skip
    play = Play(world, d.build(d.user("a", **clocks) + d.end("e"), "a > e"))

    (task,) = play.tasks("a")
    assert (task.role, task.level, task.name) == ("grid_leader", "village", "a")
    assert task.deadline_at == task.sign_due_at and task.started_at is None
    assert len(play.due("sign_due")) == 1 and play.due("due") == []
    play.do("a", note="好")

    assert play.end == "e"
    assert play.outcomes("a") == ["completed"]
    assert play.kinds == [
        "case.opened", "task.completed", "task.opened",
        "task.signed", "task.completed", "case.closed",
    ]  # fmt: skip


def test_it_gives_manual_and_plain_tasks_to_people_too(world: World) -> None:
    body = d.user("m", kind="manualTask") + d.user("t", kind="task")
    play = Play(world, d.build(body, "m > t"))

    assert play.open == ["m"]
    assert play.do("m").open == ["t"]
    assert play.do("t").end


def test_it_runs_a_script_between_two_tasks(world: World) -> None:
    body = d.user("a") + d.script("x", "total = amount * 2\nbig = total > 10") + d.user("b")
    play = Play(world, d.build(body, "a > x > b", {"a": "amount:number"}))
    play.do("a", amount=6)

    assert play.open == ["b"]
    assert (play.variables["total"], play.variables["big"]) == (12, True)


def test_it_calls_a_service_that_changes_who_handles_the_case(world: World) -> None:
    body = d.user("a") + d.action("up", "hand_up", to='"township"')
    body += d.user("b", level="handling", role="leader")
    play = Play(world, d.build(body, "a > up > b")).do("a")

    (task,) = play.tasks("b")
    assert (task.level, play.case.level) == ("township", "township")
    assert {"effect.hand_up", "case.changed"} <= set(play.kinds)
    assert play.do("b", by="town_leader").end


def test_it_tells_people_by_a_send_task_once_after_the_commit(world: World) -> None:
    told = d.action("tell", "notify", "sendTask", role='"supervisor"', text='"请关注"',
                    level='"township"')  # fmt: skip
    play = Play(world, d.build(d.user("a") + told, "a > tell")).do("a")

    assert play.end and "effect.notify" in play.kinds
    with reading() as db:
        rows = db.scalars(select(Outbox).where(Outbox.key == "diagram.note")).all()
    assert [(row.role, row.data["text"]) for row in rows] == [("supervisor", "请关注")]


def test_it_lets_a_send_task_send_the_message_that_another_branch_waits_for(world: World) -> None:
    send = '<sendTask id="tell" messageRef="n"/>'
    body = d.gateway("f", "parallel") + d.user("a") + send + d.catch("w", d.message("n"))
    body += d.user("b")
    play = Play(world, d.build(body, "f > a > tell; f > w > b"))

    assert play.open == ["a"]
    assert play.do("a").open == ["b"]
    assert play.do("b").end


def test_it_decides_by_a_table_and_lets_it_set_the_case(world: World) -> None:
    rule = (
        '<businessRuleTask id="r"><extensionElements>'
        '<gov:decision ref="grade" result="grade" sets="priority"/>'
        "</extensionElements></businessRuleTask>"
    )
    rules = {"> 5000": '"urgent"', "-": '"normal"'}
    tables = {"processes/p/grade.dmn": d.table("grade", rules, "priority", "amount")}
    body = d.user("a") + rule + d.gateway("g", default="slow") + d.users("fast slow")
    lines = 'a > r > g; g > fast : case.priority = "urgent"; g > slow'
    play = Play(world, d.build(body, lines, {"a": "amount:number"}, tables=tables))
    play.do("a", amount=6000)

    assert play.open == ["fast"]
    assert play.case.priority == "urgent"
    changed = json.loads(world.events(play.id, "case.changed")[-1].data)
    assert changed == {"priority": "urgent"}


def test_it_waits_in_a_receive_task_for_a_button_with_a_form(world: World) -> None:
    receive = f'<receiveTask id="r" name="等答复" messageRef="n">{d.button("r")}</receiveTask>'
    body = d.user("a") + receive + d.gateway("g", default="b") + d.users("b c")
    play = Play(world, d.build(body, "a > r > g; g > b; g > c : ok", {"r": "ok:yes_no"}))
    play.do("a")

    assert play.open == [] and play.end is None
    assert play.send("answer", ok="yes").open == ["c"]
    assert "message.sent" in play.kinds
