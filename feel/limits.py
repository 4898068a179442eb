"""How much an expression may cost: bounds on its text and on one evaluation."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TEXT = 20_000
"""Characters in one expression, cell or script."""

MAX_BRACKETS = 60
"""Brackets open at once."""

MAX_NESTING = 120
"""Depth of the parsed expression."""

MAX_DIGITS = 400
"""Characters in one number."""


@dataclass(frozen=True)
class EvaluationLimits:
    """Bounds on one evaluation; reaching one raises `LimitReached`.

    `steps` counts loop rounds, list elements worked on and function calls; `items` is the
    longest list, `characters` the longest string, `calls` the depth of function calls.
    `lenient` makes a name that nobody declared null instead of an error.
    """

    steps: int = 200_000
    items: int = 20_000
    characters: int = 200_000
    calls: int = 40
    lenient: bool = False


DEFAULT = EvaluationLimits()
LENIENT = EvaluationLimits(lenient=True)
