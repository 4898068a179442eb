"""Subprocesses, called processes, loops and multi-instance activities."""

from __future__ import annotations

import pytest

from engine.bpmn import BadDiagram, BudgetExceeded, EngineFault
from tests.engine.bpmn.diagrams import Case, diagram, flows, process, user


def sub(name: str, body: str, lines: str, marker: str = "") -> str:
    return (
        f'<subProcess id="{name}">{marker}<startEvent id="{name}_s"/>'
        f"{flows(f'{name}_s > ' + lines)}{body}</subProcess>"
    )


def each(attributes: str, sequential: bool = False, more: str = "") -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<extensionElements><gov:each {attributes}/></extensionElements>{more}"
        "</multiInstanceLoopCharacteristics>"
    )


def task(name: str, marker: str, gov: str = "") -> str:
    extension = f"<extensionElements><gov:task {gov}/></extensionElements>" if gov else ""
    return f'<userTask id="{name}">{extension}{marker}</userTask>'


def test_it_runs_nested_subprocesses_in_the_variables_of_the_case():
    inner = sub("inner", user("b") + '<exclusiveGateway id="g"/>', "b > g; g > b : again")
    # The way out of the gateway that ends the inner subprocess.
    inner = inner.replace('<exclusiveGateway id="g"/>',
                          '<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
                          '<sequenceFlow id="g_e" sourceRef="g" targetRef="e"/>')  # fmt: skip
    outer = sub("outer", user("a") + inner, "a > inner")
    case = Case(diagram(process(outer + user("z"), "outer > z"))).start()

    assert case.open == ["a"]
    assert case.do("a").open == ["b"]
    assert case.do("b", again=True).open == ["b"]
    assert case.do("b", again=False).open == ["z"]
    assert case.variables == {"again": False}


def test_it_calls_a_process_from_another_file():
    call = '<callActivity id="c" calledElement="consult"/>'
    files = {
        "main.bpmn": diagram(process(call + user("z"), "c > z")),
        "consult.bpmn": diagram(process(user("meet"), "meet", key="consult")),
        "other.bpmn": diagram(process(user("meet"), "meet", key="unrelated")),
    }
    case = Case(files).start()

    assert case.open == ["meet"]
    assert case.do("meet").open == ["z"]
    assert set(case.definition.processes) == {"p", "consult"}


def test_it_refuses_processes_that_call_each_other_in_a_circle():
    one = process('<callActivity id="c" calledElement="q"/>', "c")
    two = process('<callActivity id="d" calledElement="p"/>', "d", key="q")

    with pytest.raises(BadDiagram) as caught:
        Case(diagram(one, two))
    assert [fault.rule for fault in caught.value.faults] == ["recursive-call"]


def test_it_opens_one_task_for_each_department_at_its_own_unit():
    marker = each('in="departments" as="department" out="reports" from="report"')
    body = user("a") + task("report_in", marker, 'unit="department"') + user("z")
    files = diagram(process(body + '<exclusiveGateway id="g" default="g_z"/>',
                            "a > report_in > g; g > a : count(reports) = 0; g >> z"))  # fmt: skip
    case = Case(files, department="WRONG").start().do("a", departments=["GA", "SF", "ZJ"])
    assert [task.unit for task in case.tasks("report_in")] == ["GA", "SF", "ZJ"]
    assert [task.instance["value"] for task in case.tasks("report_in")] == ["GA", "SF", "ZJ"]

    case.do("report_in", index=1, report="second")
    assert [task.unit for task in case.tasks("report_in")] == ["GA", "ZJ"]
    case.do("report_in", index=1, report="third").do("report_in", report="first")

    assert case.open == ["z"]
    assert case.variables["reports"] == ["first", "second", "third"]


def test_it_opens_one_task_after_another_in_sequence():
    marker = each('in="names" as="name" out="votes" from="vote"', sequential=True)
    body = task("v", marker) + user("z") + '<exclusiveGateway id="g" default="g_z"/>'
    case = Case(diagram(process(body, "v > g; g > v : count(votes) = 0; g >> z"))).start(
        names=["x", "y"]
    )
    assert [task.instance["value"] for task in case.tasks("v")] == ["x"]

    case.do("v", vote=1)
    assert [task.instance["value"] for task in case.tasks("v")] == ["y"]
    assert case.do("v", vote=2).open == ["z"]
    assert case.variables["votes"] == [1, 2]


