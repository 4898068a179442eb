"""Three-valued logic and the tests of cells: `and`, `or`, `in`, unary tests, `instance of`."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

from feel.frame import Code, Frame
from feel.operators import COMPARISONS, NUMERIC, compare_constant, note_mismatch
from feel.syntax import (
    And,
    Between,
    Call,
    Compare,
    InstanceOf,
    Literal,
    Membership,
    Name,
    Or,
    Quantified,
    RangeOf,
    SyntaxNode,
    Test,
    UnaryTests,
    walk,
)
from feel.text import Text
from feel.types import conforms
from feel.values import Range, Value, equal, kind_name, within

if TYPE_CHECKING:
    from feel.compiler import FeelCompiler

_CONDITIONS = (And, Or, Compare, Between, Membership, Quantified, InstanceOf)
_PREDICATES = frozenset(
    {
        "all", "any", "contains", "ends with", "even", "is", "list contains", "matches", "not",
        "odd", "starts with", "after", "before", "coincides", "during", "finished by", "finishes",
        "includes", "meets", "met by", "overlaps", "overlaps after", "overlaps before",
        "started by", "starts",
    }
)  # fmt: skip
"""Built-ins that say yes or no."""


def note_condition(frame: Frame, value: Value, pos: int) -> None:
    name = kind_name(value)
    frame.note(
        Text(
            f"这里需要“是/否”，得到的是{name.zh}。", f"A condition is needed here, not {name.en}."
        ),
        pos,
        is_type_error=True,
    )


def all_of(items: list[Code], pos: int) -> Code:
    """`and`: false wins, then null."""
    if len(items) == 2:
        return _pair(items[0], items[1], pos)

    def run(frame: Frame) -> Value:
        result: bool | None = True
        for item in items:
            value = item(frame)
            if value is False:
                return False
            if value is not True:
                result = _unknown(frame, value, pos)
        return result

    return run


def _pair(left: Code, right: Code, pos: int) -> Code:
    def run(frame: Frame) -> Value:
        first = left(frame)
        if first is False:
            return False
        second = right(frame)
        if second is False:
            return False
        if first is True and second is True:
            return True
        _unknown(frame, first, pos)
        return _unknown(frame, second, pos)

    return run


def any_of(items: list[Code], pos: int) -> Code:
    """`or`: true wins, then null."""

    def run(frame: Frame) -> Value:
        result: bool | None = False
        for item in items:
            value = item(frame)
            if value is True:
                return True
            if value is not False:
                result = _unknown(frame, value, pos)
        return result

    return run


def _unknown(frame: Frame, value: Value, pos: int) -> bool | None:
    """Null, with a note when the value is neither null nor yes or no."""
    if value is not None and value is not True and value is not False:
        note_condition(frame, value, pos)
    return None


def compile_unary_tests(compiler: FeelCompiler, node: UnaryTests) -> Code:
    """Return a cell against the input, which is the variable `?`."""
    if not node.tests:
        return lambda frame: True
    subject = compiler.compile(Name(node.pos, "?"))
    tests = [compile_test(compiler, test, subject) for test in node.tests]
    code = any_of(tests, node.pos) if len(tests) > 1 else tests[0]
    if not node.negated:
        return code

    def run(frame: Frame) -> Value:
        result = code(frame)
        return None if result is None else not result

    return run


def compile_test(compiler: FeelCompiler, test: Test, subject: Code) -> Code:
    if test.op and isinstance(test.value, Literal):
        return compare_constant(subject, test.op, test.value.value, test.pos)
    if test.op:
        value, operation, pos = compiler.compile(test.value), COMPARISONS[test.op], test.pos
        return lambda frame: operation(frame, subject(frame), value(frame), pos)
    if isinstance(test.value, Literal):
        return _equals_constant(subject, test.value.value)
    code = compiler.compile(test.value)
    if isinstance(test.value, RangeOf):
        return _in_numbers(subject, test.value) or _in_range(subject, code, test.pos)
    if is_condition(test.value):
        return _condition(subject, code)
    return _value_or_condition(subject, code, test)


def is_condition(node: SyntaxNode) -> bool:
    """Return whether this test decides by itself if the input passes, rather than naming a
    value.
    """
    if isinstance(node, _CONDITIONS):
        return True
    if isinstance(node, Call) and isinstance(node.target, Name) and node.target.name in _PREDICATES:
        return True
    return any(isinstance(each, Name) and each.name == "?" for each in walk(node))


def _value_or_condition(subject: Code, code: Code, test: Test) -> Code:
    """Return a value to compare the input with; yes or no decides by itself where the input is
    neither.

    DMN 1.3, section 7.3: a test holds where its expression is true, or equals the input.
    """
    called, pos = isinstance(test.value, Call), test.pos

    def run(frame: Frame) -> Value:
        value, result = subject(frame), code(frame)
        if type(result) is bool and type(value) is not bool and (called or value is not None):
            return result
        fits = satisfies(frame, value, result)
        if fits is None and value is not None and result is not None:
            note_mismatch(frame, value, result, pos)
        return fits

    return run


def _equals_constant(subject: Code, constant: Value) -> Code:
    def run(frame: Frame) -> Value:
        value = subject(frame)
        return satisfies(frame, value, constant)

    return run


def _in_numbers(subject: Code, node: RangeOf) -> Code | None:
    """Return a range between two constant numbers, the usual cell of an amount."""
    if not (isinstance(node.low, Literal) and isinstance(node.high, Literal)):
        return None
    low, high = node.low.value, node.high.value
    if type(low) not in NUMERIC or type(high) not in NUMERIC:
        return None
    above = operator.le if node.low_included else operator.lt
    below = operator.le if node.high_included else operator.lt
    span = Range(low, high, node.low_included, node.high_included)

    def run(frame: Frame) -> Value:
        value = subject(frame)
        if type(value) in NUMERIC:
            return above(low, value) and below(value, high)
        return None if value is None else contained(frame, value, span, node.pos)

    return run


def contained(frame: Frame, value: Value, span: Range, pos: int) -> bool | None:
    """Return whether the value is in the range; report what cannot be compared."""
    result = within(value, span)
    if result is None and value is not None:
        name, end = kind_name(value), kind_name(span.low if span.low is not None else span.high)
        frame.note(
            Text(
                f"{name.zh}不能与{end.zh}的区间比较。",
                f"{name.en} cannot be compared with a range of {end.en}.",
            ),
            pos,
            is_type_error=True,
        )
    return result


def _in_range(subject: Code, code: Code, pos: int) -> Code:
    def run(frame: Frame) -> Value:
        span = code(frame)
        value = subject(frame)
        return None if span is None or value is None else contained(frame, value, span, pos)

    return run


def _condition(subject: Code, code: Code) -> Code:
    def run(frame: Frame) -> Value:
        result = code(frame)
        if result is True or result is False or result is None:
            return result
        return satisfies(frame, subject(frame), result)

    return run


def satisfies(frame: Frame, value: Value, test: Value) -> bool | None:
    """Return whether the input equals the value, or lies in the list or range, of a test."""
    if type(test) is Range:
        return None if value is None else within(value, test)
    if type(test) is not list:
        return equal(value, test, frame.spend)
    frame.spend(len(test))
    if type(value) is list and equal(value, test, frame.spend) is True:
        return True
    return any(_in_item(frame, value, item) for item in test)


def _in_item(frame: Frame, value: Value, item: Value) -> bool:
    if type(item) is Range:
        return value is not None and within(value, item) is True
    return equal(value, item, frame.spend) is True


def compile_instance_of(compiler: FeelCompiler, node: InstanceOf) -> Code:
    code, kind = compiler.compile(node.value), re.sub(r"\s*([<>,:])\s*", r"\1", node.type)
    return lambda frame: conforms(code(frame), kind)
