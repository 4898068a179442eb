"""Hostile texts are refused, hostile evaluations stopped, both fast."""

import pytest

from feel import (
    EvaluationLimits,
    FeelError,
    LimitReached,
    SyntaxFault,
    compile_expression,
    compile_tests,
    parse_script,
)
from tests.cost import within


def refused(text):
    with within(10), pytest.raises(FeelError) as caught:
        compile_expression(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "[" * 10_000,
        "{a:" * 5_000 + "1" + "}" * 5_000,
        "not(" * 4_000 + "true" + ")" * 4_000,
        "-" * 10_000 + "a",
        "a" + ".b" * 9_000,
        "a" + "[1]" * 6_000,
        "a" + "(1)" * 6_000,
        "if a then b else " * 1_000 + "c",
        "for x in y return " * 1_000 + "x",
        "a" * 1_000_000,
        "1+" * 500_000 + "1",
        '"' + "x" * 1_000_000 + '"',
        "9" * 10_000,
    ],
    ids=lambda text: f"{text[:12]}…{len(text)}",
)
def test_it_refuses_a_text_that_is_too_large_or_too_deep(text):
    assert isinstance(refused(text), LimitReached)


@pytest.mark.parametrize(
    "text", ["/*" * 10_000, '"' + '\\"' * 9_000, "/" * 20_000, "a " * 9_000 + "!", "*" * 20_000]
)
def test_it_does_not_choke_on_odd_texts(text):
    assert isinstance(refused(text), SyntaxFault)


def test_it_takes_long_but_flat_texts():
    long = " or ".join(f'category = "类别{n}"' for n in range(500))

    with within(10):
        assert compile_expression(long).evaluate({"category": "类别499"}) is True
        assert compile_expression("+".join(["1"] * 5000)).evaluate({}) == 5000


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000000 return i",
        "some i in 1..1000000000000 satisfies i < 0",
        "count(for i in 1..1000, j in 1..1000, k in 1..1000 return 1)",
        "for i in 1..100000 return for j in 1..100000 return 1",
        "for i in 1..40 return concatenate(l, l, l, l, l, l, l, l, l, l)",
        "string(for i in 1..20000 return big)",
        "string join(for i in 1..20000 return big)",
        "for i in 1..20000 return big + big",
        "for i in 1..200000 return upper case(big)",
        'for i in 1..200000 return matches(big, "(x+x+)+y")',
        'replace(big, "x", "yyyyyyyyyy")',
        "sort(for i in 1..20000 return modulo(i * 7919, 20011), function(a, b) a < b)",
        "flatten(for i in 1..1000 return for j in 1..1000 return j)",
        "distinct values(for i in 1..20000 return {a: i})",
    ],
)
def test_it_stops_an_evaluation_that_costs_too_much(text):
    variables = {"big": "x" * 100_000, "l": list(range(5_000))}

    with within(10), pytest.raises(LimitReached, match="停止"):
        compile_expression(text).evaluate(variables)


def test_it_stops_values_that_double_at_every_line():
    lines = ["a0 = [1, 1]"] + [f"a{n} = [a{n - 1}, a{n - 1}]" for n in range(1, 60)]
    script = parse_script("\n".join(lines))

    with within(10), pytest.raises(LimitReached):
        script.run({})


@pytest.mark.parametrize("last", ["a59 = b59", "string(a59)", "flatten(a59)", "a59 in [b59]"])
def test_it_stops_work_on_values_that_double(last):
    chain = "".join(
        f", {name}{n}: [{name}{n - 1}, {name}{n - 1}]" for name in "ab" for n in range(1, 60)
    )
    expression = compile_expression(f"{{a0: [1], b0: [1]{chain}, z: {last}}}.z")

    with within(10), pytest.raises(LimitReached):
        expression.evaluate({})


@pytest.mark.parametrize(
    "text", ["for i in 1..500 return partial", "for i in 1..3000 return [partial]"]
)
def test_a_list_never_contains_itself_and_never_nests_without_end(text):
    with within(10), pytest.raises(LimitReached):
        compile_expression(text).evaluate({})

    assert compile_expression("for i in 1..3 return partial").evaluate({}) == [[], [[]], [[], [[]]]]


def test_recursion_is_stopped_without_a_recursion_error():
    call = "function(f, n) f(f, n + 1)"

    with within(10), pytest.raises(LimitReached):
        compile_expression(f"({call})({call}, 0)").evaluate({})


@pytest.mark.parametrize("text", ["9 ** 9 ** 9 ** 9", "10 ** 999999999", "2 ** 0.5 ** 99999999"])
def test_powers_stay_in_the_range_of_numbers(text):
    with within(10):
        result = compile_expression(text).evaluate({})

    assert result is None or abs(result) < 10**6145


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*(.*)*(.*)*!", "((a*)*)*b", "(x+x+)+y"]
)
def test_patterns_that_ruin_others_are_harmless(pattern):
    expression = compile_expression('matches("' + "a" * 5_000 + f'", "{pattern}")')

    with within(10):
        result = expression.evaluate({})

    assert result is (pattern in ("(a+)+$", "(a|a)*$", "(a|aa)+$"))


def test_the_limits_are_the_caller_s():
    expression = compile_expression("for i in 1..100 return i")

    assert len(expression.evaluate({}, limits=EvaluationLimits(steps=1_000))) == 100
    with pytest.raises(LimitReached, match="50"):
        expression.evaluate({}, limits=EvaluationLimits(steps=50))


def test_cells_and_scripts_are_bounded_too():
    with within(10), pytest.raises(LimitReached):
        compile_tests('"x",' * 10_000)
    with within(10), pytest.raises(LimitReached):
        parse_script("a = 1\n" * 10_000)
