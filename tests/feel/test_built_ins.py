"""The built-in functions, by the examples of the standard and a few of our own."""

from decimal import Decimal

import pytest

from feel import compile_expression, to_json


def value(text, **variables):
    return to_json(compile_expression(text).evaluate(variables))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("人民调解", 3)', "调解"),
        ('substring("人民调解", 1, 2)', "人民"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('substring("foobar", 0)', None),
        ('string length("土地纠纷")', 4),
        ('string length("👍🏽")', 2),
        ('upper case("aBc4")', "ABC4"),
        ('lower case("aBc4")', "abc4"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring before("foobar", "xyz")', ""),
        ('substring after("foobar", "ob")', "ar"),
        ('contains("土地纠纷", "纠纷")', True),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ('matches("13812345678", "^1[3-9]\\d{9}$")', True),
        ('matches("ABC", "b", "i")', True),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('split("甲、乙、丙", "、")', ["甲", "乙", "丙"]),
        ('extract("电话 139 或 138", "1\\d+")', ["139", "138"]),
        ('string join(["a", null, "c"], "-")', "a-c"),
        ('string join(["a", "b"])', "ab"),
        ('trim("  张三 ")', "张三"),
        ("upper case(1)", None),
        ("string length(null)", None),
    ],
)
def test_texts(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("decimal(1/3, 2)", 0.33),
        ("decimal(1.5, 0)", 2),
        ("decimal(2.5, 0)", 2),
        ("decimal(1234, -2)", 1200),
        ("floor(-1.5)", -2),
        ("ceiling(1.56, 1)", 1.6),
        ("round up(-5.5, 0)", -6),
        ("round down(-5.5, 0)", -5),
        ("round half up(-2.5, 0)", -3),
        ("round half down(5.5, 0)", 5),
        ("abs(-10)", 10),
        ("modulo(-12, 5)", 3),
        ("modulo(10.1, -4.5)", -3.4),
        ("modulo(1, 0)", None),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("log(1)", 0),
        ("exp(0)", 1),
        ("exp(99999)", None),
        ("odd(5)", True),
        ("even(2.0)", True),
        ("odd(9007199254740993000000000000001)", True),
        ('number("1 000.5", " ", ".")', 1000.5),
        ('number("1.000,5", ".", ",")', 1000.5),
        ('number("五")', None),
        ("string(1.10)", "1.10"),
        ("string(10 ** 20)", "100000000000000000000"),
        ("string(null)", None),
        ('string([1, "a", {b: true}])', '[1, "a", {b: true}]'),
        ('string(@"P1DT2H")', "P1DT2H"),
    ],
)
def test_numbers_and_conversion(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("list contains([1, 2, null], null)", True),
        ("count([])", 0),
        ("count(null)", None),
        ("min([3, 1, 2])", 1),
        ("max(1, 3, 2)", 3),
        ('max("a", "b")', "b"),
        ('min([1, "a"])', None),
        ("sum([])", None),
        ("sum(1, 2.5)", 3.5),
        ("mean([1, 2])", 1.5),
        ("product([2, 3, 4])", 24),
        ("median([8, 2, 5, 3])", 4),
        ("stddev([2, 4, 7, 5])", pytest.approx(2.0816659994661)),
        ("mode([6, 3, 9, 6, 6])", [6]),
        ("mode([6, 1, 9, 6, 1])", [1, 6]),
        ("all([true, null, false])", False),
        ("all([])", True),
        ("any([false, null])", None),
        ("any([])", False),
        ("sublist([4, 5, 6], 1, 2)", [4, 5]),
        ("sublist([4, 5, 6], -1)", [6]),
        ("sublist([4, 5, 6], 5)", None),
        ("append([1], 2, [3])", [1, 2, [3]]),
        ("concatenate([1, 2], [3])", [1, 2, 3]),
        ("insert before([1, 3], 1, 2)", [2, 1, 3]),
        ("remove([1, 2, 3], -1)", [1, 2]),
        ("list replace([1, 2, 3], 2, 9)", [1, 9, 3]),
        ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", [5, 5, 7]),
        ("reverse([1, 2, 3])", [3, 2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ('distinct values([1, 1.0, true, "1", null, null, [1], [1]])', [1, True, "1", None, [1]]),
        ("duplicate values([1, 2, 1])", [1]),
        ("flatten([[1, 2], [[3]], 4])", [1, 2, 3, 4]),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ("sort([{a: 2}, {a: 1}], function(x, y) x.a < y.a).a", [1, 2]),
    ],
)
def test_lists(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('get value({a: 1}, "a")', 1),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ("is(1, 1.0)", True),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', True),
        ('is(1, "1")', False),
    ],
)
def test_contexts(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("before(1, 10)", True),
        ("before([1..5), 5)", True),
        ("before([1..5], 5)", False),
        ("after([5..10], 4)", True),
        ("meets([1..5], [5..10])", True),
        ("meets([1..5), [5..10])", False),
        ("met by([5..10], [1..5])", True),
        ("overlaps([1..5], [3..8])", True),
        ("overlaps([1..5), [5..8])", False),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps after([3..8], [1..5])", True),
        ("finishes(10, [1..10])", True),
        ("finished by([1..10], [5..10])", True),
        ("includes([1..10], 5)", True),
        ("includes([1..10), 10)", False),
        ("during([4..6], [1..10])", True),
        ("starts([1..5], [1..10])", True),
        ("started by([1..10], 1)", True),
        ("coincides([1..5], [1..5))", False),
        ('includes([@"2026-01-01"..@"2026-12-31"], @"2026-03-02")', True),
        ('before(1, "a")', None),
    ],
)
def test_ranges(text, expected):
    assert value(text) == expected


def test_a_wrong_argument_is_explained():
    result = compile_expression("sum([1, x])").examine({"x": "两"})

    assert result.value is None
    assert result.notes[0].zh == "第 1 个字“sum([1, x])”处：sum：需要数字，得到文字。"
    assert "needs a number, not a text" in result.notes[0].en


def test_division_of_big_numbers_keeps_34_digits():
    result = compile_expression("12345678901234567890123456789012 / 7").evaluate({})

    assert result == Decimal("1763668414462081127160493827001.714")
