"""Whole numbers that a request names, such as ids: none that no column holds."""

from __future__ import annotations

LARGEST = 2**63 - 1


def whole(text: str) -> int:
    """Return a number for ``args.get(..., type=whole)``. Raises ValueError for anything else."""
    number = int(text)
    if abs(number) > LARGEST:
        raise ValueError(text)
    return number
