"""Events, timers, messages, calls, loops: each rule once broken and once kept."""

from __future__ import annotations

import pytest

from tests.engine.bpmn.check.drawing import (
    END,
    START,
    brief,
    diagram,
    extended,
    flow,
    line,
    look,
    node,
    only,
    simple,
    task,
    timer,
)  # fmt: skip


def waiting(text: str, kind: str = "timeDuration") -> bytes:
    return simple(node("intermediateCatchEvent", "wait", timer(text, kind)), keys=("wait",))


@pytest.mark.parametrize(
    "text",
    ["P5D", "PT4H", '"P5D"', "'PT5M'", "P1Y2M", "P2W", 'duration("P3D")', "working days(3)",
     "working hours(4)", "2030-01-01", "2030-01-01T09:00:00", 'date("2030-01-01")'],
)  # fmt: skip
def test_it_takes_every_spelling_of_a_time_that_runs(text):
    assert brief(look(waiting(text))) == []


@pytest.mark.parametrize(
    "text",
    ["P", "PT", "P0D", "PT0S", "-P1D", "P1S", "P1H", "R0/P1D", "2026-13-45", "P1.5X", "pt5x",
     "R-1/P1D", "0 days", "false", "42",
     '"soon"', "R/", "R3/PT0S", "P1M2Y", "5 days", "3天", "PT0.1S"],
)  # fmt: skip
def test_it_refuses_a_time_that_cannot_be_once(text):
    assert brief(look(waiting(text))) == [("bad-timer", "wait")]


@pytest.mark.parametrize(
    ("text", "better"),
    [("P4H", "PT4H"), ("5 days", "P5D"), ("3个工作日", "working days(3)"), ("pt5m", "PT5M"),
     ("P1D4H", "P1DT4H"), ("-P2D", "P2D")],
)  # fmt: skip
def test_it_proposes_what_was_meant(text, better):
    assert better in only(look(waiting(text)), "bad-timer").remedy.zh


def test_it_says_that_a_timer_has_no_time_yet():
    found = only(look(waiting("")), "timer-without-time")

    assert (found.element, brief(look(waiting("")))) == ("wait", [("timer-without-time", "wait")])
    assert "“wait”还没有填时间" in found.message.zh


def border(inner: str, after: str = "chase", **attributes: str) -> str:
    event = node("boundaryEvent", "edge", inner, attachedToRef="first", **attributes)
    return event + task("chase") + line("edge", after) + line("chase", "end")


def test_it_warns_of_a_cycle_that_can_fire_only_once():
    cycle = timer("R3/P1D", "timeCycle")

    assert brief(look(simple(border(cycle)))) == [("cycle-fires-once", "edge")]
    assert brief(look(simple(border(cycle, cancelActivity="false")))) == []


def test_it_warns_of_cycles_that_nobody_could_keep_up_with():
    found = look(simple(border(timer("R/PT1S", "timeCycle"), cancelActivity="false")))

    assert brief(found) == [("timer-too-often", "edge")]


def test_it_warns_of_a_time_in_another_century():
    assert brief(look(waiting("P500Y"))) == [("timer-too-far", "wait")]


def test_it_refuses_two_timers_after_one_event_based_gateway():
    def race(second: str) -> bytes:
        body = START + task("first") + node("eventBasedGateway", "race") + END
        body += node("intermediateCatchEvent", "a", timer("P1D"))
        body += node("intermediateCatchEvent", "b", second)
        flows = line("start", "first", "race", "a", "end") + line("race", "b", "end")
        return diagram(body + flows, before='<signal id="s" name="s"/>')

    assert brief(look(race(timer("P2D")))) == [("event-gateway-timers", "race")]
    assert brief(look(race('<signalEventDefinition signalRef="s"/>'))) == []


MESSAGE = '<messageEventDefinition messageRef="m"/>'
CALLED = '<message id="m" name="withdraw"/>'


def catching(role: str, before: str = CALLED, definition: str = MESSAGE) -> bytes:
    own = extended(f'<gov:message role="{role}"/>') if role else ""
    edge = node("boundaryEvent", "edge", own + definition, attachedToRef="first")
    body = START + task("first") + edge + END + line("start", "first", "end") + line("edge", "end")
    return diagram(body, before=before)


def test_it_warns_of_a_message_that_nobody_may_send():
    assert brief(look(catching(""))) == [("message-nobody-sends", "edge")]
    assert brief(look(catching("handler"))) == []


def test_it_refuses_a_message_without_a_name():
    nameless = (
        '<boundaryEvent id="edge" attachedToRef="first"><messageEventDefinition/></boundaryEvent>'
    )
    body = (
        START + task("first") + nameless + END + line("start", "first", "end") + line("edge", "end")
    )

    assert ("message-without-name", "edge") in brief(look(diagram(body)))


