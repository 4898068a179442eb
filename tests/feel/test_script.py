"""Scripts of `name = expression` lines."""

import pytest

from feel import EvaluationFault, EvaluationLimits, LimitReached, SyntaxFault, parse_script


def test_it_assigns_line_by_line():
    script = parse_script("总额 = 单价 * 数量\n折扣 = if 总额 > 100 then 总额 / 10 else 0\n")

    assert script.variables == {"单价", "数量"}
    assert script.assigns == {"总额", "折扣"}
    assert script.run({"单价": 30, "数量": 4}) == {"总额": 120, "折扣": 12}


def test_it_leaves_the_given_variables_alone():
    variables = {"a": 1}

    assert parse_script("a = a + 1\na = a * 10").run(variables) == {"a": 20}
    assert variables == {"a": 1}


def test_an_expression_goes_on_while_a_bracket_is_open():
    script = parse_script(
        '// 分派\nresult = {\n  unit: "司法所", // 承办\n  url: "http://x"\n}\n\n'
        "/* 完 */\nn = count([\n1,2])"
    )

    assert script.run({}) == {"result": {"unit": "司法所", "url": "http://x"}, "n": 2}


def test_a_name_read_before_it_is_assigned_is_needed():
    script = parse_script("a = b\nb = a")

    assert script.variables == {"b"}
    assert script.assigns == {"a", "b"}


def test_it_tells_functions_and_paths():
    script = parse_script("due = working days(case.limit)")

    assert script.functions == {"working days"}
    assert ("case", "limit") in script.paths


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = 1\nb + 2", 2, 1),
        ("a = 1\n\n  import os", 3, 3),
        ("a == 1", 1, 1),
        ("a = 1\nb = c && d", 2, 7),
        ("a = ", 1, 4),
        ('a = 1\n// "\nb = (1', 3, 7),
        ("__x = 1 = 2 ==", 1, 13),
    ],
)
def test_a_fault_names_its_line(text, line, column):
    with pytest.raises(SyntaxFault) as caught:
        parse_script(text)

    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("text", ["", "  \n", "// nothing"])
def test_it_refuses_an_empty_script(text):
    with pytest.raises(SyntaxFault):
        parse_script(text)


def test_an_evaluation_fault_names_its_line_and_variable():
    with pytest.raises(EvaluationFault) as caught:
        parse_script("a = 1\nb = a + missing").run({})

    assert caught.value.variable == "missing"
    assert (caught.value.line, caught.value.column) == (2, 9)


def test_all_lines_share_one_budget():
    script = parse_script("\n".join(["a = for i in 1..40 return i"] * 3))

    with pytest.raises(LimitReached):
        script.run({}, limits=EvaluationLimits(steps=100))


def test_a_line_that_comes_to_nothing_for_a_reason_is_an_error():
    with pytest.raises(EvaluationFault, match="第 2 行第 9 个字.*string") as caught:
        parse_script('a = 1\nb = "共" + a').run({})

    assert caught.value.line == 2
    assert parse_script("b = missing + 1", names=["missing"]).run({}) == {"b": None}
