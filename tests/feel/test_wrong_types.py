"""Values of types that do not fit: null with a reason, an error for the strict, no traceback."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feel import (
    LENIENT,
    EvaluationFault,
    FeelError,
    Months,
    compile_expression,
    compile_tests,
    load_dmn,
    parse_script,
    to_json,
)
from feel.builtins import BUILT_IN
from feel.frame import Frame, NullCause
from feel.values import Function, Range
from tests.feel.tables import column, decision, model, result, table

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALWAYS = Function("", ("a", "b"), lambda frame, values: True)
VALUES = [
    None, True, False, 0, 1, -3, Decimal("2.5"), 10**20, "", "a", "土地", "2026-03-06", "P1D", "[",
    date(2026, 3, 6), date(1, 1, 1), date(9999, 12, 31), time(8), time(8, tzinfo=UTC),
    time(8, tzinfo=SHANGHAI), datetime(2026, 3, 6, 8), datetime(2026, 3, 6, 8, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=SHANGHAI), datetime(9999, 12, 31, 23, tzinfo=UTC),
    timedelta(hours=5), timedelta(days=900_000), timedelta(), Months(7), Months(-200_000),
    [], [1, 2, None], ["a", 1], [date(2026, 3, 6)], {}, {"key": "a", "value": 1}, {"item": 1},
    Range(1, 5), Range("a", "b", False, True), Range(date(2026, 1, 1), date(2026, 2, 1)),
    ALWAYS, Function("", ("a",), lambda frame, values: 3),
    Function("", ("a", "b"), lambda frame, values: None),
    Function("", (), lambda frame, values: True), object(),
]  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=")


@given(
    name=st.sampled_from(sorted(BUILT_IN)),
    values=st.lists(st.sampled_from(VALUES), min_size=1, max_size=5),
)
def test_no_built_in_breaks_whatever_it_is_given(name, values):
    function = BUILT_IN[name]
    assume(any(signature.takes(len(values)) for signature in function.signatures))
    try:
        function.run(Frame({}, 0, None, LENIENT), values)
    except (NullCause, FeelError):
        return


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_no_built_in_breaks_over_any_pair(name):
    function = BUILT_IN[name]
    counts = [n for n in (1, 2, 3) if any(s.takes(n) for s in function.signatures)]
    for one in VALUES:
        for other in VALUES:
            for count in counts:
                try:
                    function.run(Frame({}, 0, None, LENIENT), [one, other, one][:count])
                except (NullCause, FeelError):
                    continue


@pytest.mark.parametrize("op", OPERATORS)
def test_no_operator_breaks_over_any_pair(op):
    expression = compile_expression(f"a {op} b")
    for one in VALUES:
        for other in VALUES:
            expression.evaluate({"a": one, "b": other})


@pytest.mark.parametrize(
    "text",
    ["a[b]", "a.b", "a.month", "a in b", "a between b and a", "[a..b]", "a(b)", "-a",
     "if a then b else a", "for x in a return x", "for x in a..b return x",
     "some x in a satisfies x", "every x in a satisfies b", "a and b", "a or b", "sort(a, b)",
     "list replace(a, b, a)",
     "a instance of date", "{k: a}.k[b]", "a[item = b]", "string(a) + string(b)"],
)  # fmt: skip
def test_no_expression_breaks_over_any_pair(text):
    expression = compile_expression(text)
    for one in VALUES:
        for other in VALUES:
            try:
                to_json(expression.evaluate({"a": one, "b": other}, limits=LENIENT))
            except FeelError:
                continue


@pytest.mark.parametrize("cell", ["< 5", "[1..5]", '@"2026-03-06"', "b", "< b", "not(b)", "[b, 1]",
                                  "contains(?, b)", 'b.month = 3', "abs(b)"])  # fmt: skip
def test_no_cell_breaks_over_any_pair(cell):
    tests = compile_tests(cell)
    for one in VALUES:
        for other in VALUES:
            try:
                assert tests.matches(one, {"b": other}, limits=LENIENT) in (True, False)
            except FeelError:
                continue


@pytest.mark.parametrize(
    ("condition", "given"),
    [
        ('begun < @"2026-12-01"', "2026-11-30"),
        ("begun.month = 11", "2026-11-30"),
        ("begun.month != 11", "2026-11-30"),
        ('day of week(begun) = "Monday"', "2026-11-30"),
        ('not(day of week(begun) = "Monday")', "2026-11-30"),
        ('day of week(begun) in ("Monday", "Friday")', "2026-11-30"),
        ('begun + @"P1D" = @"2026-12-01"', "2026-11-30"),
        ('begun in [@"2026-11-01"..@"2026-12-01"]', "2026-11-30"),
        ("some x in [begun] satisfies x > 5", "2026-11-30"),
        ("count([begun][item > 5]) = 0", "2026-11-30"),
        ("begun", "yes"),
        ("begun and true", 1),
        ("if begun then false else true", "no"),
        ("string length(begun) > 2", 5),
        ("every x in [1] satisfies begun", "x"),
    ],
)
def test_a_condition_over_a_wrong_type_is_an_error_and_no_answer(condition, given):
    with pytest.raises(EvaluationFault):
        compile_expression(condition).holds({"begun": given})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a = null or a > 5", True),
        ("a != null and a > 5", False),
        ("a > 5", False),
        ("a.month = 11", False),
        ('number("x") = null', True),
        ("1 / 0 = null", True),
        ('date("2026-02-30") = null', True),
        ("b instance of number and b > 5", False),
    ],
)
def test_what_is_missing_or_asked_for_is_no_wrong_type(condition, expected):
    assert compile_expression(condition).holds({"a": None, "b": "x"}) is expected


def test_a_strict_value_and_a_script_refuse_what_a_wrong_type_led_to():
    choice = 'if begun.month = 11 then "autumn" else "other"'

    with pytest.raises(EvaluationFault, match="month"):
        compile_expression(choice).evaluate({"begun": "2026-11-30"}, strict=True)
    with pytest.raises(EvaluationFault, match="month"):
        parse_script(f"season = {choice}").run({"begun": "2026-11-30"})
    assert compile_expression(choice).evaluate({"begun": "2026-11-30"}) == "other"


ROWS = [(("> 5",), ('"many"',)), (("-",), ('"else"',))]


def decided(rows, given, kind="", policy="FIRST"):
    file = model(decision(table([column("a", kind)], [result()], rows, policy), "d"))
    return load_dmn(file).decision("d").decide({"a": given})


def test_a_table_says_that_its_answer_comes_of_a_wrong_type():
    assert decided(ROWS, 7).fault is None
    assert decided(ROWS, None).fault is None
    assert "列" in decided(ROWS, "7").fault.zh
    assert decided(ROWS, "seven", "number").fault
    assert decided([(('"a"',), ("1",)), (("-",), ("2",))], "b").fault is None
    assert decided([(("1",), ("1",)), (("-",), ("2",))], "b").fault


def test_a_column_for_values_of_two_kinds_takes_both():
    rows = [(("> 5",), ("1",)), (('"急"',), ("2",)), (("-",), ("3",))]

    assert decided(rows, "急").result == 2
    assert decided(rows, "急").fault is None and decided(rows, "缓").fault is None
    assert decided(rows, 7).fault is None
    assert decided(rows, date(2026, 3, 6)).fault
