"""What can be wrong with a form's definition, and with the answers given to a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feel import Text

Errors = Mapping[str, tuple[Text, ...]]
"""Messages by the path of the answer, as in the HTML names: `summary`, `people-0-name`, or ``
(nothing) for the form as a whole."""


@dataclass(frozen=True)
class FormFinding:
    """One mistake in a form definition: the rule it breaks, where, and what to do about it."""

    rule: str
    where: str
    message: Text


class BrokenForm(Exception):
    """A form definition cannot be used; `findings` name every mistake that was found."""

    def __init__(self, findings: tuple[FormFinding, ...], source: str = "") -> None:
        self.findings = findings
        self.source = source
        lines = "; ".join(f"{found.where}: {found.message.en}" for found in findings)
        super().__init__(f"{source or 'form'}: {lines}")


class InvalidAnswers(Exception):
    """Answers that a form refuses; `errors` say why; `typed_answers` are untouched."""

    def __init__(self, errors: Errors, typed_answers: Mapping[str, Any]) -> None:
        self.errors = errors
        self.typed_answers = typed_answers
        # Never the answers themselves: they may be personal, and exceptions end up in logs.
        super().__init__(f"answers refused: {', '.join(errors) or 'none'}")


class WrongAnswer(Exception):
    """One answer cannot be read; `text` says why, in the words of the person who typed it."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)
        super().__init__(en)
