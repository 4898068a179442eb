"""Cost does not grow with history: sent back 350 times, a step stays as small as the third."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from engine.bpmn.state import load
from tests.engine.bpmn.diagrams import Case, diagram, process, user

ROUNDS = 350

ALONE = process(
    '<exclusiveGateway id="g" default="g_b"/>' + user("a", "b"), "a > g; g > a : again; g >> b"
)
BESIDE_A_BRANCH = process(
    '<parallelGateway id="f"/><parallelGateway id="j"/><exclusiveGateway id="g" default="g_j"/>'
    + user("track", "a", "b"),
    "f > track > j; f > a > g; g > a : again; g >> j; j > b",
)
AFTER_A_SUBPROCESS = process(
    '<subProcess id="sub"><startEvent id="s2"/>' + user("x")
    + '<sequenceFlow id="1" sourceRef="s2" targetRef="x"/></subProcess>'
    + '<exclusiveGateway id="g" default="g_b"/>' + user("a", "b"),
    "sub > a > g; g > sub : deep; g > a : again; g >> b",
)  # fmt: skip
WITH_A_REMINDER = process(
    '<boundaryEvent id="t" attachedToRef="a" cancelActivity="false"><timerEventDefinition>'
    "<timeDuration>P5D</timeDuration></timerEventDefinition></boundaryEvent>"
    '<exclusiveGateway id="g" default="g_b"/>' + user("a", "b", "late"),
    "a > g; g > a : again; g >> b; t > late",
)


def calls(work: Callable[[], object]) -> int:
    """Count the function calls of the engine: a measure that no other load disturbs."""
    found = 0

    def count(frame: FrameType, kind: str, _: object) -> None:
        nonlocal found
        found += kind == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize(
    ("text", "before"),
    [(ALONE, None), (BESIDE_A_BRANCH, None), (AFTER_A_SUBPROCESS, "x"), (WITH_A_REMINDER, None)],
    ids=["alone", "beside a branch", "after a subprocess", "with a reminder"],
)
def test_it_stays_flat_over_350_rounds(text, before):
    case = Case(diagram(text)).start(deep=False)
    if before:
        case.do(before)
    cost, size, tokens = [], [], []

    for number in range(ROUNDS):
        note = f"意见{number % 10}" * 20
        cost.append(calls(lambda note=note: case.do("a", again=True, note=note)))
        size.append(len(case.state.encode()))
        run = load(case.definition, case.state, case.context)
        tokens.append(sum(len(scope.tasks) for scope in run.scopes))

    assert cost[300] <= cost[3] * 1.2
    assert size[300] <= size[3] * 1.2
    assert tokens[300] == tokens[3]
    assert max(size) < 8_000
    case.do("a", again=False)
    if "track" in case.open:
        case.do("track")
    assert case.do("b").step.ended


def test_it_stays_flat_when_sent_back_by_hand():
    case = Case(diagram(BESIDE_A_BRANCH)).start().do("track").do("a", again=False)
    cost, size = [], []

    for _ in range(ROUNDS):
        cost.append(calls(lambda: case.back("b", "a")))
        size.append(len(case.state))
        case.do("a", again=False)

    assert cost[300] <= cost[3] * 1.2
    assert size[300] == size[3]
    assert case.do("b").step.ended


def test_it_runs_a_long_chain_of_tasks_and_many_branches():
    chain = [f"u{number}" for number in range(3_000)]
    case = Case(diagram(process(user(*chain), " > ".join(chain)))).start()
    for name in chain[:5]:
        case.do(name)
    assert case.open == ["u5"]
    assert len(case.state) < 400

    branches = [f"b{number}" for number in range(1_000)]
    gates = '<parallelGateway id="f"/><parallelGateway id="j"/>' + user("z")
    lines = "\n".join(f"f > {name} > j" for name in branches)
    wide = Case(diagram(process(gates + user(*branches), f"f\n{lines}\nj > z"))).start()
    assert len(wide.open) == 1_000
    assert len(wide.do("b500").open) == 999
