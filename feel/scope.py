"""Where a name may come from besides the variables: known when the expression is compiled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Local:
    """Names bound by the expression itself, each in its slot of the frame."""

    slots: dict[str, int]


@dataclass(frozen=True)
class Filtered:
    """Inside a filter: a name may be a property of the item in this slot."""

    slot: int


Scope = Local | Filtered
