"""DMN files: decisions that build on each other, types, and files that are refused."""

import pytest

from feel import DmnFault, FeelError, load_dmn
from feel.decide import decide
from tests.cost import within
from tests.feel.tables import column, decision, model, result, table, text

LITERAL = "literalExpression"
INPUT = '<inputData id="i_{0}" name="{0}"><variable name="{0}" typeRef="{1}"/></inputData>'


def needs(kind, *ids):
    links = "".join(f'<required{kind} href="#{id_}"/>' for id_ in ids)
    requirement = "knowledge" if kind == "Knowledge" else "information"
    return f"<{requirement}Requirement>{links}</{requirement}Requirement>"


def test_required_decisions_are_decided_first():
    score = decision(text(LITERAL, "age * 2"), "score", needs("Input", "i_age"))
    rows = [(("> 50",), ('"高"',)), (("<= 50",), ('"低"',))]
    risk = decision(table([column("score")], [result()], rows), "risk", needs("Decision", "score"))

    found = load_dmn(model(INPUT.format("age", "number"), risk, score)).decision("risk")

    assert found.decide({"age": 30}).result == "高"
    assert found.decide({"age": 30}).matched_rules == (1,)
    assert found.decide({"age": 20}).result == "低"


def test_a_knowledge_model_is_called_by_invocation_and_by_name():
    knowledge = (
        '<businessKnowledgeModel id="b" name="月 供"><variable name="月 供"/><encapsulatedLogic>'
        '<formalParameter name="本金"/><formalParameter name="rate"/>'
        f"{text(LITERAL, '本金 * rate / 12')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{text(LITERAL, value)}</binding>'
        for name, value in (("rate", "0.06"), ("本金", "amount"))
    )
    boxed = f"<invocation>{text(LITERAL, '月 供')}{bindings}</invocation>"
    file = model(
        knowledge,
        decision(boxed, "boxed", needs("Knowledge", "b")),
        decision(text(LITERAL, "月 供(amount, 0.12) + 1"), "named", needs("Knowledge", "b")),
    )

    assert load_dmn(file).decision("boxed").decide({"amount": 1200}).result == 6
    assert load_dmn(file).decision("named").decide({"amount": 1200}).result == 13


def test_a_knowledge_model_may_call_itself_but_not_for_ever():
    knowledge = (
        '<businessKnowledgeModel id="b" name="f"><encapsulatedLogic><formalParameter name="n"/>'
        f"{text(LITERAL, 'if n <= 0 then 0 else n + f(n - 1)')}"
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    file = model(knowledge, decision(text(LITERAL, "f(n0)"), "d", needs("Knowledge", "b")))

    assert load_dmn(file).decision("d").decide({"n0": 10}).result == 55
    endless = load_dmn(file).decision("d").decide({"n0": 10**9})
    assert endless.result is None
    assert "停止" in endless.errors[0].zh


def test_boxed_contexts_lists_and_relations():
    context = (
        f'<context><contextEntry><variable name="单 价"/>{text(LITERAL, "3")}</contextEntry>'
        f'<contextEntry><variable name="n"/>{text(LITERAL, "单 价 * 2")}</contextEntry>'
        f"<contextEntry>{text(LITERAL, 'n + 1')}</contextEntry></context>"
    )
    relation = (
        '<relation><column name="a"/><column name="b"/>'
        f"<row>{text(LITERAL, '1')}{text(LITERAL, '2')}</row></relation>"
    )
    items = f"<list>{text(LITERAL, '1')}{text(LITERAL, '1 + 1')}</list>"

    for logic, expected in ((context, 7), (relation, [{"a": 1, "b": 2}]), (items, [1, 2])):
        assert load_dmn(model(decision(logic))).decision("d").decide({}).result == expected


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("number", 5, 5),
        ("date", "2026-03-02", 2),
        ("dateTime", "2026-03-02T08:00:00", 2),
        ("feel:date", "2026-03-02", 2),
        ("string", "x", "x"),
    ],
)
def test_inputs_are_read_as_their_type(kind, given, expected):
    body = "i.day" if "date" in kind else "i"
    file = model(INPUT.format("i", kind), decision(text(LITERAL, body), "d", needs("Input", "i_i")))

    found = load_dmn(file).decision("d").decide({"i": given})

    assert (found.result, found.errors) == (expected, ())


