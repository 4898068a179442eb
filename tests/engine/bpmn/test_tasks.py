"""Tasks and gateways: what opens, who gets it, which way a case goes."""

from __future__ import annotations

import pytest

from engine import bpmn
from engine.bpmn import BadDiagram, EngineFault, UnknownTask
from tests.engine.bpmn.diagrams import Case, diagram, process, user


def gov_task(name: str, attributes: str) -> str:
    return (
        f'<userTask id="{name}"><extensionElements><gov:task {attributes}/>'
        "</extensionElements></userTask>"
    )


def test_it_opens_tasks_one_after_another_and_ends():
    case = Case(diagram(process(user("a", "b") + '<endEvent id="e"/>', "a > b > e"))).start()
    assert case.open == ["a"]
    opened = case.step.opened_tasks[0]

    case.do("a")
    assert [task.node_id for task in case.step.opened_tasks] == ["b"]
    assert [(task.engine_id, task.how) for task in case.step.closed_tasks] == [
        (opened.engine_id, "completed")
    ]
    assert not case.step.ended

    case.do("b")
    assert case.step.ended
    assert case.step.end_node == "e"
    assert case.step.passed_nodes == ("b", "e")
    assert case.open == []


def test_it_refuses_a_task_that_is_not_open_any_more():
    case = Case(diagram(process(user("a", "b"), "a > b"))).start()
    first = case.step.opened_tasks[0]
    case.do("a")

    with pytest.raises(UnknownTask):
        bpmn.complete(case.definition, case.state, first.engine_id, {}, case.context)


CHOICE = process(
    '<exclusiveGateway id="g" default="g_c"/>' + user("a", "b", "c"),
    "a > g; g > b : amount > 5000; g >> c",
)


@pytest.mark.parametrize(("amount", "opened"), [(5001, "b"), (5000, "c"), (None, "c")])
def test_it_takes_the_way_whose_condition_holds_else_the_default(amount, opened):
    case = Case(diagram(CHOICE)).start().do("a", amount=amount)

    assert case.open == [opened]


def test_it_names_the_variable_that_nobody_ever_set():
    case = Case(diagram(CHOICE)).start()
    before = case.state

    with pytest.raises(EngineFault) as caught:
        case.do("a")

    assert caught.value.node_id == "g"
    assert caught.value.variables == ("amount",)
    assert "amount" in caught.value.text.zh
    assert case.state == before


def test_it_names_the_variables_of_a_condition_that_compares_apples_and_oranges():
    case = Case(diagram(CHOICE)).start()

    with pytest.raises(EngineFault) as caught:
        case.do("a", amount="much")

    assert caught.value.variables == ("amount",)
    assert "much" not in caught.value.text.zh + caught.value.text.en


def test_it_says_when_no_branch_can_be_taken():
    body = '<exclusiveGateway id="g" name="分级"/>' + user("b", "c")
    case = Case(diagram(process(body, "g; g > b : x = 1; g > c : x = 2")))

    with pytest.raises(EngineFault) as caught:
        case.start(x=3)

    assert caught.value.node_id == "g"
    assert "分级" in caught.value.text.zh


def test_it_takes_conditional_flows_out_of_a_task():
    body = '<userTask id="a" default="a_c"/>' + user("b", "c")
    files = diagram(process(body, "a; a > b : urgent; a >> c"))

    assert Case(files).start().do("a", urgent=True).open == ["b"]
    assert Case(files).start().do("a", urgent=False).open == ["c"]


def test_it_waits_at_a_parallel_join_for_every_branch():
    gates = '<parallelGateway id="f"/><parallelGateway id="j"/>'
    case = Case(diagram(process(gates + user("a", "b", "c"), "f > a > j > c; f > b > j"))).start()
    assert case.open == ["a", "b"]

    assert case.do("a").open == ["b"]
    assert case.do("b").open == ["c"]


def test_it_counts_two_tokens_on_one_branch_of_a_join_as_two():
    # Each task sends a token to the join and opens again.
    gates = ("f", "j", "more_a", "more_b")
    body = "".join(f'<parallelGateway id="{name}"/>' for name in gates) + user("a", "b", "c")
    lines = "f > a > more_a; more_a > j; more_a > a; f > b > more_b; more_b > j; more_b > b; j > c"
    case = Case(diagram(process(body, lines))).start()

    assert case.do("a").do("a").open == ["a", "b"]
    assert case.do("b").open == ["a", "b", "c"]
    assert case.do("b").open == ["a", "b", "c", "c"]
    assert case.do("b").open == ["a", "b", "c", "c"]


