"""The roles that a person can hold: their names and what they may do, in one place."""

from engine.roles.registry import (
    ADMIN,
    ADMINISTRATORS,
    AT_WORK,
    CONFIRMED,
    EDITOR,
    OVERSEERS,
    PUBLISHER,
    ROLES,
    SECURITY_ADMIN,
    WIDE,
    Role,
    name_of,
    with_verb,
)

__all__ = [
    "ADMIN",
    "ADMINISTRATORS",
    "AT_WORK",
    "CONFIRMED",
    "EDITOR",
    "OVERSEERS",
    "PUBLISHER",
    "ROLES",
    "SECURITY_ADMIN",
    "WIDE",
    "Role",
    "name_of",
    "with_verb",
]