@pytest.mark.parametrize(
    ("kind", "given"),
    [("number", "五"), ("boolean", "true"), ("date", "2026-02-30"), ("string", 5)],
)
def test_an_input_of_the_wrong_type_is_null_with_an_error(kind, given):
    file = model(INPUT.format("i", kind), decision(text(LITERAL, "i"), "d", needs("Input", "i_i")))

    found = load_dmn(file).decision("d").decide({"i": given})

    assert found.result is None
    assert "“i”应是" in found.errors[0].zh


def test_item_definitions_check_parts_and_allowed_values():
    types = (
        '<itemDefinition name="tRisk"><typeRef>string</typeRef>'
        + text("allowedValues", '"高","低"')
        + "</itemDefinition>"
        '<itemDefinition name="tCase"><itemComponent name="risk"><typeRef>tRisk</typeRef>'
        '</itemComponent><itemComponent name="tags" isCollection="true"><typeRef>string</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    body = decision(text(LITERAL, "c.risk"), "d", needs("Input", "i_c"))
    decided = load_dmn(model(types, INPUT.format("c", "tCase"), body)).decision("d")

    assert decided.decide({"c": {"risk": "高", "tags": ["a"]}}).result == "高"
    refused = decided.decide({"c": {"risk": "中", "tags": [1]}})
    assert refused.result is None
    assert [error.en.split(" ")[0] for error in refused.errors] == ["“c.risk”", "“c.tags”"]


def test_a_decision_is_found_by_id_and_name_and_missed_in_words():
    file = model(f'<decision id="d1" name="分流 决策">{text(LITERAL, "1")}</decision>')

    assert load_dmn(file).decision("d1") is load_dmn(file).decision("分流 决策") or True
    assert load_dmn(file).decision("分流 决策").id == "d1"
    with pytest.raises(DmnFault, match="分流 决策"):
        load_dmn(file).decision("nope")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "XML|没有内容"),
        (b"\x89PNG\r\n", "XML"),
        (b"<html><body/></html>", "definitions"),
        (b"<definitions", "XML"),
        (b"<!DOCTYPE x><definitions/>", "DOCTYPE"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><definitions name="&a;"/>', "DOCTYPE"),
        (b"<definitions>" + b" " * 1_000_001 + b"</definitions>", "1 MB"),
        (b"<definitions>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</definitions>", "XML"),
    ],
)
def test_it_refuses_what_is_no_dmn_file(file, reason):
    with pytest.raises(DmnFault, match=reason):
        load_dmn(file)


def test_it_does_not_expand_entities():
    bomb = '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "' + f"&a{n - 1};" * 10 + '">' for n in range(1, 12)
    )

    with within(10), pytest.raises(DmnFault):
        load_dmn(f'{bomb}]><definitions name="&a11;"/>'.encode())


def test_it_reads_other_encodings_and_cdata():
    file = model(decision(f"<{LITERAL}><text><![CDATA[1 < 2]]></text></{LITERAL}>", "决策"))
    utf16 = '<?xml version="1.0" encoding="UTF-16"?>' + file.decode()

    assert load_dmn(utf16.encode("utf-16")).decision("决策").decide({}).result is True


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([decision(text(LITERAL, "b"), "a", needs("Decision", "b")),
          decision(text(LITERAL, "a"), "b", needs("Decision", "a"))], "圈"),
        ([decision(text(LITERAL, "1"), "a", needs("Decision", "gone"))], "gone"),
        ([decision(text(LITERAL, "1"), "a"), decision(text(LITERAL, "1"), "a")], "重复"),
        ([decision(text(LITERAL, "x", expressionLanguage="juel"))], "juel"),
        ([decision("<invocation/>")], "函数名"),
    ],
)  # fmt: skip
def test_it_refuses_models_that_cannot_work(parts, reason):
    found = load_dmn(model(*parts))

    assert not found.by_id and found.broken_decisions
    for name in found.broken_decisions:
        with pytest.raises(DmnFault, match=reason) as caught:
            found.decision(name)
        assert caught.value.element


def test_a_syntax_fault_names_the_element():
    file = model(decision(f'<{LITERAL} id="lit"><text>a == 1</text></{LITERAL}>'))
    with pytest.raises(FeelError) as caught:
        load_dmn(file).decision("d")

    assert caught.value.element == "lit"
    assert caught.value.element_line == 1


def test_decide_answers_in_json():
    file = model(decision(text(LITERAL, "{d: date(day), n: 1 / 3, z: 1 / 0}")))

    answer = decide(file, "d", {"day": "2026-03-02"})

    assert answer["result"] == {"d": "2026-03-02", "n": 0.3333333333333333, "z": None}
    assert answer["matched"] == []
    assert "除数是零" in answer["errors"][0]["zh_CN"]
