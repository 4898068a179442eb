"""What the calculator asks of a case: what its forms say of category and risk, and what its table
of limits goes by. Asked as the forms ask it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from engine import bpmn
from engine.definitions.versions import PublishedVersion
from feel.text import Text
from forms import Form
from forms.definition import Field, FieldGroup, FormDefinition
from forms.rendering import RenderModel

# So that an answer is none of the calculator's own questions.
PREFIX = "of_"
COLUMNS = ("category", "risk")
# Kinds of questions whose answer a table can go by, and that ask for nothing else of a case.
PLAIN = frozenset({"yes_no", "choice", "choices", "number", "money", "rating", "date", "text"})


@dataclass(frozen=True)
class TriageQuestions:
    """The questions of a process, as a form of their own; and which of them fills which column."""

    form: Form
    columns: Mapping[str, str]

    def __bool__(self) -> bool:
        """Return whether there is anything to ask."""
        return bool(self.form.fields)

    def read(
        self, given: MultiDict[str, str], today: date
    ) -> tuple[dict[str, Any], dict[str, tuple[Text, ...]], dict[str, Any]]:
        """Clean answers by the names of the variables, what is wrong, and what was typed.

        Before anybody has answered, the answers are those with which the forms begin.
        """
        new = self.form.defaults(today=today)
        typed = self.form.from_html(given) if answered(given) else new
        clean, errors = self.form.tidy(typed, today=today)
        said = {name.removeprefix(PREFIX): value for name, value in clean.items()}
        return said, errors, typed

    def render(
        self, typed: Mapping[str, Any], errors: Mapping[str, tuple[Text, ...]], locale: str
    ) -> RenderModel:
        """Return the questions for the page."""
        return self.form.render(typed, errors, locale)

    def column(self, said: Mapping[str, Any], column: str) -> str | None:
        """Return what was said of a column of the case."""
        value = said.get(self.columns.get(column, ""))
        return value if isinstance(value, str) else None


def answered(given: Mapping[str, str]) -> bool:
    """Return whether the questions were on the page that somebody sent."""
    return any(key.startswith(PREFIX) for key in given)


def of(published: PublishedVersion) -> TriageQuestions:
    """Return what to ask of a case of this version."""
    inputs = bpmn.limit_inputs(published.definition)
    opens = published.form(published.opens.form)
    forms = [*([opens] if opens else []), *published.forms.values()]
    columns: dict[str, str] = {}
    found: dict[str, Field] = {}
    for form in forms:
        for column in COLUMNS:
            if column in form.sets:
                columns.setdefault(column, form.sets[column])
        for field in form.fields:
            wanted = field.name in inputs or field.name in columns.values()
            if wanted and field.kind in PLAIN:
                found.setdefault(field.name, _unconditional(field, field.name in inputs))
    group = FieldGroup(None, tuple(found.values()))
    return TriageQuestions(
        Form(FormDefinition("triage", Text("", ""), None, (group,), (), ())), columns
    )


def _unconditional(field: Field, required: bool) -> Field:
    """Return the question by itself: for whom and when the form asks it is of no matter here."""
    return replace(
        field,
        name=PREFIX + field.name,
        required=required,
        personal=False,
        sets=None,
        show_when=None,
        required_when=None,
        help=None,
    )
