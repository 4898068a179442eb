"""Names: Chinese, with spaces, with symbols; and what an expression says it refers to."""

import pytest

from feel import compile_expression


def test_neighbouring_words_are_one_name():
    expression = compile_expression('"Hello " + Full Name')

    assert expression.variables == {"Full Name"}
    assert expression.evaluate({"Full Name": "张三"}) == "Hello 张三"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("受理 单位", '受理 单位 = "x"'),
        ("Approved/Declined", 'Approved/Declined = "x"'),
        ("date of birth", 'date of birth = "x"'),
        ("in progress", 'in progress = "x"'),
        ("Person's age", 'Person\'s age = "x"'),
        ("a-b", 'a-b = "x"'),
        ("涉及金额（元）", '涉及金额（元） = "x"'),
    ],
)
def test_a_declared_name_may_hold_spaces_symbols_and_keywords(name, text):
    expression = compile_expression(text, names=[name])

    assert expression.variables == {name}
    assert expression.evaluate({name: "x"}) is True


def test_the_longest_declared_name_wins():
    expression = compile_expression("a-b + a", names=["a", "a-b", "b"])

    assert expression.evaluate({"a": 1, "b": 10, "a-b": 100}) == 101


def test_white_space_inside_a_name_does_not_matter():
    assert compile_expression("Full   Name", names=["Full Name"]).evaluate({"Full Name": 1}) == 1


def test_keywords_end_a_name():
    expression = compile_expression("for 受理 单位 in 单位 列表 return 受理 单位")

    assert expression.variables == {"单位 列表"}
    assert expression.evaluate({"单位 列表": [1]}) == [1]


def test_it_tells_variables_paths_and_functions_it_needs():
    expression = compile_expression(
        "case.priority = 1 and amount > limit(case.place.code) and some p in parties satisfies p.x"
    )

    assert expression.variables == {"case", "amount", "parties"}
    assert {("case", "priority"), ("case", "place", "code"), ("amount",)} <= expression.paths
    assert ("p", "x") not in expression.paths
    assert expression.functions == {"limit"}


def test_names_inside_a_filter_are_uncertain():
    expression = compile_expression("count(parties[age > limit]) = amount")

    assert expression.variables == {"parties", "age", "limit", "amount"}
    assert expression.uncertain == {"age", "limit"}
    assert expression.evaluate({"parties": [{"age": 3}], "limit": 2, "amount": 1}) is True


def test_a_local_name_hides_a_variable():
    assert compile_expression("for x in [1] return x").evaluate({"x": 9}) == [1]
    assert compile_expression("{x: 1, y: x}.y").evaluate({"x": 9}) == 1


def test_words_of_dates_may_be_variables():
    assert compile_expression("date > time").evaluate({"date": 2, "time": 1}) is True
