"""A running case goes to another version, or hears why it cannot."""

from __future__ import annotations

import json

import pytest

from engine import bpmn
from tests.engine.bpmn.diagrams import Case, diagram, process, user


def timer(name: str, host: str, hours: int, interrupting: bool = True) -> str:
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{host}" '
        f'cancelActivity="{str(interrupting).lower()}"><timerEventDefinition>'
        f"<timeDuration>PT{hours}H</timeDuration></timerEventDefinition></boundaryEvent>"
    )


def migrate(case: Case, files: bytes, **variables: object) -> Case:
    new = bpmn.parse({"diagram.bpmn": files}, "p")
    step = bpmn.migrate(case.definition, new, case.state, case.context, variables)
    case.definition = new
    return case._took(step)


ONE = diagram(process(user("a", "b"), "a > b"))


def test_it_keeps_the_open_task_and_takes_the_new_way():
    case = Case(ONE).start()
    task = case.tasks("a")[0]
    migrate(case, diagram(process(user("a", "review", "b"), "a > review > b")))

    assert case.tasks("a") == [task]
    assert case.step.opened_tasks == () and case.step.closed_tasks == ()
    assert case.do("a").open == ["review"]


def test_it_refuses_when_the_open_step_is_gone_or_of_another_kind():
    case = Case(ONE).start()

    with pytest.raises(bpmn.CannotMigrate) as caught:
        migrate(case, diagram(process(user("a2", "b"), "a2 > b")))
    assert "a" in caught.value.reasons[0].zh

    script = '<scriptTask id="a"><script>x = 1</script></scriptTask>'
    with pytest.raises(bpmn.CannotMigrate):
        migrate(case, diagram(process(script + user("b"), "a > b")))


def test_it_keeps_the_moment_of_a_running_timer():
    old = diagram(process(user("a", "late") + timer("t", "a", 5), "a; t > late"))
    case = Case(old).start()
    armed = dict(case.timers)
    migrate(case, diagram(process(user("a", "late") + timer("t", "a", 9), "a; t > late")))

    assert case.timers == armed
    assert case.wait(hours=5).open == ["late"]


def test_it_arms_a_new_event_on_an_open_task():
    case = Case(ONE).start()
    new = diagram(process(user("a", "b", "late") + timer("t", "a", 2), "a > b; t > late"))
    migrate(case, new)

    assert len(case.timers) == 1
    assert case.wait(hours=2).open == ["late"]


def test_it_disarms_an_event_that_is_gone():
    case = Case(diagram(process(user("a", "b", "late") + timer("t", "a", 2), "a > b; t > late")))
    case.start()
    migrate(case, ONE)

    assert case.timers == {}
    assert "t" not in {token["at"] for token in json.loads(case.state)["scopes"][0]["tokens"]}
    assert case.do("a").do("b").step.ended


def test_it_does_not_fire_again_what_has_fired_already():
    body = user("a", "late") + timer("t", "a", 2, interrupting=False)
    case = Case(diagram(process(body, "a; t > late"))).start().wait(hours=2)
    more = body + timer("t2", "a", 5, interrupting=False) + user("later")
    migrate(case, diagram(process(more, "a; t > late; t2 > later")))

    assert [timer.node_id for timer in case.timers.values()] == ["t2"]


def test_it_refuses_a_join_that_would_wait_for_a_branch_never_entered():
    new = diagram(
        process(
            '<parallelGateway id="f"/><parallelGateway id="j"/>' + user("a", "b", "c"),
            "f > a > j; f > c > j; j > b",
        )
    )
    case = Case(ONE).start()

    with pytest.raises(bpmn.CannotMigrate) as caught:
        migrate(case, new)
    assert "j" in caught.value.reasons[0].zh


def test_it_brings_the_answers_that_only_the_new_version_asks_for():
    case = Case(ONE).start()
    gate = '<exclusiveGateway id="g" default="g_b"/>'
    new = diagram(process(gate + user("a", "b", "c"), "a > g; g > c : urgent; g >> b"))
    migrate(case, new, urgent=True)

    assert case.do("a").open == ["c"]


def test_it_goes_on_inside_a_subprocess_and_half_way_through_a_multi_instance():
    marker = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )

    def version(last: str) -> bytes:
        inner = (
            '<subProcess id="sub"><startEvent id="s2"/>'
            f'<userTask id="m">{marker}</userTask>{user(last)}'
            '<sequenceFlow id="1" sourceRef="s2" targetRef="m"/>'
            f'<sequenceFlow id="2" sourceRef="m" targetRef="{last}"/></subProcess>'
        )
        return diagram(process(inner, "sub"))

    case = Case(version("x")).start().do("m")
    migrate(case, version("y"))

    assert case.open == ["m", "m"]
    assert case.do("m").do("m").open == ["y"]
