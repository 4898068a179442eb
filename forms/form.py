"""A form of one published version: made once, then shared by every request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from feel import Text
from feel.kinds import Kind
from forms import html
from forms.answer_texts import AnswerText, answers_in_words
from forms.checking import check
from forms.cleaning import Cleaning
from forms.defaults import defaults
from forms.definition import ANSWER, RATING, Field, FormDefinition
from forms.findings import BrokenForm, Errors, InvalidAnswers
from forms.guard import too_much
from forms.reading import FormReader
from forms.rendering import Renderer, RenderModel
from forms.sections import asked_fields, condition_values, feel_kind, holds, section
from forms.strict_json import parse


class Form:
    """The questions of one task. Immutable, and safe to share between threads."""

    def __init__(self, definition: FormDefinition) -> None:
        self.definition = definition
        self.key = definition.key
        self.title: Text = definition.title
        self.help = definition.help
        self.fields: tuple[Field, ...] = definition.fields
        self.shows = definition.shows
        self._section = section(self.fields)

    @cached_property
    def personal(self) -> frozenset[str]:
        """The answers that go to the vault only; a list is one if any of its fields is."""
        return frozenset(
            field.name
            for field in self.fields
            if field.personal or any(inner.personal for inner in field.fields)
        )

    @cached_property
    def sets(self) -> Mapping[str, str]:
        """The case columns that answers fill: name of the field by column."""
        return {field.sets: field.name for field in self.fields if field.sets}

    @cached_property
    def public(self) -> tuple[str, ...]:
        """The answers that the citizen of the case reads."""
        return tuple(field.name for field in self.fields if field.citizen == ANSWER)

    @cached_property
    def rating(self) -> Mapping[str, Field]:
        """The fields of the citizen's own rating by what each is; empty where it asks for none."""
        return {field.citizen: field for field in self.fields if field.citizen in RATING}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all fields that have an answer."""
        return frozenset(field.name for field in self.fields if field.asks)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """What the answers are to expressions: the kind of every field by its name."""
        return {field.name: feel_kind(field) for field in self.fields if field.asks}

    def clean(
        self, answers: Mapping[str, Any], *, today: date, last_day: date | None = None
    ) -> dict[str, Any]:
        """Check answers, from a browser or from JSON, and give them as they are stored.

        `last_day` is the last one of the step's limit, for conditions that ask for it.

        The result is plain JSON: texts tidied, numbers exact, dates in ISO 8601, no answers of
        fields that are not asked; what was not answered is left out. Cleaning it again gives
        the same. Raises InvalidAnswers with the reasons and with what was typed.
        """
        clean, errors = self.tidy(answers, today=today, last_day=last_day)
        if errors:
            raise InvalidAnswers(errors, answers if isinstance(answers, Mapping) else {})
        return clean

    def tidy(
        self, answers: Mapping[str, Any], *, today: date, last_day: date | None = None
    ) -> tuple[dict[str, Any], dict[str, tuple[Text, ...]]]:
        """Return what of the answers is right, and what is wrong with the rest or missing."""
        refused = too_much(answers)
        if refused:
            return {}, {"": (refused,)}
        cleaning = Cleaning(today, last_day)
        clean = cleaning.form(self._section, self.definition.rules, answers)
        return clean, {path: tuple(texts) for path, texts in cleaning.errors.items()}

    def confidential(self, clean: Mapping[str, Any], today: date) -> bool:
        """Return whether these clean answers make their case confidential."""
        if not self.definition.confidential_when:
            return False
        outer, functions = condition_values(today)
        scope = asked_fields(self._section, clean, outer, functions)[1]
        return holds(self.definition.confidential_when, scope, functions)

    def variables(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        """Return clean answers for the engine: every field by name, None if not answered.

        So an answer of an earlier round does not outlive one in which it was not given.
        """
        return {name: clean.get(name) for name in sorted(self.names)}

    def from_html(self, data: Any) -> dict[str, Any]:
        """Decode what a browser posted (a werkzeug MultiDict or a mapping of lists)."""
        return html.answers(self.fields, data)

    def reshape(self, data: Any) -> dict[str, Any] | None:
        """Decode a form posted by a button that adds or removes a row, or None; see html."""
        return html.reshaped(self.fields, data)

    def render(
        self,
        answers: Mapping[str, Any] | None,
        errors: Errors | None = None,
        locale: object = "zh_CN",
        *,
        today: date | None = None,
        now: datetime | None = None,
        last_day: date | None = None,
    ) -> RenderModel:
        """Return what a template needs to show the form with these answers, right or wrong.

        Without answers the defaults are filled in, and in new rows of lists. `today` serves
        conditions, bounds and dates that begin with it; `now`, of the same clock, moments;
        `last_day` conditions.
        """
        if not (isinstance(answers, Mapping) and answers):
            answers = self.defaults(today=today, now=now)
        shown: Mapping[str, Any] = answers
        if too_much(shown):
            # Nothing that a person typed; what cannot be looked through is not shown back.
            shown = {name: value for name, value in shown.items() if isinstance(value, str)}
        renderer = Renderer(errors or {}, locale, today, now, last_day)
        return renderer.form(self.definition, self._section, shown)

    def defaults(self, *, today: date | None = None, now: datetime | None = None) -> dict[str, Any]:
        """Return the answers that a new form begins with; `today` and `now` as for `render`."""
        return defaults(self.fields, today=today, now=now)

    def say(self, clean: Mapping[str, Any], locale: object = "zh_CN") -> tuple[AnswerText, ...]:
        """Return clean answers as labelled words, in the form's order, for reading."""
        return answers_in_words(self.fields, clean, locale)


def load(data: bytes | str | Mapping[str, Any], *, source: str = "") -> Form:
    """Read a form definition. Raises Broken with everything that is wrong with it."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if isinstance(data, bytes):
        data = parse(data, source)
    reader = FormReader()
    definition = reader.definition(data)
    findings = (*reader.findings, *check(definition))
    if findings:
        raise BrokenForm(findings, source)
    return Form(definition)
