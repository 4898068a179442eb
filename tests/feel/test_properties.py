"""What holds for every text and every number."""

import operator
from decimal import Context, Decimal, DecimalException

from hypothesis import example, given
from hypothesis import strategies as st

from feel import (
    LENIENT,
    FeelError,
    compile_expression,
    compile_tests,
    from_json,
    load_dmn,
    parse_script,
    to_json,
)

PIECES = """
a b 金额 Full Name 1 2.5 .5 1e3 "文字" "a\\n" true false null and or not( in between if then
else for some every satisfies return function( instance of number date and time ( ) [ ] { } ,
: . .. + - * / ** = != < <= > >= ? @"2026-03-02" count( sum( string( [1..5] ( // /* */ == &&
' $ ， item partial date("2026-03-02") duration("P1D") external list<number>
"""
WORDS = st.sampled_from(PIECES.split())
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
VARIABLES = {"a": 1, "b": [1, {"x": "y"}], "金额": Decimal("2.5"), "Full Name": None}
CONTEXT = Context(prec=34, Emin=-6143, Emax=6144)


def crashes_with_nothing_but_feel_errors(function, *arguments):
    try:
        return function(*arguments)
    except FeelError as error:
        assert error.text.zh and error.text.en
        assert error.position is None or 0 <= error.position <= len(error.source)
        return None


@given(st.text(max_size=60) | TEXTS)
@example("[")
@example("]")
@example("..")
@example("a instance of")
@example("a instance of list<list<number>>")
@example('@"\\ud800"')
@example('"\\ud83d\\ude00"')
def test_any_text_is_an_expression_or_a_feel_error(text):
    for read in (compile_expression, compile_tests, parse_script):
        crashes_with_nothing_but_feel_errors(read, text)


@given(TEXTS)
def test_any_expression_has_a_value_or_a_feel_error(text):
    expression = crashes_with_nothing_but_feel_errors(compile_expression, text)
    if expression:
        value = crashes_with_nothing_but_feel_errors(expression.evaluate, VARIABLES)
        to_json(value)


@given(TEXTS, st.none() | st.booleans() | st.integers() | st.text(max_size=5))
def test_any_cell_matches_or_not(text, value):
    cell = crashes_with_nothing_but_feel_errors(compile_tests, text)
    if cell:
        result = crashes_with_nothing_but_feel_errors(cell.matches, value, VARIABLES)
        assert result in (True, False, None)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_model_or_a_feel_error(data):
    crashes_with_nothing_but_feel_errors(load_dmn, data)


@given(NUMBERS, NUMBERS, st.sampled_from("+-*/"))
def test_arithmetic_agrees_with_decimals_of_34_digits(left, right, op):
    operation = {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply}.get(op)
    try:
        expected = (operation or CONTEXT.divide)(left, right)
    except DecimalException:
        expected = None

    result = compile_expression(f"a {op} b").evaluate({"a": left, "b": right})

    assert result == expected


@given(st.integers(), st.integers(), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_comparison_agrees_with_that_of_numbers(left, right, op):
    names = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "=": "eq", "!=": "ne"}
    expected = getattr(operator, names[op])(left, right)

    assert compile_expression(f"a {op} b").evaluate({"a": left, "b": right}) is expected
    assert compile_expression(f"a {op} b").evaluate({"a": Decimal(left), "b": right}) is expected


@given(st.text(), st.text())
def test_texts_are_compared_and_joined_as_they_are(left, right):
    variables = {"a": left, "b": right}

    assert compile_expression("a = b").evaluate(variables) is (left == right)
    assert compile_expression("a + b").evaluate(variables) == left + right
    assert compile_expression("string length(a)").evaluate(variables) == len(left)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_json_survives_the_way_through_an_expression(value):
    assert to_json(compile_expression("x").evaluate({"x": from_json(value)})) == value
    assert compile_expression("x = y").evaluate({"x": value, "y": value}) is True


@given(st.lists(st.integers(-5, 5), max_size=6), st.integers(-5, 5))
def test_filter_some_every_and_list_contains_agree(items, limit):
    variables = {"l": items, "n": limit}

    def value(text):
        return compile_expression(text).evaluate(variables, limits=LENIENT)

    assert value("l[item > n]") == [item for item in items if item > limit]
    assert value("some x in l satisfies x > n") is any(item > limit for item in items)
    assert value("every x in l satisfies x > n") is all(item > limit for item in items)
    assert value("list contains(l, n)") is value("n in l")
