"""Three-valued logic."""

import pytest

from feel import compile_expression

VALUES = (True, False, None)
TABLE = [(a, b) for a in VALUES for b in VALUES]


def both(a, b):
    return False if a is False or b is False else None if None in (a, b) else True


def either(a, b):
    return True if True in (a, b) else None if None in (a, b) else False


@pytest.mark.parametrize(("a", "b"), TABLE)
def test_and_is_false_if_one_is_false_else_null_if_one_is_null(a, b):
    assert compile_expression("a and b").evaluate({"a": a, "b": b}) is both(a, b)
    assert compile_expression("a and true and b").evaluate({"a": a, "b": b}) is both(a, b)


@pytest.mark.parametrize(("a", "b"), TABLE)
def test_or_is_true_if_one_is_true_else_null_if_one_is_null(a, b):
    assert compile_expression("a or b").evaluate({"a": a, "b": b}) is either(a, b)
    assert compile_expression("a or false or b").evaluate({"a": a, "b": b}) is either(a, b)


@pytest.mark.parametrize(("a", "expected"), [(True, False), (False, True), (None, None)])
def test_not_of_null_is_null(a, expected):
    assert compile_expression("not(a)").evaluate({"a": a}) is expected


@pytest.mark.parametrize("a", ["是", 1, [], {}])
def test_what_is_no_truth_value_counts_as_null(a):
    assert compile_expression("a and true").evaluate({"a": a}) is None
    assert compile_expression("a and false").evaluate({"a": a}) is False
    assert compile_expression("a or true").evaluate({"a": a}) is True
    assert compile_expression("not(a)").evaluate({"a": a}) is None
