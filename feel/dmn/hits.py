"""Hit policies: what a table says when several of its rules match, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feel.builtins.lists import add_up, maximum, minimum
from feel.frame import Frame, NullCause
from feel.text import Text
from feel.values import Value, equal

LETTERS = {
    "UNIQUE": "U",
    "ANY": "A",
    "FIRST": "F",
    "PRIORITY": "P",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
AGGREGATIONS = {"SUM": "C+", "MIN": "C<", "MAX": "C>", "COUNT": "C#"}

MANY = frozenset("ROC")
"""Policies whose result is a list."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched, by its number from 1, with its outputs."""

    number: int
    outputs: tuple[Value, ...]
    value: Value
    """The outputs as the table's result shows them."""


Rank = Callable[[Match], tuple[int, ...]]


def resolve(policy: str, matches: Sequence[Match], frame: Frame, rank: Rank) -> Value:
    """Return the result of a table for at least one match."""
    if policy == "U":
        return _unique(matches, frame)
    if policy == "A":
        return _any(matches, frame)
    if policy == "F":
        return matches[0].value
    if policy == "P":
        return min(matches, key=rank).value
    if policy == "O":
        return [match.value for match in sorted(matches, key=rank)]
    values = [match.value for match in matches]
    return values if policy in MANY else _aggregate(policy, values, frame)


def when_none(policy: str) -> Value:
    """Return the result of a table without match and without default."""
    if policy in MANY:
        return []
    return 0 if policy == "C#" else None


def _numbers(matches: Sequence[Match], joint: str) -> str:
    return joint.join(str(match.number) for match in matches)


def _unique(matches: Sequence[Match], frame: Frame) -> Value:
    if len(matches) == 1:
        return matches[0].value
    frame.note(
        Text(
            f"规则 {_numbers(matches, '、')} 同时命中，而这张表只允许一条命中（UNIQUE）。",
            f"Rules {_numbers(matches, ', ')} match at once; this table allows one (UNIQUE).",
        )
    )
    return None


def _any(matches: Sequence[Match], frame: Frame) -> Value:
    first = matches[0]
    if all(equal(match.value, first.value, frame.spend) is True for match in matches[1:]):
        return first.value
    frame.note(
        Text(
            f"规则 {_numbers(matches, '、')} 同时命中但结果不同（ANY 要求相同）。",
            f"Rules {_numbers(matches, ', ')} match with different results (ANY wants the same).",
        )
    )
    return None


def _aggregate(policy: str, values: list[Value], frame: Frame) -> Value:
    if policy == "C#":
        return len(values)
    function = {"C+": add_up, "C<": minimum, "C>": maximum}[policy]
    try:
        return function(frame, values)
    except NullCause as null:
        reason = null.note or Text("有空值。", "there is a null.")
        text = Text(f"不能汇总：{reason.zh}", f"The outputs cannot be combined: {reason.en}")
        frame.note(text, is_type_error=null.is_type_error)
        return None
