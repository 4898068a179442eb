"""What steps, processes and versions are called in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from engine.definitions.next_timer import NextTimer
from engine.models import Task
from webapp import display, locales


def node_name(node: Any) -> str:
    """Return the name of a node, a process or a version."""
    english = locales.english() and node.name_en
    return str(english or node.name or getattr(node, "id", ""))


def step_names(steps: Iterable[Any]) -> list[str]:
    """Return the names of the steps that a case waits for, each once."""
    return list(dict.fromkeys(node_name(step) for step in steps))


def task_name(task: Task) -> str:
    """Return the step that a task row stands for."""
    return node_name(task)


def waiting_words(awaited: NextTimer) -> str:
    """Until when a case waits, and what for where its diagram says so."""
    moment = display.moment(awaited.at)
    name = node_name(awaited.node) if awaited.node is not None and awaited.node.name else ""
    if not name:
        return _("流程等待至 %(moment)s，届时自动继续。", moment=moment)
    return _("流程等待至 %(moment)s（%(step)s），届时自动继续。", moment=moment, step=name)