def test_it_stops_a_multi_instance_early_when_enough_have_answered():
    done = "<completionCondition>nrOfCompletedInstances >= 2</completionCondition>"
    body = task("v", each('in="[1, 2, 3, 4]" as="n"', more=done)) + user("z")
    case = Case(diagram(process(body, "v > z"))).start().do("v").do("v")

    assert case.open == ["z"]
    assert sorted(task.how for task in case.step.closed_tasks) == [
        "cancelled",
        "cancelled",
        "completed",
    ]


@pytest.mark.parametrize("sequential", [True, False])
def test_it_skips_a_multi_instance_over_nothing(sequential):
    body = task("v", each('in="names" as="n" out="o" from="x"', sequential)) + user("z")

    assert Case(diagram(process(body, "v > z"))).start(names=[]).open == ["z"]


@pytest.mark.parametrize("names", [None, "abc", 3])
def test_it_does_not_guess_at_a_collection_that_is_none(names):
    body = task("v", each('in="names" as="n"'))

    with pytest.raises(EngineFault) as caught:
        Case(diagram(process(body, "v"))).start(names=names)
    assert caught.value.node_id == "v"


def test_it_refuses_a_million_instances():
    marker = (
        "<multiInstanceLoopCharacteristics><loopCardinality>1000000</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )

    with pytest.raises(EngineFault) as caught:
        Case(diagram(process(task("v", marker), "v"))).start()
    assert "1000" in caught.value.text.zh


def test_it_runs_a_subprocess_for_each_item_with_variables_of_its_own():
    marker = each('in="names" as="name" out="all" from="said"')
    body = sub("sub", user("u", "w"), "u > w", marker) + user("z")
    case = Case(diagram(process(body, "sub > z")))
    case.start(names=["x", "y"])
    assert case.open == ["u", "u"]

    case.do("u", said="from x").do("u", said="from y")
    case.do("w").do("w")
    assert case.open == ["z"]
    assert case.variables["all"] == ["from x", "from y"]
    assert "said" not in case.variables


def test_it_repeats_a_task_while_its_condition_holds():
    marker = (
        '<standardLoopCharacteristics loopMaximum="3"><loopCondition>more</loopCondition>'
        "</standardLoopCharacteristics>"
    )
    files = diagram(process(task("v", marker) + user("z"), "v > z"))

    assert Case(files).start().do("v", more=True).do("v", more=False).open == ["z"]
    assert Case(files).start().do("v", more=True).do("v").do("v").open == ["z"]


def test_it_tests_first_where_the_diagram_says_so():
    marker = (
        '<standardLoopCharacteristics testBefore="true"><loopCondition>more</loopCondition>'
        "</standardLoopCharacteristics>"
    )
    files = diagram(process(task("v", marker) + user("z"), "v > z"))

    assert Case(files).start(more=False).open == ["z"]
    assert Case(files).start(more=True).open == ["v"]


def test_it_stops_a_loop_that_no_person_ends():
    script = '<scriptTask id="x"><script>n = 1</script></scriptTask>'
    body = script + '<exclusiveGateway id="g" default="g_x"/><endEvent id="e"/>'
    case = Case(diagram(process(body, "x > g; g >> x; g > e : n = 2")))

    with pytest.raises(BudgetExceeded) as caught:
        case.start()
    assert caught.value.node_id in ("x", "g")


def test_it_notices_when_nothing_can_move_any_more():
    body = '<exclusiveGateway id="g" default="g_b"/><parallelGateway id="j"/>' + user("a", "b", "c")
    case = Case(diagram(process(body, "g > a : x; g >> b; a > j; b > j; j > c"))).start(x=True)
    before = case.state

    with pytest.raises(EngineFault) as caught:
        case.do("a")
    assert caught.value.node_id == "j"
    assert case.state == before
