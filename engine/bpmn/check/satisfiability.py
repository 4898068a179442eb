"""Is there an answer for which none of some conditions holds? Tried out on telling values.

The values are those that the conditions themselves mention, their neighbours, and what the
forms offer. Conditions that do more than compare names with constants are left alone.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, Any, ClassVar, Final

from feel import LENIENT, Expression, FeelError
from feel.syntax import (
    And,
    Between,
    Call,
    Compare,
    Literal,
    Membership,
    Name,
    Or,
    Path,
    RangeOf,
    SyntaxNode,
)  # fmt: skip
from feel.text import Text
from feel.values import Months

if TYPE_CHECKING:
    from forms import Form

_MAX_TRIES: Final = 3_000
# For every gateway of a diagram, not only for those without a default.
_MAX_ALL: Final = 1_000
_OTHER: Final = "…"


@dataclass(frozen=True)
class Counterexample:
    """Values for which no condition holds."""

    values: Mapping[tuple[str, ...], Any]
    UNKNOWN: ClassVar[Counterexample]

    @property
    def text(self) -> Text:
        """The values in words."""
        parts = [(".".join(key), value) for key, value in self.values.items()]
        return Text(
            "、".join(f"{name} {_words(value).zh}" for name, value in parts),
            ", ".join(f"{name} {_words(value).en}" for name, value in parts),
        )


Counterexample.UNKNOWN = Counterexample({})


def _words(value: Any) -> Text:
    if value is None:
        return Text("没有填", "not answered")
    if value == _OTHER:
        return Text("是其他值", "anything else")
    plain = f"“{value}”" if isinstance(value, str) else str(value).lower()
    return Text(f"= {plain}", f"= {plain}")


class _Hard(Exception):
    """A condition is more than comparisons with constants."""


def untaken(
    conditions: Collection[Expression], forms: Iterable[Form] = ()
) -> Counterexample | None:
    """Return values for which no condition holds, None if there are none, or UNKNOWN."""
    values: dict[tuple[str, ...], list[Any]] = {}
    try:
        for condition in conditions:
            _gather(condition.node, values)
    except _Hard:
        return Counterexample.UNKNOWN
    offered = _offered(forms)
    names = list(values)
    choices = [offered.get(key[0]) or _telling(values[key]) for key in names]
    tries = product(*choices)
    for tried in islice(tries, _MAX_TRIES):
        example = dict(zip(names, tried, strict=True))
        if not any(_holds(condition, example) for condition in conditions):
            return Counterexample(example)
    return None if next(tries, None) is None else Counterexample.UNKNOWN


def never_taken(conditions: Sequence[Expression], forms: Iterable[Form] = ()) -> list[int]:
    """Return the places of conditions that are never the first to hold.

    None are given where not all telling values can be tried.
    """
    values: dict[tuple[str, ...], list[Any]] = {}
    try:
        for condition in conditions:
            _gather(condition.node, values)
    except _Hard:
        return []
    offered = _offered(forms)
    # A form on another path may not have been filled in.
    choices = [[*(offered.get(key[0]) or _all_telling(values[key])), None] for key in values]
    if math.prod(map(len, choices)) > _MAX_ALL:
        return []
    taken = set()
    for tried in product(*choices):
        example = dict(zip(values, tried, strict=True))
        held = (at for at, condition in enumerate(conditions) if _holds(condition, example))
        taken.add(next(held, None))
    return [at for at in range(len(conditions)) if at not in taken]


def _holds(condition: Expression, example: Mapping[tuple[str, ...], Any]) -> bool:
    variables: dict[str, Any] = {}
    for key, value in example.items():
        place = variables
        for step in key[:-1]:
            place = place.setdefault(step, {})
        place[key[-1]] = value
    try:
        return condition.evaluate(variables, limits=LENIENT) is True
    except FeelError:
        return False


def _gather(node: SyntaxNode, values: dict[tuple[str, ...], list[Any]]) -> None:
    """Note which names are compared with which constants; raises _Hard."""
    if isinstance(node, And | Or):
        for item in node.items:
            _gather(item, values)
    elif isinstance(node, Call) and isinstance(node.target, Name) and node.target.name == "not":
        for argument in node.arguments:
            _gather(argument, values)
    elif isinstance(node, Compare):
        _pair(node.left, node.right, values)
    elif isinstance(node, Between):
        _pair(node.value, node.low, values)
        _pair(node.value, node.high, values)
    elif isinstance(node, Membership):
        for test in node.tests:
            ends = (test.value.low, test.value.high) if isinstance(test.value, RangeOf) else None
            for end in ends or (test.value,):
                _pair(node.value, end, values)
    elif isinstance(node, Name | Path):
        values.setdefault(_key(node), []).append(True)
    elif not isinstance(node, Literal):
        raise _Hard


def _pair(left: SyntaxNode, right: SyntaxNode, values: dict[tuple[str, ...], list[Any]]) -> None:
    if isinstance(left, Literal):
        left, right = right, left
    if not isinstance(right, Literal):
        raise _Hard
    values.setdefault(_key(left), []).append(right.value)


def _key(node: SyntaxNode) -> tuple[str, ...]:
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Path):
        return (*_key(node.base), node.key)
    raise _Hard


def _telling(constants: list[Any]) -> list[Any]:
    """Return the constants, and what lies beside and between them."""
    found: list[Any] = []
    for value in constants:
        if isinstance(value, bool):
            found += [True, False]
        elif isinstance(value, int | Decimal):
            found += [value, value - 1, value + 1]
        elif isinstance(value, str):
            found += [value, _OTHER]
        elif value is None:
            found += [None, _OTHER]
        else:
            found += [value, *_beside(value), None]
    unique: list[Any] = []
    for value in found:
        if not any(type(value) is type(other) and value == other for other in unique):
            unique.append(value)
    return unique


def _beside(value: Any) -> list[Any]:
    """Return what lies just before and just after a date, a time or a duration."""
    if isinstance(value, Months):
        return [Months(value.months - 1), Months(value.months + 1)]
    if isinstance(value, time):
        return [time.min, time.max]
    if not isinstance(value, date | timedelta):
        return []
    whole_day = isinstance(value, date) and not isinstance(value, datetime)
    step = timedelta(days=1) if whole_day else timedelta(seconds=1)
    try:
        return [value - step, value + step]
    except OverflowError:
        return []


def _all_telling(constants: list[Any]) -> list[Any]:
    """Return the same, and what lies between two numbers."""
    numbers = sorted({value for value in constants if _is_number(value)})
    return [*_telling(constants), *(Decimal(a + b) / 2 for a, b in pairwise(numbers))]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _offered(forms: Iterable[Form]) -> dict[str, list[Any]]:
    """Return what forms let people answer, for the fields that offer a choice."""
    found: dict[str, list[Any]] = {}
    for form in forms:
        for field in form.fields:
            if field.kind == "choice":
                values: list[Any] = [choice.value for choice in field.choices]
            elif field.kind == "yes_no":
                values = [True, False]
            else:
                continue
            if not (field.required or field.required_when or field.default is not None):
                values.append(None)
            known = found.setdefault(field.name, [])
            known += [value for value in values if value not in known]
    return found
