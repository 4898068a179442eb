"""Where a name may come from besides the variables: known when the expression is compiled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LocalScope:
    """Names bound by the expression itself, each in its slot of the frame."""

    slots: dict[str, int]


@dataclass(frozen=True)
class FilterScope:
    """Inside a filter: a name may be a property of the item in this slot."""

    slot: int


Scope = LocalScope | FilterScope
