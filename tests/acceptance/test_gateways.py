"""Every kind of gateway runs a small diagram of its own through the use cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World


@pytest.mark.parametrize(("amount", "way"), [(6000, "b"), (4000, "c"), (10, "e")])
def test_it_takes_one_way_at_an_exclusive_gateway(world: World, amount: int, way: str) -> None:
    body = d.user("a") + d.gateway("g", default="e") + d.users("b c e")
    lines = "a > g; g > b : amount > 5000; g > c : amount > 1000; g > e"
    play = Play(world, d.build(body, lines, {"a": "amount:number"})).do("a", amount=amount)

    assert play.open == [way]
    assert play.do(way).end


def test_it_splits_and_joins_at_parallel_gateways(world: World) -> None:
    body = d.gateway("f", "parallel") + d.gateway("j", "parallel") + d.users("a b z")
    play = Play(world, d.build(body, "f > a > j; f > b > j; j > z"))

    assert play.open == ["a", "b"]
    assert play.do("b").open == ["a"]
    assert play.do("a").open == ["z"]
    assert play.do("z").end
    assert play.kinds.count("task.opened") == 3


@pytest.mark.parametrize(
    ("answers", "ways"),
    [
        ({"x": "yes", "y": "yes"}, ["b", "c"]),
        ({"x": "yes", "y": "no"}, ["b"]),
        ({"x": "no", "y": "no"}, ["e"]),
    ],
)
def test_it_takes_every_true_way_at_an_inclusive_gateway(
    world: World, answers: dict[str, Any], ways: list[str]
) -> None:
    body = d.user("a") + d.gateway("g", "inclusive", "e") + d.gateway("j", "inclusive")
    body += d.users("b c e z")
    lines = "a > g; g > b : x; g > c : y; g > e; b > j; c > j; e > j; j > z"
    play = Play(world, d.build(body, lines, {"a": "x:yes_no y:yes_no"})).do("a", **answers)

    assert play.open == ways
    for way in ways[:-1]:
        assert "z" not in play.do(way).open
    assert play.do(ways[-1]).open == ["z"]
    assert play.do("z").end


def test_it_takes_what_happens_first_after_an_event_gateway(world: World) -> None:
    body = d.gateway("g", "eventBased") + d.catch("w", d.message("n"))
    body += d.catch("t", d.timer("P3D")) + d.users("a answered late")
    files = d.build(body, "a > g; g > w > answered; g > t > late")

    early = Play(world, files).do("a")
    assert early.timers == {"t": world.now + timedelta(days=3)}
    assert early.send("answer").open == ["answered"]
    assert early.timers == {}

    late = Play(world, files).do("a")
    assert late.wait(days=2)["fired"] == 0
    late.wait(days=1)
    assert late.open == ["late"]
    assert "timer.fired" in late.kinds
    assert early.open == ["answered"]
