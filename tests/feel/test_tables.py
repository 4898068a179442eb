"""Decision tables: hit policies, defaults, allowed values, cells."""

from decimal import Decimal

import pytest

from feel import DmnFault
from tests.feel.tables import column, decide_by, result, table

AGE = [column("age")]
ADULT = [((">= 18",), ('"成年"',)), (("< 18",), ('"未成年"',))]
LAYERS = [((">= 10",), ("1",)), ((">= 20",), ("3",)), ((">= 30",), ("2",))]


def outcome(policy, rows, inputs, aggregation="", outputs=None):
    logic = table(AGE, outputs or [result()], rows, policy, aggregation)
    return decide_by(logic).decide(inputs)


def test_it_gives_the_result_and_the_number_of_the_rule():
    found = outcome("UNIQUE", ADULT, {"age": 17})

    assert (found.result, found.matched_rules, found.errors) == ("未成年", (2,), ())


def test_unique_with_two_matches_is_an_error_that_lists_the_rules():
    found = outcome("UNIQUE", LAYERS, {"age": 25})

    assert (found.result, found.matched_rules) == (None, (1, 2))
    assert "规则 1、2 同时命中" in found.errors[0].zh
    assert "Rules 1, 2 match" in found.errors[0].en


@pytest.mark.parametrize(
    ("policy", "aggregation", "expected"),
    [
        ("FIRST", "", 1),
        ("RULE ORDER", "", [1, 3, 2]),
        ("COLLECT", "", [1, 3, 2]),
        ("COLLECT", "SUM", 6),
        ("COLLECT", "MIN", 1),
        ("COLLECT", "MAX", 3),
        ("COLLECT", "COUNT", 3),
    ],
)
def test_it_follows_the_hit_policy(policy, aggregation, expected):
    found = outcome(policy, LAYERS, {"age": 99}, aggregation)

    assert found.result == expected
    assert found.matched_rules == (1, 2, 3)
    assert found.errors == ()


def test_priority_and_output_order_follow_the_allowed_values():
    outputs = [result(values="3, 2, 1")]

    assert outcome("PRIORITY", LAYERS, {"age": 99}, outputs=outputs).result == 3
    assert outcome("OUTPUT ORDER", LAYERS, {"age": 99}, outputs=outputs).result == [3, 2, 1]
    assert outcome("PRIORITY", LAYERS, {"age": 15}, outputs=outputs).result == 1


def test_priority_of_several_outputs_compares_the_first_first():
    rows = [(("-",), ('"低"', '"快"')), (("-",), ('"高"', '"慢"')), (("-",), ('"高"', '"快"'))]
    outputs = [result("risk", values='"高","低"'), result("speed", values='"快","慢"')]

    found = decide_by(table(AGE, outputs, rows, "OUTPUT ORDER")).decide({"age": 1})

    assert found.result == [
        {"risk": "高", "speed": "快"},
        {"risk": "高", "speed": "慢"},
        {"risk": "低", "speed": "快"},
    ]


def test_any_wants_equal_results():
    same = [((">= 10",), ('"x"',)), ((">= 20",), ('"x"',))]

    assert outcome("ANY", same, {"age": 25}).result == "x"
    different = outcome("ANY", LAYERS, {"age": 25})
    assert different.result is None
    assert "ANY" in different.errors[0].zh


@pytest.mark.parametrize(
    ("policy", "aggregation", "expected"),
    [
        ("UNIQUE", "", None),
        ("FIRST", "", None),
        ("COLLECT", "", []),
        ("RULE ORDER", "", []),
        ("COLLECT", "COUNT", 0),
        ("COLLECT", "SUM", None),
    ],
)
def test_no_match_gives_nothing(policy, aggregation, expected):
    found = outcome(policy, LAYERS, {"age": 1}, aggregation)

    assert (found.result, found.matched_rules, found.errors) == (expected, (), ())


def test_no_match_gives_the_default_outputs():
    outputs = [result(default='"其他"')]

    assert outcome("UNIQUE", LAYERS, {"age": 1}, outputs=outputs).result == "其他"
    assert outcome("COLLECT", LAYERS, {"age": 1}, outputs=outputs).result == ["其他"]


