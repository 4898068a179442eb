"""The cells of decision tables."""

from datetime import date

import pytest

from feel import EvaluationFault, compile_tests


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", 1, True),
        ("", None, True),
        ("  ", "x", True),
        ('"土地"', "土地", True),
        ('"土地", "房屋"', "房屋", True),
        ('"土地", "房屋"', "婚姻", False),
        ('not("土地", "房屋")', "婚姻", True),
        ('not("土地", "房屋")', "土地", False),
        ('not("土地")', None, True),
        ("not(null)", 5, True),
        ("not(< 3, > 5)", 4, True),
        ("5", 5, True),
        ("-5", -5, True),
        ("5, 7", 7, True),
        ("< 10", 9.5, True),
        (">= 18", 18, True),
        ("< 10, > 20", 21, True),
        ("= 5", 5, True),
        ("!= 5", 6, True),
        ("[1..5]", 5, True),
        ("[1..5)", 5, False),
        ("]1..5[", 1, False),
        ("(1..5), 9", 9, True),
        ("[1..5]", None, False),
        ("< 10", None, False),
        ("< 10", "九", False),
        ("null", None, True),
        ("true", True, True),
        ("true", False, False),
        ("true, false", False, True),
        ('date("2026-03-02")', date(2026, 3, 2), True),
        ('[@"2026-01-01"..@"2026-12-31"]', date(2026, 3, 2), True),
        ('>= @"2026-01-01"', date(2025, 3, 2), False),
        ('starts with(?, "张")', "张三", True),
        ("? > 3 and ? < 5", 4, True),
        ("modulo(?, 2) = 0", 4, True),
        ("string length(?) > 2", "ab", False),
        ('list contains(?, "甲")', ["甲", "乙"], True),
        ("[1, 2, 3]", 2, True),
        ("[1, 2]", [1, 2], True),
        ("[[1..3], [7..9]]", 8, True),
        ("limit", 30, True),
        ("limit + 1", 31, True),
        ("> limit", 31, True),
        ("limit > 20", "anything", True),
        ("not(limit > 20)", "anything", False),
        ("levels", "乡镇", True),
    ],
)
def test_it_matches(cell, value, expected):
    variables = {"limit": 30, "levels": ["村", "乡镇"]}

    assert compile_tests(cell).matches(value, variables) is expected


def test_an_empty_cell_says_that_anything_matches():
    assert compile_tests("-").anything and compile_tests("").anything
    assert not compile_tests("1").anything


def test_an_unknown_name_in_a_cell_is_an_error():
    tests = compile_tests("> limti")

    assert tests.variables == {"limti"}
    with pytest.raises(EvaluationFault, match="limti"):
        tests.matches(3)


def test_the_input_is_no_variable_of_the_cell():
    assert compile_tests("? > 3").variables == frozenset()