def test_it_refuses_a_reference_to_nothing():
    assert ("missing-reference", "edge") in brief(look(catching("handler", before="")))


def test_it_refuses_a_boundary_event_without_host_and_nothing_else():
    lost = node("boundaryEvent", "edge", timer("P1D"), attachedToRef="gone") + task("later")

    assert brief(look(simple(lost + line("edge", "later", "end")))) == [("missing-host", "edge")]


def test_it_refuses_a_boundary_event_on_a_gateway():
    body = START + task("first") + node("exclusiveGateway", "g") + END
    body += node("boundaryEvent", "edge", timer("P1D"), attachedToRef="g")
    found = look(diagram(body + line("start", "first", "g", "end") + line("edge", "end")))

    assert brief(found) == [("boundary-on-wrong-element", "edge")]


def inside(thrown: str, caught: str = "") -> bytes:
    throw = node("endEvent", "out", f'<{thrown}EventDefinition {thrown}Ref="e"/>')
    inner = node("startEvent", "in") + task("work") + throw + line("in", "work", "out")
    body = START + task("first") + node("subProcess", "sub", inner) + END
    body += line("start", "first", "sub", "end")
    if caught:
        definition = f'<{caught}EventDefinition {caught}Ref="e"/>'
        body += node("boundaryEvent", "edge", definition, attachedToRef="sub") + line("edge", "end")
    kinds = '<error id="e" errorCode="E"/>' if thrown == "error" else (
        '<escalation id="e" escalationCode="E"/>'
    )  # fmt: skip
    return diagram(body, before=kinds)


def test_it_wants_somebody_to_catch_an_error():
    assert brief(look(inside("error"))) == [("error-not-caught", "out")]
    assert brief(look(inside("error", "error"))) == []


def test_it_warns_of_an_escalation_that_nobody_catches():
    found = look(inside("escalation"))

    assert brief(found) == [("escalation-not-caught", "out")]
    assert only(found, "escalation-not-caught").severity == "warning"
    assert brief(look(inside("escalation", "escalation"))) == []


def test_it_looks_for_the_catcher_in_the_process_that_calls():
    throw = node("endEvent", "out", '<errorEventDefinition errorRef="e"/>')
    called = diagram(
        node("startEvent", "in") + task("work") + throw + line("in", "work", "out"),
        before='<error id="e" errorCode="E"/>', key="q",
    )  # fmt: skip
    catch = node("boundaryEvent", "edge", "<errorEventDefinition/>", attachedToRef="call")
    body = START + task("first") + node("callActivity", "call", calledElement="q") + catch + END
    caller = diagram(body + line("start", "first", "call", "end") + line("edge", "end"))

    assert brief(look({"q.bpmn": called})) == [("error-not-caught", "out")]
    assert brief(look({"q.bpmn": called, "p.bpmn": caller})) == []


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        ('<complexGateway id="x"/>', "unsupported-element"),
        ('<transaction id="x"/>', "unsupported-element"),
        ('<adHocSubProcess id="x"/>', "unsupported-element"),
        ('<intermediateThrowEvent id="x"><linkEventDefinition name="L"/></intermediateThrowEvent>',
         "unsupported-event"),
        ('<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>',
         "unsupported-event"),
        ('<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>',
         "unsupported-event"),
        ('<intermediateCatchEvent id="x"><cancelEventDefinition/></intermediateCatchEvent>',
         "unsupported-event"),
    ],
)  # fmt: skip
def test_it_refuses_by_name_what_the_engine_does_not_run(element, rule):
    found = look(simple(element, keys=("x",)))

    assert brief(found) == [(rule, "x")]
    assert only(found, rule).severity == "error"


def test_it_warns_of_a_send_task_that_sends_nothing():
    assert brief(look(simple(node("sendTask", "mail"), keys=("mail",)))) == [
        ("sends-nothing", "mail")
    ]


def call(target: str) -> bytes:
    return simple(node("callActivity", "call", calledElement=target), keys=("call",))


def test_it_names_a_called_process_that_is_missing():
    assert brief(look(call("gone"))) == [("missing-process", "call")]


def test_it_finds_a_called_process_in_another_file():
    other = diagram(START + task("work") + END + line("start", "work", "end"), key="other")

    assert brief(look({"p.bpmn": call("other"), "other.bpmn": other})) == []


def test_it_does_not_miss_what_may_stand_in_a_file_that_cannot_be_read():
    found = look({"p.bpmn": call("other"), "other.bpmn": b"<definitions"})

    assert [finding.rule for finding in found if finding.severity == "error"] == ["xml-broken"]


