"""The roles: one record each, with its names, what it may do and what keeps it from being abused.

A new role is one more record here. The table ``role``, the checks of diagrams, the names on the
screens, the rules of ``engine.access`` and the matrix of rights are made from these records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from feel.text import Text

# Roles that take tasks of the usual processes, from the grid up to the department.
AT_WORK: Final = frozenset(
    {
        "mediator",
        "operator",
        "dispatcher",
        "handler",
        "grid_worker",
        "grid_leader",
        "leader",
    }
)
# Who draws processes, and who approves and publishes what was drawn.
EDITOR: Final = "policy_editor"
PUBLISHER: Final = "policy_publisher"
ADMIN: Final = "admin"
SECURITY_ADMIN: Final = "security_admin"
# Who looks after the system, who after its security, who reads the records of both (三员).
ADMINISTRATORS: Final = frozenset({ADMIN, SECURITY_ADMIN, "auditor"})


@dataclass(frozen=True)
class Role:
    """One role.

    ``verbs`` is what it may do beside the tasks that a diagram gives it. ``oversees``: its
    holder reads the cases of the whole area that the unit stands for. ``wide``: its power does
    not end at the unit, so two administrators of a county appoint to it. ``watches`` are the
    roles whose holders, in the area of the unit, neither hold this role nor stand in for it.
    """

    key: str
    name: Text
    verbs: frozenset[str] = frozenset()
    oversees: bool = False
    wide: bool = False
    watches: frozenset[str] = frozenset()


def _role(key: str, zh: str, en: str, verbs: str = "", **rest: bool | frozenset[str]) -> Role:
    return Role(key, Text(zh, en), frozenset(verbs.split()), **rest)  # type: ignore[arg-type]


_ALL = (
    _role("mediator", "调解员", "mediator", "answer fill_return screen"),
    _role(
        "operator",
        "话务员",
        "operator",
        "answer urge unmask unmask_reporter fill_return",
    ),
    _role(
        "dispatcher",
        "分派员",
        "dispatcher",
        "answer urge reopen call reclassify merge unmask fill_return",
        oversees=True,
    ),
    _role("handler", "承办人", "handler", "answer"),
    _role("grid_worker", "网格员", "grid worker", "answer screen"),
    _role(
        "grid_leader",
        "网格长",
        "grid leader",
        "answer urge assign decide decide_pause arrange fill_return screen",
        oversees=True,
    ),
    _role(
        "leader",
        "负责人",
        "leader",
        "answer urge assign decide decide_pause arrange reopen supervise call reclassify merge "
        "emergency figures fill_return sign_return seal screen",
        oversees=True,
    ),
    _role(
        "supervisor",
        "督办员",
        "supervisor",
        "answer urge assign reopen supervise call reclassify merge figures retry documents",
        oversees=True,
        wide=True,
        watches=AT_WORK,
    ),
    _role(EDITOR, "流程编辑", "process editor", "edit", wide=True),
    _role(
        PUBLISHER,
        "流程发布",
        "process publisher",
        "publish",
        wide=True,
        watches=frozenset({EDITOR}),
    ),
    _role(
        "confidential_officer",
        "保密专员",
        "confidentiality officer",
        "keep_reporter",
        wide=True,
        watches=AT_WORK | {"supervisor"},
    ),
    _role(
        "auditor",
        "审计员",
        "auditor",
        "audit",
        wide=True,
        watches=frozenset({ADMIN, SECURITY_ADMIN}),
    ),
    _role(SECURITY_ADMIN, "安全管理员", "security administrator", "confirm", wide=True),
    _role(ADMIN, "系统管理员", "administrator", "administer confirm retry repair", wide=True),
)
ROLES: Final[Mapping[str, Role]] = MappingProxyType({role.key: role for role in _ALL})


def with_verb(verb: str) -> frozenset[str]:
    """Return the keys of the roles that may do ``verb``."""
    return frozenset(role.key for role in _ALL if verb in role.verbs)


# Roles that read the cases of the area of their unit.
OVERSEERS: Final = frozenset(role.key for role in _ALL if role.oversees)
# Roles to which two administrators of a county appoint together.
WIDE: Final = frozenset(role.key for role in _ALL if role.wide)
# Nobody alone gives these: besides, those that know who reported what in confidence.
CONFIRMED: Final = WIDE | with_verb("unmask_reporter")


def name_of(key: str) -> Text:
    """Return the name of a role, the key itself for one that is not known."""
    role = ROLES.get(key)
    return role.name if role is not None else Text(key, key)
