"""What steps, processes and versions are called in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.models import Task
from webapp import locales


def node_name(node: Any) -> str:
    """The name of a node, a process or a version."""
    english = locales.english() and node.name_en
    return str(english or node.name or getattr(node, "id", ""))


def step_names(steps: Iterable[Any]) -> list[str]:
    """The names of the steps that a case waits for, each once."""
    return list(dict.fromkeys(node_name(step) for step in steps))


def task_name(task: Task) -> str:
    """The step that a task row stands for."""
    return node_name(task)
