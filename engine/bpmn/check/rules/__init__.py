"""The rules of the check: each in a file of its own, with what is wrong, what is right, and why.

A file holds the rule (``RULE``) and its two examples (``example``); what finds breaches stands in
the modules of ``engine.bpmn.check``, where several rules share one look at a diagram.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

from engine.bpmn.check.findings import REGISTER, CheckRule


def modules() -> Iterator[ModuleType]:
    """Return the file of each rule, in the order of their names."""
    for found in walk_packages(__path__, f"{__name__}."):
        if not found.ispkg:
            yield import_module(found.name)


def rule_named(name: str) -> CheckRule | None:
    """Return the rule of that name, whether its file was imported before or not."""
    if name not in REGISTER.rules:
        list(modules())
    return REGISTER.rules.get(name)
