"""Service actions and decision tables: what they change in the case and ask of the world."""

from __future__ import annotations

import pytest

from engine.bpmn import BadDiagram, EngineFault
from tests.engine.bpmn.diagrams import Case, diagram, process, user


def service(name: str, action: str, **params: str) -> str:
    given = "".join(f'<gov:param name="{key}" value="{value}"/>' for key, value in params.items())
    return (
        f'<serviceTask id="{name}" name="{name}"><extensionElements>'
        f'<gov:action name="{action}">{given}</gov:action></extensionElements></serviceTask>'
    )


TRIAGE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
 namespace="test"><decision id="triage" name="分流"><decisionTable hitPolicy="UNIQUE">
<input id="i1"><inputExpression id="e1"><text>kind</text></inputExpression></input>
<input id="i2"><inputExpression id="e2"><text>case.level</text></inputExpression></input>
<output id="o1" name="department"/><output id="o2" name="limit"/>
<output id="o3" name="limit_unit"/>
<rule id="r1"><inputEntry id="a"><text>"water"</text></inputEntry><inputEntry id="b"><text>-</text>
</inputEntry><outputEntry id="c"><text>"SW"</text></outputEntry><outputEntry id="c2"><text>2</text>
</outputEntry><outputEntry id="c3"><text>"working_days"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="f"><text>"road"</text></inputEntry><inputEntry id="g">
<text>"village"</text></inputEntry><outputEntry id="h"><text>"JT"</text></outputEntry>
<outputEntry id="h2"><text>5</text></outputEntry>
<outputEntry id="h3"><text>"days"</text></outputEntry>
</rule></decisionTable></decision></definitions>""".encode()

HANDLE = (
    '<userTask id="handle"><extensionElements><gov:task unit="department" limit="case"/>'
    "</extensionElements></userTask>"
)


def triaged(attributes: str) -> dict[str, bytes]:
    rule = (
        f'<businessRuleTask id="t" name="分流"><extensionElements><gov:decision {attributes}/>'
        "</extensionElements></businessRuleTask>"
    )
    main = diagram(process(user("a") + rule + HANDLE, "a > t > handle"))
    return {"main.bpmn": main, "triage.dmn": TRIAGE}


@pytest.mark.parametrize("ref", ["triage", "分流"])
def test_it_lets_a_table_name_the_department_and_the_limit(ref):
    sets = "department limit limit_unit"
    case = Case(triaged(f'ref="{ref}" sets="{sets}"')).start().do("a", kind="water")

    task = case.step.opened_tasks[0]
    assert (task.unit, task.limit, task.limit_unit) == ("SW", 2, "working_days")
    assert case.context.department == "SW"
    assert case.variables == {"kind": "water"}


def test_it_reads_the_case_in_a_table():
    files = triaged('ref="triage" sets="department"')

    assert Case(files, level="village").start().do("a", kind="road").context.department == "JT"


def test_it_leaves_the_department_open_when_no_rule_matches():
    case = Case(triaged('ref="triage" sets="department"')).start().do("a", kind="other")

    assert case.step.opened_tasks[0].unit is None


def test_it_refuses_a_decision_that_is_in_no_file():
    with pytest.raises(BadDiagram) as caught:
        Case(triaged('ref="nowhere"'))
    assert [fault.rule for fault in caught.value.faults] == ["missing-decision"]


def test_it_hands_a_case_up_before_the_next_task_opens():
    task = (
        '<userTask id="b"><extensionElements><gov:task level="handling"/></extensionElements>'
        "</userTask>"
    )
    files = diagram(process(user("a") + service("up", "hand_up") + task, "a > up > b"))
    case = Case(files, level="village").start().do("a")

    assert case.context.level == "township"
    assert case.step.opened_tasks[0].level == "township"
    (effect,) = case.step.effects
    assert (effect.kind, effect.node_id) == ("hand_up", "up")
    assert effect.data == {"from": "village", "to": "township"}


def test_it_reports_a_hand_up_from_the_top():
    files = diagram(process(user("a") + service("up", "hand_up"), "a > up"))
    case = Case(files, level="county").start()

    with pytest.raises(EngineFault) as caught:
        case.do("a")
    assert caught.value.node_id == "up"


def test_it_computes_the_arguments_of_an_action():
    notify = service("n", "notify", role="&quot;leader&quot;", text="&quot;超期：&quot; + what")
    case = Case(diagram(process(user("a") + notify, "a > n"))).start().do("a", what="道路")

    (effect,) = case.step.effects
    assert effect.data == {"role": "leader", "text": "超期：道路", "level": "village"}


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("os.system", {}),
        ("notify", {"role": "&quot;leader&quot;"}),
        ("hand_up", {"command": "&quot;rm&quot;"}),
    ],
)
def test_it_refuses_actions_and_arguments_it_does_not_know(action, params):
    with pytest.raises(BadDiagram):
        Case(diagram(process(service("x", action, **params), "x")))


def test_it_lets_the_diagram_catch_a_business_error():
    error = '<error id="er" name="x" errorCode="FULL"/>'
    border = (
        '<boundaryEvent id="w" attachedToRef="x"><errorEventDefinition errorRef="er"/>'
        "</boundaryEvent>"
    )
    body = service("x", "fail", code="&quot;FULL&quot;") + border + user("b", "c")

    assert Case(diagram(error, process(body, "x > b; w > c"))).start().open == ["c"]


def test_it_reports_a_business_error_that_nobody_catches():
    with pytest.raises(EngineFault) as caught:
        Case(diagram(process(service("x", "fail", code="&quot;FULL&quot;"), "x"))).start()
    assert caught.value.node_id == "x"


def test_it_passes_a_message_on_to_the_world_if_nothing_in_the_case_takes_it():
    message = '<message id="m" name="ask_police"/>'
    body = '<sendTask id="x" messageRef="m"/>' + user("b")
    case = Case(diagram(message, process(body, "x > b"))).start()

    (effect,) = case.step.effects
    assert (effect.kind, effect.data) == ("message", {"name": "ask_police"})