def test_it_joins_only_the_branches_that_were_taken():
    body = '<inclusiveGateway id="f" default="f_c"/><inclusiveGateway id="j"/>'
    lines = "f; f > a : x > 1; f > b : x > 2; f >> c; a > j; b > j; c > j; j > d"
    files = diagram(process(body + user("a", "b", "c", "d"), lines))

    both = Case(files).start(x=3)
    assert both.open == ["a", "b"]
    assert both.do("a").open == ["b"]
    assert both.do("b").open == ["d"]
    assert Case(files).start(x=2).do("a").open == ["d"]
    assert Case(files).start(x=0).do("c").open == ["d"]


def test_it_does_not_wait_at_an_inclusive_join_for_a_branch_that_left():
    body = '<inclusiveGateway id="j"/><parallelGateway id="f"/>'
    body += '<exclusiveGateway id="g" default="g_e"/>'
    lines = "f > a > j; f > b > g; g > j : stay; g >> e; j > d"
    case = Case(diagram(process(body + user("a", "b", "d", "e"), lines))).start().do("a")
    assert case.open == ["b"]

    assert case.do("b", stay=False).open == ["d", "e"]


def test_it_gives_a_task_its_role_level_unit_and_limits():
    attributes = (
        'form="t/a" role="handler" level="handling" unit="department" limit="case" '
        'limitUnit="working_days" signLimit="1" signLimitUnit="working_days" warn="1"'
    )
    case = Case(
        diagram(process(gov_task("a", attributes), "a")),
        level="township",
        department="620725-JT",
        limit=3,
        limit_unit="working_hours",
    ).start()

    task = case.step.opened_tasks[0]
    assert (task.form, task.role, task.level, task.unit) == (
        "t/a",
        "handler",
        "township",
        "620725-JT",
    )
    assert (task.limit, task.limit_unit) == (3, "working_hours")
    assert (task.sign_limit, task.sign_limit_unit, task.warn) == (1, "working_days", (1,))


def test_it_computes_the_unit_of_a_task_from_the_answers():
    body = user("a") + gov_task("b", 'unit="chosen"')
    case = Case(diagram(process(body, "a > b"))).start().do("a", chosen="620725-02")

    assert case.step.opened_tasks[0].unit == "620725-02"


def test_it_does_not_open_a_task_for_a_unit_that_came_to_nothing():
    case = Case(diagram(process(user("a") + gov_task("b", 'unit="chosen"'), "a > b"))).start()

    with pytest.raises(EngineFault) as caught:
        case.do("a", chosen=None)

    assert caught.value.node_id == "b"


def test_it_gives_a_task_the_role_of_its_lane_and_lets_the_task_win():
    lanes = (
        '<laneSet id="ls"><lane id="outer" name="镇">'
        '<extensionElements><gov:lane role="leader" level="township"/></extensionElements>'
        '<childLaneSet><lane id="inner" name="窗口">'
        '<extensionElements><gov:lane role="dispatcher"/></extensionElements>'
        "<flowNodeRef>a</flowNodeRef><flowNodeRef>b</flowNodeRef></lane></childLaneSet></lane></laneSet>"
    )
    body = lanes + user("a") + gov_task("b", 'role="handler"')
    case = Case(diagram(process(body, "a > b"))).start()

    assert (case.step.opened_tasks[0].role, case.step.opened_tasks[0].level) == (
        "dispatcher",
        "township",
    )
    case.do("a")
    assert (case.step.opened_tasks[0].role, case.step.opened_tasks[0].level) == (
        "handler",
        "township",
    )


def test_it_keeps_only_the_variables_that_the_version_refers_to():
    case = Case(diagram(CHOICE)).start(applicant="张三")
    case.do("a", amount=1, phone="13800000000")

    assert case.variables == {"amount": 1}
    assert "张三" not in case.state
    assert "13800000000" not in case.state


def test_it_keeps_a_value_whatever_its_keys_are():
    hostile = {"typename": "UUID", "value": "zz", "__class__": 1, "": None}
    case = Case(diagram(process(user("a", "b") + '<exclusiveGateway id="g" default="g_b"/>',
                                "a > g; g > a : again.more; g >> b"))).start()  # fmt: skip
    case.do("a", again=hostile)

    assert case.open == ["b"]
    assert case.variables["again"] == hostile


def test_it_runs_script_lines_as_feel():
    script = "<script>total = sum(parts)\nlate = total &gt; 5</script>"
    body = user("a", "b") + f'<scriptTask id="x">{script}</scriptTask>'
    case = Case(diagram(process(body, "a > x > b"))).start().do("a", parts=[1, 2.5, 3])

    assert case.variables["total"] == 6.5
    assert case.variables["late"] is True


@pytest.mark.parametrize(
    "script",
    [
        "import os",
        "x = __import__('os')",
        "x == 1",
        "x = ().__class__",
        "x = 9**9**9 if True else 1",
    ],
)
def test_it_never_evaluates_a_script_as_python(script):
    body = f'<scriptTask id="x"><script>{script}</script></scriptTask>'

    with pytest.raises((BadDiagram, EngineFault)):
        Case(diagram(process(body, "x"))).start()
