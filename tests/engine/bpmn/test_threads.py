"""One version is shared by all threads, and running changes nothing in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.engine.bpmn.diagrams import Case, diagram, process, user

MARKER = (
    "<multiInstanceLoopCharacteristics><extensionElements>"
    '<gov:each in="items" as="item" out="results" from="result"/></extensionElements>'
    "</multiInstanceLoopCharacteristics>"
)
FILES = diagram(
    '<message id="m" name="stop"/>',
    process(
        '<parallelGateway id="f"/><parallelGateway id="j"/>'
        '<exclusiveGateway id="g" default="g_a"/><endEvent id="e"/>'
        f'<userTask id="each">{MARKER}</userTask>'
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="s2" isInterrupting="false">'
        '<messageEventDefinition messageRef="m"/></startEvent>' + user("x")
        + '<sequenceFlow id="1" sourceRef="s2" targetRef="x"/></subProcess>'
        + user("a", "b"),
        "f > each > j; f > b > j; j > g; g > e : count(results) = size; g >> a",
    ),
)  # fmt: skip


def work_off(case: Case, size: int) -> tuple[bool, list[int]]:
    case.start(items=list(range(size)), size=size)
    case.send("stop").do("x").do("b")
    for number in range(size):
        case.do("each", result=number)
    return case.step.ended, list(case.variables["results"])


def test_it_runs_many_cases_on_one_version_at_once():
    shared = Case(FILES)

    def one(size: int) -> tuple[bool, list[int]]:
        case = Case.__new__(Case)
        case.definition, case.context = shared.definition, shared.context
        case.steps, case.timers = [], {}
        return work_off(case, size)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, [1 + number % 6 for number in range(120)]))

    assert found == [(True, list(range(1 + number % 6))) for number in range(120)]


def test_it_starts_the_thousandth_case_like_the_first():
    case = Case(FILES)
    first = case.start(items=[1], size=1).open
    case.send("stop").do("x")
    for _ in range(50):
        case.start(items=[1], size=1).send("stop").do("x")

    assert case.start(items=[1], size=1).open == first
