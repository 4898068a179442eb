"""What exists outside of the files that are checked: forms, roles, units, and who fills them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.roles import ROLES


@dataclass(frozen=True)
class RoleGap:
    """In how many of a level's units nobody holds a role, and what the first are called."""

    lacking: int
    of: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckContext:
    """What exists outside the files; None means: not known, so nothing is said about it."""

    forms: frozenset[str] | None = None
    roles: frozenset[str] = frozenset(ROLES)
    units: frozenset[str] | None = None
    gaps: Mapping[str, Mapping[str, RoleGap]] | None = None  # by role and level