def test_several_outputs_become_a_context():
    rows = [((">= 18",), ('"A"', "age * 2")), (("< 18",), ("-", ""))]
    decision = decide_by(table(AGE, [result("类别"), result("n")], rows))

    assert decision.decide({"age": 20}).result == {"类别": "A", "n": 40}
    assert decision.decide({"age": 10}).result == {"类别": None, "n": None}


def test_inputs_that_are_missing_are_null():
    found = outcome("UNIQUE", [*ADULT, (("null",), ('"不详"',))], {})

    assert (found.result, found.errors) == ("不详", ())


def test_a_value_of_the_wrong_type_is_an_error_in_words():
    compared = outcome("UNIQUE", ADULT, {"age": "十八"})
    listed = outcome("UNIQUE", [(("1, 2",), ("1",))], {"age": "一"})

    assert compared.result is None
    assert "文字与数字不能比较" in compared.errors[0].zh
    assert "“age”是文字" in listed.errors[0].zh


def test_a_value_outside_the_column_s_list_is_an_error():
    columns = [column("risk", "string", '"高","低"')]
    decision = decide_by(table(columns, [result()], [(("-",), ("1",))]))

    assert decision.decide({"risk": "高"}).errors == ()
    assert '"高","低"' in decision.decide({"risk": "中"}).errors[0].zh


def test_an_output_outside_its_list_is_an_error():
    found = outcome("UNIQUE", LAYERS[:1], {"age": 10}, outputs=[result(values="7, 8")])

    assert "规则 1 的结果“1”" in found.errors[0].zh


def test_true_is_not_one_and_decimals_are_ints():
    rows = [(("1",), ('"number"',)), (("true",), ('"truth"',))]

    assert outcome("UNIQUE", rows, {"age": True}).result == "truth"
    assert outcome("UNIQUE", rows, {"age": Decimal("1.0")}).result == "number"
    assert outcome("UNIQUE", rows, {"age": 1.0}).result == "number"


def test_cells_may_use_other_inputs_and_functions():
    rows = [(("> limit",), ("working days(age)",))]
    decision = decide_by(table(AGE, [result()], rows))

    found = decision.decide({"age": 5, "limit": 3}, functions={"working days": lambda n: n + 1})

    assert found.result == 6
    assert decision.variables == {"age", "limit"}
    assert decision.functions == {"working days"}


def test_an_unknown_variable_in_a_cell_is_an_error_not_a_miss():
    found = outcome("UNIQUE", [(("> limti",), ("1",))], {"age": 5})

    assert found.result is None
    assert "limti" in found.errors[0].zh


def test_it_describes_its_parts():
    decision = decide_by(table(AGE, [result("r", values="1, 2, 3")], LAYERS, "COLLECT", "SUM"))

    assert decision.hit_policy == "C+"
    assert [each.label for each in decision.inputs] == ["age"]
    assert decision.outputs[0].priorities == (1, 2, 3)
    assert [rule.number for rule in decision.rules] == [1, 2, 3]
    assert decision.rules[0].tests[0].source == ">= 10"


@pytest.mark.parametrize(
    ("logic", "reason"),
    [
        (table(AGE, [result()], [(("> 1",), ())]), "格数"),
        (table(AGE, [result()], [((), ("1",))]), "格数"),
        (table(AGE, [], []), "输出列"),
        (table([column("")], [result()], []), "没有写表达式"),
        (table(AGE, [result()], [], "SOMETIMES"), "命中策略"),
        (table(AGE, [result()], [], "COLLECT", "AVG"), "命中策略"),
        ("", "没有决策表"),
    ],
)
def test_it_refuses_a_broken_table(logic, reason):
    with pytest.raises(DmnFault, match=reason) as caught:
        decide_by(logic)

    assert caught.value.text.en


def test_a_fault_in_a_cell_names_the_rule_s_line():
    with pytest.raises(DmnFault) as caught:
        decide_by(table(AGE, [result()], [(("== 3",), ("1",))]))

    assert caught.value.element_line == 1
    assert "等号" in caught.value.text.zh
