"""Call activities, subprocesses, loops and multi-instance tasks, through the use cases."""

from __future__ import annotations

from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World

DEPARTMENTS = ("620725-ZJJ", "620725-SWJ")
OWN_UNIT = {"role": "handler", "level": "county", "unit": "department"}


def test_it_calls_another_process_and_comes_back(world: World) -> None:
    called = d.process("consult", d.user("meet"), "meet")
    body = '<callActivity id="c" calledElement="consult"/>' + d.users("a z")
    play = Play(world, d.build(body, "a > c > z", beside=called)).do("a")

    assert play.open == ["meet"]
    assert play.do("meet").open == ["z"]
    assert play.do("z").end


def test_it_runs_a_subprocess_within_a_subprocess(world: World) -> None:
    inner = d.sub("inner", d.users("b c"), "b > c")
    outer = d.sub("outer", d.user("a") + inner, "a > inner")
    play = Play(world, d.build(outer + d.user("z"), "outer > z"))

    for node in ("a", "b", "c", "z"):
        assert play.open == [node]
        play.do(node)
    assert play.end


def test_it_ends_a_subprocess_when_all_its_branches_have(world: World) -> None:
    body = d.gateway("f", "parallel") + d.users("a b")
    play = Play(world, d.build(d.sub("k", body, "f > a; f > b") + d.user("z"), "k > z"))

    assert play.open == ["a", "b"]
    assert play.do("a").open == ["b"]
    assert play.do("b").open == ["z"]


def test_it_asks_every_department_at_once(world: World) -> None:
    marker = d.each(in_="departments", as_="department", out="reports", from_="report")
    body = d.user("choose") + d.user("ask", marker, **OWN_UNIT) + d.user("z")
    asked = {"choose": "departments:units", "ask": "report:text"}
    play = Play(world, d.build(body, "choose > ask > z", asked))
    play.do("choose", departments=list(DEPARTMENTS))

    assert play.open == ["ask", "ask"]
    assert len({task.unit_id for task in play.tasks("ask")}) == 2
    assert len({task.engine_id for task in play.tasks("ask")}) == 2
    play.do("ask", index=1, by="water_handler", report="二")
    assert play.open == ["ask"]
    play.do("ask", by="handler", report="一")

    assert play.open == ["z"]
    assert play.variables["reports"] == ["一", "二"]


def test_it_asks_one_department_after_the_other(world: World) -> None:
    marker = d.each(True, in_="departments", as_="one", out="reports", from_="report")
    body = d.user("choose") + d.user("z")
    body += d.user("ask", marker, role="handler", level="county", unit="one")
    asked = {"choose": "departments:units", "ask": "report:text"}
    play = Play(world, d.build(body, "choose > ask > z", asked))
    play.do("choose", departments=list(DEPARTMENTS))

    assert play.open == ["ask"]
    assert play.do("ask", by="handler", report="一").open == ["ask"]
    assert play.do("ask", by="water_handler", report="二").open == ["z"]
    assert play.variables["reports"] == ["一", "二"]
    assert play.outcomes("ask") == ["completed", "completed"]


def test_it_stops_asking_when_enough_have_answered(world: World) -> None:
    until = "<completionCondition>nrOfCompletedInstances &gt;= 2</completionCondition>"
    number = "<loopCardinality>count</loopCardinality>"
    body = d.user("a") + d.user("vote", d.each(more=number + until)) + d.user("z")
    play = Play(world, d.build(body, "a > vote > z", {"a": "count:number"})).do("a", count=3)

    assert play.open == ["vote"] * 3
    play.do("vote").do("vote")

    assert play.open == ["z"]
    assert sorted(map(str, play.outcomes("vote"))) == ["cancelled", "completed", "completed"]
    assert play.kinds.count("task.cancelled") == 1


def test_it_passes_by_a_multi_instance_of_nobody(world: World) -> None:
    marker = d.each(in_='departments[item != "620725-ZJJ"]', as_="department")
    body = d.user("choose") + d.user("ask", marker, **OWN_UNIT) + d.user("z")
    play = Play(world, d.build(body, "choose > ask > z", {"choose": "departments:units"}))

    assert play.do("choose", departments=["620725-ZJJ"]).open == ["z"]


def test_it_repeats_a_task_while_its_condition_holds(world: World) -> None:
    body = d.user("a", d.loop("again = true")) + d.user("z")
    play = Play(world, d.build(body, "a > z", {"a": "again:yes_no"}))

    for _ in range(3):
        assert play.do("a", again="yes").open == ["a"]
    assert play.do("a", again="no").open == ["z"]
    assert play.outcomes("a") == ["completed"] * 4


def test_it_goes_round_by_a_drawn_loop(world: World) -> None:
    body = d.user("a") + d.gateway("g", default="z") + d.user("z")
    play = Play(world, d.build(body, "a > g; g > a : again; g > z", {"a": "again:yes_no"}))

    for _ in range(3):
        assert play.do("a", again="yes").open == ["a"]
    assert play.do("a", again="no").open == ["z"]


def test_it_repeats_a_whole_subprocess_for_each_unit(world: World) -> None:
    marker = d.each(in_="departments", as_="department")
    inner = d.user("visit", **OWN_UNIT) + d.user("write", **OWN_UNIT)
    body = d.user("choose") + d.sub("k", inner, "visit > write", marker) + d.user("z")
    play = Play(world, d.build(body, "choose > k > z", {"choose": "departments:units"}))
    play.do("choose", departments=list(DEPARTMENTS))

    assert play.open == ["visit", "visit"]
    play.do("visit", by="handler")
    assert play.open == ["visit", "write"]
    play.do("write", by="handler").do("visit", by="water_handler")
    assert play.do("write", by="water_handler").open == ["z"]
