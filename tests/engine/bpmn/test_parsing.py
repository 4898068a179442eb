"""Diagrams as plain data: what our namespace says, and what in it makes no sense."""

from __future__ import annotations

import pytest

from engine.bpmn import BadDiagram, XmlRefused, parse
from engine.bpmn.nodes import ParsedFile
from engine.bpmn.parsing import xml
from engine.bpmn.parsing.processes import extract
from tests.engine.bpmn.diagrams import diagram, flows, process, user


def read(*parts: str) -> ParsedFile:
    return extract(xml.load(diagram(*parts)), "test.bpmn")


def rules(source: ParsedFile) -> list[str]:
    return [fault.rule for fault in source.faults]


def test_it_reads_what_a_task_says():
    body = (
        '<userTask id="accept" name="受理"><documentation>24小时内受理</documentation>'
        '<extensionElements><gov:label lang="en">Accept</gov:label>'
        '<gov:task form="ticket/accept" role="dispatcher" level="county" limit="2" '
        'limitUnit="working_days" signLimit="4" signLimitUnit="working_hours" warn="1" '
        'returnTo="report, triage" recall="false" citizen="正在受理"/>'
        "</extensionElements></userTask>"
    )
    node = read(process(body, "accept")).nodes["accept"]

    assert (node.kind, node.name, node.name_en) == ("userTask", "受理", "Accept")
    assert (node.form, node.role, node.level) == ("ticket/accept", "dispatcher", "county")
    assert (node.limit, node.limit_unit, node.warn) == (2, "working_days", (1,))
    assert (node.sign_limit, node.sign_limit_unit) == (4, "working_hours")
    assert (node.return_to, node.recall) == (("report", "triage"), False)
    assert (node.citizen, node.documentation) == ("正在受理", "24小时内受理")


@pytest.mark.parametrize(
    ("text", "spans", "faults"),
    [
        ("10 3", (10, 3), []),
        ("3, 10,3", (10, 3), []),
        ("", (), []),
        ("5 4 3 2 1", (5, 4, 3, 2, 1), []),
        ("6 5 4 3 2 1", (), ["bad-number"]),
        ("10 0", (), ["bad-number"]),
        ("10 天", (), ["bad-number"]),
        ("1０", (), ["bad-number"]),
    ],
)
def test_it_reads_when_a_limit_warns_the_earliest_first(text, spans, faults):
    body = (
        '<userTask id="accept"><extensionElements>'
        f'<gov:task limit="30" limitUnit="days" warn="{text}"/></extensionElements></userTask>'
    )
    source = read(process(body, "accept"))
    assert source.nodes["accept"].warn == spans
    assert rules(source) == faults


def test_it_reads_what_a_process_says():
    own = (
        '<extensionElements><gov:label lang="en">Ticket</gov:label><gov:process '
        'caseType="ticket" numberPrefix="山网" limit="7" limitUnit="working_days" opens="b"/>'
        "</extensionElements>"
    )
    definition = parse({"a.bpmn": diagram(process(own + user("a", "b"), "a > b"))}, "p")

    info = definition.process
    assert (info.case_type, info.number_prefix, info.name_en) == ("ticket", "山网", "Ticket")
    assert (info.limit, info.limit_unit) == (7, "working_days")
    assert definition.opens is definition.nodes["b"]


def test_it_opens_with_the_only_task_after_the_start():
    one = parse({"a.bpmn": diagram(process(user("a", "b"), "a > b"))}, "p")
    gates = '<parallelGateway id="g"/>' + user("a", "b")
    two = parse({"a.bpmn": diagram(process(gates, "g > a; g > b"))}, "p")

    assert one.opens is one.nodes["a"]
    assert two.opens is None


@pytest.mark.parametrize(
    ("attributes", "rule"),
    [
        ('role="king"', "unknown-role"),
        ('level="moon"', "unknown-level"),
        ('limit="soon"', "bad-number"),
        ('limit="0"', "bad-number"),
        ('limit="-3"', "bad-number"),
        ('limit="３"', "bad-number"),
        ('limit="99999999999"', "bad-number"),
        ('limit="1_0"', "bad-number"),
        ('limit="2" limitUnit="weeks"', "unknown-limit-unit"),
    ],
)
def test_it_notes_values_that_make_no_sense(attributes, rule):
    body = (
        f'<userTask id="a"><extensionElements><gov:task {attributes}/></extensionElements>'
        "</userTask>"
    )
    source = read(process(body, "a"))

    assert rules(source) == [rule]
    assert source.faults[0].element == "a"
    assert source.faults[0].line == 1


