"""One question that the page of a move asks, and whether it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from engine.errors import InvalidInput
from feel.text import Text

Options = list[tuple[str, list[tuple[str, str]]]]
MISSING = Text("请填写或选择。", "Please answer this.")
NO_NUMBER = Text("请填写整数。", "Please give a whole number.")


@dataclass(frozen=True)
class Question:
    """One question: ``choice`` (radio buttons), ``select`` (grouped), ``words``, ``number``, or a
    ``line`` of at most so many characters, whose options are proposals.
    """

    name: str
    label: str
    kind: str
    options: Options = field(default_factory=list)
    help: str = ""
    most: int = 0
    # What stands there before anybody has answered.
    value: str = ""

    @property
    def values(self) -> list[str]:
        """Every value that may be chosen."""
        return [value for _title, options in self.options for value, _label in options]


def checked(questions: list[Question], said: Mapping[str, str]) -> None:
    """Refuse what is unanswered or not among the options. Raises InvalidInput."""
    errors: dict[str, Text] = {}
    for one in questions:
        value = said.get(one.name, "").strip()
        if not value or (one.kind != "line" and one.options and value not in one.values):
            errors[one.name] = MISSING
        elif one.kind == "number" and not (value.isascii() and value.isdigit() and len(value) < 5):
            errors[one.name] = NO_NUMBER
    if errors:
        raise InvalidInput(errors)


def reason_question(label: str = "", help: str = "") -> Question:
    """Return why, in words: asked by every move that needs a reason."""
    return Question("reason", label or _("原因"), "words", help=help)
