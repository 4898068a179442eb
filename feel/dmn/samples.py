"""Samples of what a column may hold: one for every kind of input that its cells distinguish."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cmp_to_key

from feel.dmn.table import Input
from feel.expression import Tests
from feel.syntax import (
    And,
    Between,
    Call,
    Compare,
    ListOf,
    Literal,
    Membership,
    Name,
    Or,
    RangeOf,
    SyntaxNode,
    Test,
    UnaryTests,
    walk,
)
from feel.values import NUMBERS, Months, Value, kind_of, order

_CUTTABLE = (And, Between, Compare, ListOf, Literal, Membership, Or, RangeOf, Test, UnaryTests)
_ORDERED = ("<", "<=", ">", ">=")
_OTHER = "其他"
_STEPS: dict[str, Value] = {
    "number": 1,
    "date": timedelta(days=1),
    "date and time": timedelta(hours=1),
    "days and time duration": timedelta(hours=1),
    "years and months duration": Months(1),
}


def analysable(tests: Tests) -> bool:
    """Return whether the cell consists of constants and the input alone."""
    return all(_plain(node) for node in walk(tests.node)) and not _orders_texts(tests.node)


def _plain(node: SyntaxNode) -> bool:
    if isinstance(node, Name):
        return node.name == "?" or node.name == "not"
    if isinstance(node, Call):
        return isinstance(node.target, Name) and node.target.name == "not"
    return isinstance(node, _CUTTABLE)


def _orders_texts(tests: SyntaxNode) -> bool:
    """Texts are distinguished by equality only: there is no sample between two texts."""
    for node in walk(tests):
        if isinstance(node, (Test, Compare)) and node.op in _ORDERED:
            sides = [node.value] if isinstance(node, Test) else [node.left, node.right]
        elif isinstance(node, (RangeOf, Between)):
            sides = [node.low, node.high]
        else:
            continue
        if any(isinstance(side, Literal) and type(side.value) is str for side in sides):
            return True
    return False


def samples(column: Input, cells: list[Tests]) -> list[Value]:
    """Return the constants of the cells, something between and beyond them, and something else.

    None stands for any input at all where the cells distinguish nothing.
    """
    constants = _constants(column, cells)
    kinds = {kind_of(value) for value in constants} | {column.type.kind}
    found: list[Value] = []
    if "boolean" in kinds:
        found += [True, False]
    if "string" in kinds:
        found += _texts([value for value in constants if type(value) is str])
    for kind in sorted(kinds & set(_STEPS)):
        found += _between(kind, [value for value in constants if kind_of(value) == kind])
    if "time" in kinds:
        found += _times([value for value in constants if type(value) is time])
    if column.type.whole:
        found = [value for value in found if value == int(value)]
    return found if constants else found or [None]


def _constants(column: Input, cells: list[Tests]) -> list[Value]:
    limits = [tests for tests in (column.allowed_values, column.type.allowed_values) if tests]
    constants: list[Value] = []
    for tests in [*cells, *limits]:
        for node in walk(tests.node):
            if isinstance(node, Literal) and node.value is not None:
                constants.append(node.value)
    return constants


def _texts(constants: list[str]) -> list[Value]:
    """Return every text that is mentioned, and one that is not."""
    known = dict.fromkeys(constants)
    other = _OTHER
    while other in known:
        other += "…"
    return [*known, other]


def _between(kind: str, constants: list[Value]) -> list[Value]:
    step = _STEPS[kind]
    if not constants:
        return [step] if kind == "number" else []
    points = sorted(constants, key=cmp_to_key(lambda a, b: order(a, b) or 0))
    points = [p for i, p in enumerate(points) if not i or order(points[i - 1], p) != 0]
    found = [_shift(points[0], step, -1)]
    for left, right in zip(points, points[1:], strict=False):
        found += [left, _middle(left, right)]
    found += [points[-1], _shift(points[-1], step, 1)]
    return [value for value in found if value is not None]


def _shift(value: Value, step: Value, sign: int) -> Value:
    try:
        if isinstance(value, Months):
            return Months(value.months + sign)
        if isinstance(value, (int, Decimal)):
            return NUMBERS.add(value, sign) if isinstance(value, Decimal) else value + sign
        return value + sign * step
    except (OverflowError, ArithmeticError):
        return None


def _middle(left: Value, right: Value) -> Value:
    """Return something strictly between two values, a round one if possible; None if there is
    none.
    """
    if isinstance(left, (int, Decimal)):
        whole = int(left) + 1 if left >= 0 else int(NUMBERS.to_integral_value(Decimal(left))) + 1
        if left < whole < right:
            return whole
        return NUMBERS.divide(NUMBERS.add(left, right), 2)
    if isinstance(left, Months):
        return Months((left.months + right.months) // 2) if right.months - left.months > 1 else None
    try:
        middle = left + (right - left) / 2
    except TypeError:
        return None
    return middle if isinstance(left, (datetime, timedelta)) or left < middle < right else None


def _times(constants: list[time]) -> list[Value]:
    """Return times of the day, with the hours of the whole day between them."""
    zone = constants[0].tzinfo if constants else None
    hours = [time(hour, minute, tzinfo=zone) for hour in range(24) for minute in (0, 30)]
    return [*constants, *hours, time(23, 59, 59, tzinfo=zone)]
