"""What one step of the engine gives back: the new state and everything that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.bpmn.context import Context


@dataclass(frozen=True)
class OpenTask:
    """Work for a person. ``unit`` None is the unit of the case's place at ``level``."""

    engine_id: str
    node_id: str
    name: str
    form: str
    role: str
    level: str
    unit: str | None
    instance: dict[str, Any] | None
    limit: int | None
    limit_unit: str
    sign_limit: int | None
    sign_limit_unit: str
    warn: tuple[int, ...]
    # From when the limit counts, in UTC; None counts from signing.
    limit_from: datetime | None = None
    # Whether such a limit is the law's own, which nothing suspends or extends.
    limit_firm: bool = True
    # Codes of the units that are asked to help as it opens.
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClosedTask:
    """Work that is no longer open; ``how`` is completed, cancelled or moved."""

    engine_id: str
    node_id: str
    how: str


@dataclass(frozen=True)
class Timer:
    """A future moment the diagram waits for; ``repeats_left`` counts a cycle's firings to come."""

    engine_id: str
    node_id: str
    kind: str  # date, duration or cycle
    fire_at: datetime
    repeats_left: int | None
    # Of one that counts working time: how much, in which unit, and since when.
    limit: tuple[int, str] | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Effect:
    """Something for the world outside, to be done after the commit."""

    kind: str
    node_id: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class AnswerPlace:
    """Where in the diagram the citizen got an answer: at a node, or on the way to it."""

    node_id: str
    on_way: bool


@dataclass(frozen=True)
class AwaitedMessage:
    """A message that the diagram takes now, and who may send it."""

    message: str
    node_id: str
    name: str
    form: str
    role: str
    level: str
    engine_id: str


@dataclass(frozen=True)
class Step:
    """The outcome of one operation. Only ``state`` needs to be kept to go on."""

    state: str
    opened_tasks: tuple[OpenTask, ...]
    closed_tasks: tuple[ClosedTask, ...]
    timers: tuple[Timer, ...]
    disarmed_timers: tuple[str, ...]
    effects: tuple[Effect, ...]
    context: Context
    ended: bool
    end_node: str | None
    passed_nodes: tuple[str, ...]
    # What the step said of the citizen's answer, in order: answered, reopened.
    answers: tuple[str, ...]
    # Where the last answer of the step was given.
    answer_place: AnswerPlace | None
    waiting: tuple[AwaitedMessage, ...]
    variables: Mapping[str, Any]
