"""What one evaluation carries: the variables, the budget, and the notes on what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from feel.faults import LimitReached
from feel.limits import EvaluationLimits
from feel.text import Text
from feel.values import Value

Code = Callable[["Frame"], Value]
"""A compiled expression."""

_MAX_NOTES = 20
_MAX_LEVELS = 100
"""Lists in lists in a result: what JSON and the screens still take."""


class NullCause(Exception):
    """An operation has no result: its value is null, and `note` says why if that is news.

    `is_type_error`: it was called with values of a wrong type.
    """

    def __init__(self, note: Text | None = None, *, is_type_error: bool = False) -> None:
        super().__init__(note)
        self.note = note
        self.is_type_error = is_type_error


class Frame:
    """The state of one evaluation. `slots` holds what the expression itself binds.

    `cause` is the first note that says that values of wrong types met.
    """

    __slots__ = (
        "calls",
        "functions",
        "steps_left",
        "limits",
        "notes",
        "slots",
        "variables",
        "cause",
    )

    def __init__(
        self,
        variables: Mapping[str, Any],
        slots: int,
        functions: Mapping[str, Callable[..., Any]] | None,
        limits: EvaluationLimits,
    ) -> None:
        self.variables = variables
        self.slots: list[Value] = [None] * slots if slots else []
        self.functions = functions
        self.limits = limits
        self.steps_left = limits.steps
        self.notes: list[tuple[Text, int | None]] | None = None
        self.cause: tuple[Text, int | None] | None = None
        self.calls = 0

    def note(self, text: Text, position: int | None = None, *, is_type_error: bool = False) -> None:
        """Note why a value became null; `is_type_error` where the types of values are the cause."""
        if self.notes is None:
            self.notes = []
        told = (text, position)
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(told)
        if is_type_error and self.cause is None:
            self.cause = told

    def attribute(self, since: int, where: Text) -> None:
        """Put before the notes taken since a count where they come from."""
        if self.notes is not None:
            for place, (text, _) in enumerate(self.notes[since:], start=since):
                told = Text(where.zh + text.zh, where.en + text.en), None
                if self.cause is self.notes[place]:
                    self.cause = told
                self.notes[place] = told

    def spend(self, steps: int = 1) -> None:
        """Take steps from the budget. Raises LimitReached when it is used up."""
        self.steps_left -= steps
        if self.steps_left < 0:
            limit = self.limits.steps
            raise LimitReached(
                Text(
                    f"计算步数超过 {limit}，已停止。请缩小循环或列表。",
                    f"Stopped after {limit} steps. Use smaller loops or lists.",
                )
            )

    def keep_text(self, text: str) -> str:
        """Return the text back, or raise LimitReached when it is too long."""
        if len(text) > self.limits.characters:
            self.refuse_text()
        self.spend(1 + (len(text) >> 5))
        return text

    def refuse_text(self) -> NoReturn:
        """Raise LimitReached for a text that is too long."""
        limit = self.limits.characters
        raise LimitReached(
            Text(
                f"计算出的文字超过 {limit} 个字，已停止。",
                f"Stopped: a text grew beyond {limit} characters.",
            )
        )

    def weigh(self, value: Value) -> Value:
        """Return a result back, or raise LimitReached when it is too large to be handed on.

        Lists that share their parts can stand for far more items than they keep in memory.
        """
        row, room, levels = [value], self.limits.characters, 0
        while row:
            below: list[Value] = []
            for item in row:
                room -= 1 + (len(item) if type(item) is str else 0)
                if type(item) is list:
                    below += item
                elif type(item) is dict:
                    below += item.values()
                if room < 0 or len(below) > room:
                    self.refuse_text()
            row, levels = below, levels + 1
            if levels > _MAX_LEVELS:
                self.refuse_text()
        return value

    def check_items(self, count: int) -> None:
        """Raise LimitReached when a list of this length is too long; pay for it otherwise."""
        if count > self.limits.items:
            limit = self.limits.items
            raise LimitReached(
                Text(
                    f"列表超过 {limit} 项，已停止。",
                    f"Stopped: a list would have more than {limit} items.",
                )
            )
        self.spend(1 + count)
