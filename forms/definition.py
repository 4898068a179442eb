"""A form as it is defined: groups of fields, conditions and rules. Plain frozen data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from feel import Expression, Text
from forms.people import PeopleRows

SETS = ("title", "place", "category", "priority", "channel", "risk", "against", "due")
"""The columns of a case that an answer may fill."""
ANSWER = "answer"
RATING = ("opinion", "solved", "stars", "words", "reasons")
"""What a field is to the citizen: part of the answer, or of how the citizen rates the work."""


@dataclass(frozen=True)
class Condition:
    """A FEEL condition: as it was written, and compiled."""

    text: str
    expression: Expression


@dataclass(frozen=True)
class FieldChoice:
    """One of the answers that a choice offers."""

    value: str
    label: Text


@dataclass(frozen=True)
class Field:
    """One question of a form; what each part means is described in docs/forms.zh-CN.md."""

    name: str
    kind: str
    label: Text
    help: Text | None = None
    required: bool = False
    personal: bool = False
    sets: str | None = None
    # What it is to the citizen: the answer, or a part of the citizen's own rating.
    citizen: str | None = None
    show_when: Condition | None = None
    required_when: Condition | None = None
    default: Any = None
    choices: tuple[FieldChoice, ...] = ()
    min: int | float | str | None = None
    max: int | float | str | None = None
    max_length: int = 0
    decimals: int = 0
    rows: int = 0
    accept: str = "any"
    # Whose holders a field of staff offers.
    role: str = ""
    fields: tuple[Field, ...] = ()
    # What makes the rows of a list people of the case.
    people: PeopleRows | None = None

    @property
    def asks(self) -> bool:
        """Whether it has an answer at all: a note has none."""
        return self.kind != "note"


@dataclass(frozen=True)
class FieldGroup:
    """Fields under one heading."""

    title: Text | None
    fields: tuple[Field, ...]
    # Asked where the case needs it: closed until something in it is said, missing or wrong.
    folded: bool = False


@dataclass(frozen=True)
class FormRule:
    """A condition over several answers; if it is false, `message` stands at `fields`."""

    test: Condition
    message: Text
    fields: tuple[str, ...]


@dataclass(frozen=True)
class FormDefinition:
    """A whole form as its file defines it."""

    key: str
    title: Text
    help: Text | None
    groups: tuple[FieldGroup, ...]
    rules: tuple[FormRule, ...]
    shows: tuple[str, ...]
    # When what is said makes the case confidential; asked of the form that opens it.
    confidential_when: Condition | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields of all groups, without those inside of lists."""
        return tuple(field for group in self.groups for field in group.fields)

    def every_field(self) -> Iterator[Field]:
        """Yield all fields, those inside of lists too."""
        for field in self.fields:
            yield field
            yield from field.fields