def test_it_names_processes_that_call_each_other_for_ever():
    one = simple(node("callActivity", "call", calledElement="q"), keys=("call",))
    two = one.replace(b"<process id='p'", b"<process id='q'").replace(
        b'<process id="p"', b'<process id="q"'
    )
    two = two.replace(b'calledElement="q"', b'calledElement="p"').replace(b'"first"', b'"second"')

    rules = [finding.rule for finding in look({"p.bpmn": one, "q.bpmn": two})]
    assert "recursive-call" in rules
    assert "missing-process" not in rules


def many(**loop: str) -> bytes:
    each = " ".join(f'{name.rstrip("_")}="{value}"' for name, value in loop.items())
    inner = (
        f"<multiInstanceLoopCharacteristics><extensionElements><gov:each {each}/>"
        "</extensionElements></multiInstanceLoopCharacteristics>"
    )
    return simple(task("ask", inner), keys=("ask",))


def cardinality(text: str) -> bytes:
    inner = (
        f"<multiInstanceLoopCharacteristics><loopCardinality>{text}</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )
    return simple(task("ask", inner), keys=("ask",))


def test_it_refuses_a_million_instances():
    assert brief(look(cardinality("1000000"))) == [("too-many-instances", "ask")]
    assert brief(look(many(in_="for i in 1..1000000 return i", as_="u"))) == [
        ("too-many-instances", "ask")
    ]
    assert brief(look(cardinality("3"))) == []


def test_it_refuses_instances_over_something_that_is_no_list():
    assert brief(look(many(in_="&quot;everybody&quot;", as_="u"))) == [("not-a-collection", "ask")]
    assert brief(look(cardinality("-1"))) == [("not-a-collection", "ask")]
    assert brief(look(many(in_="[1, 2]", as_="u"))) == []


def test_it_warns_of_a_result_that_is_named_by_half():
    assert brief(look(many(in_="[1]", as_="u", out="all"))) == [("half-a-result", "ask")]


def loop(inner: str, kind: str = "userTask") -> bytes:
    marker = f"<standardLoopCharacteristics>{inner}</standardLoopCharacteristics>"
    if kind == "userTask":
        return simple(task("again", marker), keys=("again",))
    script = "<script>n = 1</script>"
    return simple(node("scriptTask", "again", marker + script), keys=("again",))


def test_it_warns_of_loops_that_never_stop():
    condition = "<loopCondition>{}</loopCondition>"

    assert brief(look(loop(condition.format("true")))) == [("loop-never-stops", "again")]
    assert brief(look(loop(condition.format("n &lt; 3"), "scriptTask"))) == [
        ("automatic-loop", "again")
    ]
    assert brief(look(loop(""))) == [("empty-loop", "again")]


def test_it_takes_data_objects_two_levels_down_as_the_drawing_they_are():
    """The stock parser of the engine never returns from this file."""
    reading = "<sourceRef>ref</sourceRef><targetRef>x</targetRef>"
    reading = f'<dataInputAssociation id="a">{reading}</dataInputAssociation>'
    deepest = node("startEvent", "s2") + task("work", reading) + line("s2", "work")
    inner = node("startEvent", "s1") + node("subProcess", "deep", deepest) + line("s1", "deep")
    inner += '<dataObjectReference id="ref" dataObjectRef="data"/>'
    body = '<dataObject id="data"/>' + node("subProcess", "sub", inner)

    found = look(simple(body, keys=("sub",)))

    assert brief(found, quiet=("info", "warning")) == []
    assert only(found, "data-objects-ignored").severity == "info"


def test_it_names_what_is_wrong_with_event_subprocesses():
    plain = node("startEvent", "in") + task("work") + line("in", "work")
    found = look(simple(node("subProcess", "sub", plain, triggeredByEvent="true")))

    assert ("event-subprocess-start", "sub") in brief(found)


def test_it_wants_waiting_after_an_event_based_gateway():
    body = START + task("first") + node("eventBasedGateway", "g") + task("a") + END
    found = look(diagram(body + line("start", "first", "g", "a", "end")))

    assert brief(found) == [("event-gateway", "g")]


def test_it_warns_of_diagrams_nobody_can_survey():
    keys = [f"t{i}" for i in range(510)]
    found = look(simple("".join(task(key) for key in keys), keys=tuple(keys)))
    assert brief(found) == [("very-large", "p")]

    fan = node("parallelGateway", "fork") + "".join(
        task(f"b{i}") + line("fork", f"b{i}", "end") for i in range(60)
    )
    body = START + task("first") + END + fan + flow("start", "first") + flow("first", "fork")
    assert brief(look(diagram(body))) == [("many-branches", "fork")]


def test_it_warns_of_a_start_event_that_starts_nothing():
    def starting(definition: str) -> bytes:
        body = node("startEvent", "start", definition) + task("first") + END
        return diagram(body + line("start", "first", "end"), before=CALLED)

    assert brief(look(starting(timer("R/P1D", "timeCycle")))) == [("start-event-ignored", "start")]
    assert brief(look(starting(MESSAGE))) == []
