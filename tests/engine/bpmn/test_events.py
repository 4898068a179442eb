"""Timers, messages, signals, escalations, errors and terminations, one small diagram each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn import BadDiagram, EngineFault, NotCaught, UnknownTask, fire_timer, send_message
from tests.engine.bpmn.diagrams import MONDAY_9AM, Case, diagram, process, user

MESSAGE = '<message id="m" name="withdraw"/>'
ESCALATION = '<escalation id="up" name="up" escalationCode="UP"/>'


def timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def border(name: str, host: str, definition: str, interrupting: bool = True) -> str:
    cancel = str(interrupting).lower()
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{cancel}">'
        f"{definition}</boundaryEvent>"
    )


def catch(name: str, definition: str) -> str:
    return f'<intermediateCatchEvent id="{name}">{definition}</intermediateCatchEvent>'


def timed(kind: str, text: str, interrupting: bool = True) -> bytes:
    body = user("a", "late", "b") + border("t", "a", timer(kind, text), interrupting)
    return diagram(process(body, "a > b; t > late"))


def test_it_arms_a_timer_and_goes_the_other_way_when_it_fires():
    case = Case(timed("timeDuration", "PT2H")).start()
    armed = case.step.timers[0]
    assert (armed.node_id, armed.kind) == ("t", "duration")
    assert armed.fire_at == MONDAY_9AM + timedelta(hours=2)

    case.wait(hours=2)
    assert case.open == ["late"]
    assert [task.how for task in case.step.closed_tasks] == ["cancelled"]


def test_it_disarms_the_timer_of_a_finished_task():
    case = Case(timed("timeDuration", "PT2H")).start()
    armed = case.step.timers[0]
    case.do("a")

    assert case.step.disarmed_timers == (armed.engine_id,)
    with pytest.raises(UnknownTask):
        fire_timer(case.definition, case.state, armed.engine_id, case.context)


def test_it_reminds_without_taking_the_task_away():
    case = Case(timed("timeDuration", "P1D", interrupting=False)).start().wait(days=1)
    assert case.open == ["a", "late"]

    case.do("a").do("late").do("b")
    assert case.step.ended


def test_it_fires_a_cycle_as_often_as_it_says():
    case = Case(timed("timeCycle", "R3/PT1H", interrupting=False)).start()
    for fired in (1, 2, 3):
        case.wait(hours=1)
        assert len(case.tasks("late")) == fired

    assert case.timers == {}
    assert len(case.wait(hours=5).tasks("late")) == 3


def test_it_fires_missed_cycles_once():
    case = Case(timed("timeCycle", "R/PT1H", interrupting=False)).start().wait(hours=5, minutes=30)

    assert len(case.tasks("late")) == 1
    (armed,) = case.timers.values()
    assert armed.fire_at == MONDAY_9AM + timedelta(hours=6)


@pytest.mark.parametrize(
    ("kind", "text", "moment"),
    [
        ("timeDuration", "PT90M", datetime(2026, 11, 23, 2, 30, tzinfo=UTC)),
        ("timeDuration", '"P5D"', datetime(2026, 11, 28, 1, tzinfo=UTC)),
        ("timeDuration", "P1M", datetime(2026, 12, 23, 1, tzinfo=UTC)),
        ("timeDate", "2026-12-01", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("timeDate", "2026-12-01T09:00:00", datetime(2026, 12, 1, 1, tzinfo=UTC)),
        ("timeDate", "2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("timeDuration", "working days(3)", datetime(2026, 11, 26, 10, tzinfo=UTC)),
        ("timeDuration", "working hours(4)", datetime(2026, 11, 23, 7, 30, tzinfo=UTC)),
        ("timeDuration", 'duration("PT1H") * 3', datetime(2026, 11, 23, 4, tzinfo=UTC)),
        ("timeDuration", 'if case.level = "village" then "PT1H" else "PT2H"',
         datetime(2026, 11, 23, 2, tzinfo=UTC)),
        ("timeDate", "2020-01-01", MONDAY_9AM),
    ],
)  # fmt: skip
def test_it_reads_times_as_people_write_them(kind, text, moment):
    case = Case(timed(kind, text.replace("<", "&lt;"))).start()

    assert case.step.timers[0].fire_at == moment


@pytest.mark.parametrize("text", ["PT0S", "R0/PT1H", "R3/PT0S", "PT", "5 days", "2026-13-01", ""])
def test_it_refuses_times_that_mean_nothing(text):
    with pytest.raises(BadDiagram):
        Case(timed("timeDuration", text))


def test_it_reports_a_timer_whose_expression_gives_no_time():
    with pytest.raises(EngineFault) as caught:
        Case(timed("timeDuration", "1 + 1")).start()
    assert caught.value.node_id == "t"


def test_it_lets_a_message_interrupt_a_task():
    definition = (
        '<extensionElements><gov:message form="t/withdraw" role="operator"/></extensionElements>'
        '<messageEventDefinition messageRef="m"/>'
    )
    body = user("a", "b") + border("w", "a", definition) + '<endEvent id="gone"/>'
    case = Case(diagram(MESSAGE, process(body, "a > b; w > gone"))).start()
    waiting = case.step.waiting[0]
    assert (waiting.message, waiting.node_id, waiting.role, waiting.form) == (
        "withdraw",
        "w",
        "operator",
        "t/withdraw",
    )

    case.send("withdraw")
    assert case.step.ended
    assert case.step.end_node == "gone"
    assert case.step.waiting == ()


def test_it_refuses_a_message_that_nothing_waits_for():
    case = Case(diagram(MESSAGE, process(user("a"), "a"))).start()

    with pytest.raises(NotCaught):
        case.send("withdraw")


def test_it_hands_a_messages_variables_to_the_diagram():
    body = (
        user("b", "c")
        + '<receiveTask id="r" messageRef="m"/><exclusiveGateway id="g" default="g_c"/>'
    )
    case = Case(diagram(MESSAGE, process(body, "r > g; g > b : reason = 1; g >> c"))).start()

    assert case.send("withdraw", reason=1, other=2).open == ["b"]
    assert case.variables == {"reason": 1}


def test_it_takes_a_non_interrupting_message_again_and_again():
    definition = '<messageEventDefinition messageRef="m"/>'
    body = user("a", "note") + border("w", "a", definition, interrupting=False)
    case = Case(diagram(MESSAGE, process(body, "a; w > note"))).start()

    assert case.send("withdraw").send("withdraw").open == ["a", "note", "note"]


def test_it_gives_a_message_to_all_who_wait_or_to_the_one_that_is_named():
    definition = '<messageEventDefinition messageRef="m"/>'
    body = '<parallelGateway id="f"/>' + user("a", "b", "x", "y")
    body += border("wa", "a", definition) + border("wb", "b", definition)
    case = Case(diagram(MESSAGE, process(body, "f > a; f > b; wa > x; wb > y"))).start()
    only = next(catch.engine_id for catch in case.step.waiting if catch.node_id == "wb")

    step = send_message(case.definition, case.state, "withdraw", {}, case.context, only)
    assert [task.node_id for task in step.opened_tasks] == ["y"]
    assert case.send("withdraw").open == ["x", "y"]
    with pytest.raises(NotCaught):
        send_message(case.definition, step.state, "withdraw", {}, case.context, only)


def test_it_waits_for_whatever_comes_first():
    body = (
        user("b", "c")
        + '<eventBasedGateway id="g"/>'
        + catch("x", '<messageEventDefinition messageRef="m"/>')
        + catch("t1", timer("timeDuration", "PT3H"))
        + catch("t2", timer("timeDuration", "PT1H"))
    )
    files = diagram(MESSAGE, process(body + user("d"), "g > x > b; g > t1 > c; g > t2 > d"))

    case = Case(files).start().send("withdraw")
    assert case.open == ["b"]
    assert case.timers == {}
    assert Case(files).start().wait(hours=1).open == ["d"]


def test_it_sends_a_signal_to_everything_that_waits_for_it():
    signal = '<signal id="sg" name="all"/>'
    definition = '<signalEventDefinition signalRef="sg"/>'
    body = (
        '<parallelGateway id="f"/>' + user("a", "b", "c", "x", "y")
        + border("wb", "b", definition) + border("wc", "c", definition)
        + f'<intermediateThrowEvent id="t">{definition}</intermediateThrowEvent>'
    )  # fmt: skip
    lines = "f > a > t; f > b; f > c; wb > x; wc > y"
    case = Case(diagram(signal, process(body, lines))).start().do("a")

    assert case.open == ["x", "y"]


def escalating(interrupting: bool) -> bytes:
    definition = '<escalationEventDefinition escalationRef="up"/>'
    inner = (
        '<subProcess id="sub"><startEvent id="s2"/>' + user("a", "b")
        + f'<intermediateThrowEvent id="t">{definition}</intermediateThrowEvent>'
        + '<endEvent id="e2"/>'
        + '<sequenceFlow id="1" sourceRef="s2" targetRef="a"/>'
        + '<sequenceFlow id="2" sourceRef="a" targetRef="t"/>'
        + '<sequenceFlow id="3" sourceRef="t" targetRef="b"/>'
        + '<sequenceFlow id="4" sourceRef="b" targetRef="e2"/></subProcess>'
    )  # fmt: skip
    body = inner + user("boss", "after") + border("esc", "sub", definition, interrupting)
    return diagram(ESCALATION, process(body, "sub > after; esc > boss"))


def test_it_tells_the_level_above_and_goes_on():
    case = Case(escalating(False)).start().do("a")
    assert case.open == ["b", "boss"]

    assert case.do("b").open == ["after", "boss"]


def test_it_ends_a_subprocess_that_escalates_to_an_interrupting_event():
    assert Case(escalating(True)).start().do("a").open == ["boss"]


def test_it_raises_an_escalation_from_outside_at_an_open_task():
    case = Case(escalating(False)).start().escalate("a", "UP")

    assert case.open == ["a", "boss"]
    with pytest.raises(NotCaught):
        case.escalate("a", "OTHER")


def test_it_catches_an_error_by_its_code_before_a_catch_all():
    error = '<error id="er" name="bad" errorCode="BAD"/>'
    end = '<endEvent id="bad"><errorEventDefinition errorRef="er"/></endEvent>'
    inner = (
        f'<subProcess id="sub"><startEvent id="s2"/>{user("a")}{end}'
        '<sequenceFlow id="1" sourceRef="s2" targetRef="a"/>'
        '<sequenceFlow id="2" sourceRef="a" targetRef="bad"/></subProcess>'
    )
    named = border("named", "sub", '<errorEventDefinition errorRef="er"/>')
    any_error = border("any", "sub", "<errorEventDefinition/>")
    lines = "sub > after; named > x; any > y"
    body = inner + user("after", "x", "y")

    for pair in (any_error + named, named + any_error):
        both = Case(diagram(error, process(body + pair, lines))).start()
        assert both.do("a").open == ["x"]
    only = Case(diagram(error, process(body + any_error, "sub > after; any > y"))).start()
    assert only.do("a").open == ["y"]
    none = Case(diagram(error, process(body, "sub > after"))).start()
    with pytest.raises(EngineFault) as caught:
        none.do("a")
    assert caught.value.node_id == "bad"


def test_it_terminates_everything_else():
    end = '<endEvent id="stop"><terminateEventDefinition/></endEvent>'
    body = '<parallelGateway id="f"/>' + user("a", "b") + end
    case = Case(diagram(process(body, "f > a > stop; f > b"))).start().do("a")

    assert case.step.ended
    assert case.step.end_node == "stop"
    assert {task.node_id: task.how for task in case.step.closed_tasks} == {
        "a": "completed",
        "b": "cancelled",
    }


def event_subprocess(interrupting: bool) -> bytes:
    inner = (
        '<subProcess id="es" triggeredByEvent="true">'
        f'<startEvent id="s2" isInterrupting="{str(interrupting).lower()}">'
        '<messageEventDefinition messageRef="m"/></startEvent>'
        + user("x")
        + '<sequenceFlow id="1" sourceRef="s2" targetRef="x"/></subProcess>'
    )
    return diagram(MESSAGE, process(user("a", "b") + inner, "a > b"))


def test_it_lets_an_event_subprocess_take_over():
    case = Case(event_subprocess(True)).start()
    assert case.step.waiting[0].node_id == "s2"

    case.send("withdraw")
    assert case.open == ["x"]
    assert case.step.waiting == ()
    assert case.do("x").step.ended


def test_it_runs_an_event_subprocess_beside_the_case_as_often_as_asked():
    case = Case(event_subprocess(False)).start().send("withdraw").do("a").send("withdraw")
    assert case.open == ["b", "x", "x"]

    assert not case.do("b").step.ended
    assert case.do("x").do("x").step.ended


def test_it_ends_though_an_event_subprocess_is_still_armed():
    case = Case(event_subprocess(False)).start().do("a").do("b")

    assert case.step.ended
    assert case.step.waiting == ()


def test_it_stops_waiting_for_a_message_when_time_is_up():
    body = '<receiveTask id="r" messageRef="m"/>' + user("b", "late")
    body += border("t", "r", timer("timeDuration", "PT1H"))
    files = diagram(MESSAGE, process(body, "r > b; t > late"))

    assert Case(files).start().send("withdraw").open == ["b"]
    late = Case(files).start().wait(hours=1)
    assert late.open == ["late"]
    assert late.step.waiting == ()


def test_it_runs_an_event_subprocess_at_its_time_and_for_an_error():
    error = '<error id="er" name="bad" errorCode="BAD"/>'

    def handler(name: str, definition: str, interrupting: str) -> str:
        return (
            f'<subProcess id="{name}" triggeredByEvent="true"><startEvent id="{name}_s" '
            f'isInterrupting="{interrupting}">{definition}</startEvent>{user(name + "_u")}'
            f'<sequenceFlow id="{name}_f" sourceRef="{name}_s" targetRef="{name}_u"/></subProcess>'
        )

    end = '<endEvent id="bad"><errorEventDefinition errorRef="er"/></endEvent>'
    body = user("a") + end
    body += handler("clock", timer("timeCycle", "R2/PT1H"), "false")
    body += handler("rescue", '<errorEventDefinition errorRef="er"/>', "true")
    case = Case(diagram(error, process(body, "a > bad"))).start()
    assert [timer.node_id for timer in case.timers.values()] == ["clock_s"]

    assert case.wait(hours=1).open == ["a", "clock_u"]
    assert case.wait(hours=1).open == ["a", "clock_u", "clock_u"]
    assert case.timers == {}
    assert case.do("a").open == ["rescue_u"]
    assert case.do("rescue_u").step.ended