def test_it_notes_ids_that_are_missing_twice_or_dangerous():
    twice = read(process(user("a", "a"), "a"))
    without = read(process('<userTask name="x"/>', "a"))
    path = read(process(user("../../etc/passwd"), "a"))
    long = read(process(user("x" * 5_000), "a"))

    assert rules(twice) == ["duplicate-id"]
    assert rules(without) == ["missing-id"]
    assert rules(path) == rules(long) == ["bad-id"]


def test_it_takes_chinese_ids():
    definition = parse({"a.bpmn": diagram(process(user("受理", "办结"), "受理 > 办结"))}, "p")

    assert set(definition.nodes) == {"p_s", "受理", "办结"}


def test_it_notes_a_reference_to_nothing():
    body = '<receiveTask id="r" messageRef="nowhere"/>'

    assert rules(read(process(body, "r"))) == ["missing-reference"]


def test_it_refuses_xml_that_is_no_diagram():
    with pytest.raises(XmlRefused) as caught:
        extract(xml.load(b"<svg/>"))
    assert caught.value.rule == "not-bpmn"


def test_it_tells_steps_with_one_id_in_two_processes_apart():
    two = diagram(process(user("a"), "a", key="q"))
    call = diagram(process('<callActivity id="c" calledElement="q"/>' + user("a"), "c > a"))

    with pytest.raises(BadDiagram) as caught:
        parse({"one.bpmn": call, "two.bpmn": two}, "p")
    assert [fault.rule for fault in caught.value.faults] == ["duplicate-id"]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<complexGateway id="a"/>', "unsupported-element"),
        ('<adHocSubProcess id="a"/>', "unsupported-element"),
        ('<transaction id="a"/>', "unsupported-element"),
        ('<intermediateThrowEvent id="a"><linkEventDefinition name="l"/></intermediateThrowEvent>',
         "unsupported-event"),
        ('<intermediateThrowEvent id="a"><compensateEventDefinition/></intermediateThrowEvent>',
         "unsupported-event"),
        ('<intermediateCatchEvent id="a"><conditionalEventDefinition/></intermediateCatchEvent>',
         "unsupported-event"),
        ('<serviceTask id="a"/>', "missing-action"),
        ('<businessRuleTask id="a"/>', "missing-decision"),
        ('<callActivity id="a" calledElement="nowhere"/>', "missing-process"),
        ('<subProcess id="a"/>', "missing-start"),
        (user("a") + flows("a > nowhere"), "dangling-flow"),
        (user("a") + '<boundaryEvent id="b" attachedToRef="z"><timerEventDefinition>'
         "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>", "missing-host"),
        ('<startEvent id="again"/>' + user("a"), "many-starts"),
        ('<exclusiveGateway id="a"/>' + user("b", "c") + flows("a > b; a > c : x"),
         "missing-condition"),
        ('<userTask id="a"><multiInstanceLoopCharacteristics/></userTask>', "empty-loop"),
    ],
)  # fmt: skip
def test_it_refuses_by_name_what_cannot_run(body, rule):
    with pytest.raises(BadDiagram) as caught:
        parse({"a.bpmn": diagram(process(body, "a"))}, "p")

    assert {fault.rule for fault in caught.value.faults} == {rule}
    assert all(fault.text.zh and fault.text.en and fault.element for fault in caught.value.faults)


def test_it_reads_or_refuses_every_real_diagram_in_words(shared):
    for file in sorted((shared / "data/bpmn").glob("*.bpmn*")):
        data = file.read_bytes()
        source = extract(xml.load(data), file.name)
        assert source.nodes, file.name
        for key in source.processes:
            try:
                parse({file.name: data}, key)
            except BadDiagram as error:
                assert all(fault.text.zh for fault in error.faults)
