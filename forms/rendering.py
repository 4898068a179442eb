"""What a template needs to show a form: every string ready in one language, nothing to compute.

What was typed is shown back as it was typed, whatever it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from feel import Text
from forms.characters import storable
from forms.defaults import defaults, without_untouched
from forms.definition import Field, FormDefinition
from forms.findings import Errors, WrongAnswer
from forms.html import POSITION
from forms.kinds import KINDS, blank
from forms.schema import parse
from forms.sections import Section, asked_fields, condition_values, holds, is_asked
from forms.times import duration_words

BLANK_ROW = "__row__"
"""Stands for the number of a row in the names of `RenderField.blank_row`."""

_INPUTS: Mapping[str, Mapping[str, str]] = {
    "number": {"inputmode": "decimal"},
    "money": {"inputmode": "decimal"},
    "date": {"type": "date"},
    "datetime": {"type": "datetime-local"},
    "time": {"type": "time"},
    "duration": {"autocomplete": "off", "maxlength": "50"},
    "phone": {"type": "tel", "inputmode": "tel", "autocomplete": "off", "maxlength": "40"},
    "resident_id": {"autocomplete": "off", "maxlength": "40", "spellcheck": "false"},
    "person": {"autocomplete": "off"},
    "address": {"autocomplete": "off"},
}
_FILES = {
    "photo": "image/*",
    "document": ".pdf,.doc,.docx,.xls,.xlsx,.txt,.wps,.et",
    "any": "",
}
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
# What a control of the browser shows; anything else as text.
_WRITTEN = {"date": _ISO, "datetime": _ISO, "time": re.compile(r"[0-9]{2}:[0-9]{2}")}
_LENGTH = Text("例如 2天3小时", "such as 2 d 3 h")
_YES_NO = (("yes", Text("是", "Yes")), ("no", Text("否", "No")))


@dataclass(frozen=True)
class RenderChoice:
    """One option, and whether it is chosen."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class RenderRow:
    """One row of a list; `number` is its place in the names of its fields."""

    number: str
    fields: tuple[RenderField, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class RenderField:
    """One question as a page shows it.

    `id` and `name` are those of the HTML control. `value` is a string; for fields with many
    answers a tuple of strings; for a position a mapping with lat, lon and accuracy. `visible`
    and `mandatory` are as the given answers make them; `show_when` and `required_when` are
    FEEL, for a script that keeps them so. `begins` are the strings that its controls begin with
    in a new row of a list. `attributes` go onto the control.
    """

    id: str
    name: str
    kind: str
    label: str
    help: str
    value: Any
    errors: tuple[str, ...]
    required: bool
    mandatory: bool
    visible: bool
    personal: bool
    show_when: str
    required_when: str
    choices: tuple[RenderChoice, ...] = ()
    rows: tuple[RenderRow, ...] = ()
    blank_row: RenderRow | None = None
    begins: tuple[str, ...] = ()
    attributes: Mapping[str, str] = part(default_factory=dict)
    role: str = ""


@dataclass(frozen=True)
class RenderGroup:
    """Fields under one heading; `visible` is false while none of them is shown."""

    title: str
    fields: tuple[RenderField, ...]
    visible: bool
    # Whether it may be closed, and whether it is: nothing in it was said, is missing, or is wrong.
    folds: bool = False
    folded: bool = False


@dataclass(frozen=True)
class RenderError:
    """One line of the summary above the form: where it leads to and what it says."""

    target: str
    label: str
    message: str


@dataclass(frozen=True)
class RenderModel:
    """A whole form as a page shows it."""

    key: str
    title: str
    help: str
    groups: tuple[RenderGroup, ...]
    errors: tuple[RenderError, ...]
    shows: tuple[str, ...]
    # The last day of the step's limit, in ISO 8601; empty where it has none.
    last_day: str = ""


class Renderer:
    """Renders one form once, in one language."""

    def __init__(
        self,
        errors: Errors,
        locale: object,
        today: date | None,
        now: datetime | None = None,
        last_day: date | None = None,
    ) -> None:
        self.errors = errors
        self.locale = locale
        self.today = today
        self.now = now
        self.last_day = last_day
        self.outer, self.functions = condition_values(today, last_day)

    def form(
        self, definition: FormDefinition, section: Section, answers: Mapping[str, Any]
    ) -> RenderModel:
        """Return the whole form with the answers in it."""
        scope = self.scope(section, answers, self.outer)
        groups = []
        for group in definition.groups:
            fields = tuple(self.field(field, section, answers, scope, "") for field in group.fields)
            visible = any(field.visible for field in fields)
            asked_in = zip(group.fields, fields, strict=True)
            folded = group.folded and not any(self.speaks(*one) for one in asked_in)
            groups.append(RenderGroup(self.say(group.title), fields, visible, group.folded, folded))
        return RenderModel(
            key=definition.key,
            title=self.say(definition.title),
            help=self.say(definition.help),
            groups=tuple(groups),
            errors=tuple(self.summary(definition)),
            shows=definition.shows,
            last_day=self.last_day.isoformat() if self.last_day else "",
        )

    def scope(
        self, section: Section, answers: Mapping[str, Any], outer: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the scope of conditions for answers of which some may be wrong."""
        typed = without_untouched(section.fields, answers, self.today)
        values, _ = parse(section.schema, typed)
        return asked_fields(section, values, outer, self.functions)[1]

    def field(
        self,
        field: Field,
        section: Section,
        answers: Mapping[str, Any],
        scope: Mapping[str, Any],
        prefix: str,
    ) -> RenderField:
        """Return one field; `prefix` is what its name begins with inside of a row."""
        name = prefix + field.name
        value = self.value(field, answers.get(field.name))
        rows: list[RenderRow] = []
        blank_row = None
        if field.kind == "list":
            inside = section.rows[field.name]
            rows = self.rows(inside, field, answers.get(field.name), scope, name)
            blank_row = self.row(inside, self.new_row(inside), scope, name, BLANK_ROW)
        return RenderField(
            id=f"field-{name}",
            name=name,
            kind=field.kind,
            label=self.say(field.label),
            help=self.say(field.help),
            value=value,
            errors=self.at(name),
            required=field.required,
            mandatory=field.required or holds(field.required_when, scope, self.functions),
            visible=is_asked(field, scope, self.functions),
            personal=field.personal,
            show_when=field.show_when.text if field.show_when else "",
            required_when=field.required_when.text if field.required_when else "",
            choices=tuple(self.choices(field, value)),
            rows=tuple(rows),
            blank_row=blank_row,
            begins=self.begins(field) if prefix else (),
            attributes=self.attributes(field, value),
            role=field.role,
        )

    def value(self, field: Field, given: Any) -> Any:
        """Return what was typed; of a length of time that was read what one would type."""
        typed = as_typed(field, given)
        if field.kind != "duration" or not typed:
            return typed
        try:
            return duration_words(KINDS["duration"].read(field, typed), self.locale)
        except WrongAnswer:
            return typed

    def rows(
        self, inside: Section, field: Field, value: Any, scope: Mapping[str, Any], name: str
    ) -> list[RenderRow]:
        given_rows = value if isinstance(value, list | tuple) else []
        # Blank rows to begin with, as many as must be answered: nobody needs to add the first.
        few = field.min if field.required and isinstance(field.min, int) else 1
        return [
            self.row(inside, self._row_values(inside, row), scope, name, str(number))
            for number, row in enumerate(given_rows or [{}] * max(few, 1))
        ]

    def begins(self, field: Field) -> tuple[str, ...]:
        """Return what a new field says, as the strings of its controls."""
        first = defaults([field], today=self.today, now=self.now).get(field.name)
        typed = self.value(field, first)
        said = typed.values() if isinstance(typed, Mapping) else typed
        return tuple(one for one in ([said] if isinstance(said, str) else said) if one)

    def speaks(self, field: Field, shown: RenderField) -> bool:
        """Return whether a field has to be seen: it says more than it begins with, or lacks an
        answer.
        """
        if shown.errors or any(row.errors for row in shown.rows):
            return True
        values = shown.value if isinstance(shown.value, tuple) else (shown.value,)
        if isinstance(shown.value, Mapping):
            values = tuple(shown.value.values())
        said = tuple(one for one in values if one)
        return said != self.begins(field) if said else shown.visible and shown.mandatory

    def new_row(self, inside: Section) -> Mapping[str, Any]:
        """Return the answers that a row which somebody adds begins with."""
        return defaults(inside.fields, today=self.today, now=self.now)

    def _row_values(self, inside: Section, row: Any) -> Mapping[str, Any]:
        return row if isinstance(row, Mapping) and row else self.new_row(inside)

    def row(
        self,
        inside: Section,
        row: Mapping[str, Any],
        scope: Mapping[str, Any],
        name: str,
        number: str,
    ) -> RenderRow:
        at = f"{name}-{number}"
        inner = self.scope(inside, row, scope)
        fields = tuple(
            self.field(field, inside, row, inner, f"{at}-") for field in inside.all_fields
        )
        return RenderRow(number, fields, self.at(at))

    def choices(self, field: Field, value: Any) -> list[RenderChoice]:
        offered = [(choice.value, choice.label) for choice in field.choices]
        if field.kind == "yes_no":
            offered = list(_YES_NO)
        elif field.kind == "rating":
            offered = [(str(star), Text(f"{star} 星", f"{star} of 5")) for star in range(1, 6)]
        chosen = {value} if isinstance(value, str) else set(value)
        return [RenderChoice(one, self.say(label), one in chosen) for one, label in offered]

    def attributes(self, field: Field, value: Any) -> dict[str, str]:
        """Return the attributes of the control; the bounds that a browser understands too."""
        found = dict(_INPUTS.get(field.kind, {}))
        shown_as = _WRITTEN.get(field.kind)
        if shown_as is not None and value and not shown_as.fullmatch(value):
            # Such a control would silently show nothing; as a text one can see and fix it.
            del found["type"]
        if field.max_length:
            found["maxlength"] = str(field.max_length)
        if field.rows:
            found["rows"] = str(field.rows)
        if field.kind == "files":
            found["accept"] = _FILES[field.accept]
        if field.kind == "duration":
            found["placeholder"] = self.say(_LENGTH)
        if field.kind in ("date", "datetime", "time", "number", "money"):
            found["min"] = self.bound(field, "00:00", field.min)
            found["max"] = self.bound(field, "23:59", field.max)
        return {key: value for key, value in found.items() if value}

    def bound(self, field: Field, clock: str, bound: Any) -> str:
        if bound is None or (bound == "today" and self.today is None):
            return ""
        day = str(self.today) if bound == "today" else str(bound)
        return f"{day}T{clock}" if field.kind == "datetime" else day

    def summary(self, definition: FormDefinition) -> list[RenderError]:
        """Return the errors for the top of the page, those of rows with the row's number."""
        labels = {field.name: self.say(field.label) for field in definition.fields}
        for field in definition.fields:
            labels.update(
                {f"{field.name}-{inner.name}": self.say(inner.label) for inner in field.fields}
            )
        return [
            RenderError(
                target=f"field-{path}" if path else "",
                label=_label(path, labels),
                message=text.to(self.locale),
            )
            for path, texts in self.errors.items()
            for text in texts
        ]

    def at(self, path: str) -> tuple[str, ...]:
        return tuple(text.to(self.locale) for text in self.errors.get(path, ()))

    def say(self, text: Text | None) -> str:
        return text.to(self.locale) if text else ""


def _label(path: str, labels: Mapping[str, str]) -> str:
    """Name the place of an error: the field's label, in a list with the row's number."""
    name, *rest = path.split("-", 2)
    label = labels.get(name, "")
    if rest and rest[0].isdecimal():
        inner = labels.get(f"{name}-{rest[1]}", "") if len(rest) > 1 else ""
        label = f"{label} {int(rest[0]) + 1}" + (f" · {inner}" if inner else "")
    return label


def as_typed(field: Field, value: Any) -> Any:
    """Return what was typed as the strings that go back into the controls."""
    if field.kind == "list" or not field.asks:
        return ""
    if KINDS[field.kind].many:
        items: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
        return tuple(_string(item) for item in items if _string(item))
    if field.kind == "position":
        if isinstance(value, str):
            value = dict(zip(POSITION, re.split(r"[,，]", value), strict=False))
        parts = value if isinstance(value, Mapping) else {}
        return {name: _string(parts.get(name)) for name in POSITION}
    if field.kind == "yes_no" and not blank(value):
        try:
            return "yes" if KINDS["yes_no"].read(field, value) else "no"
        except WrongAnswer:
            return _string(value)
    return _string(value)


def _string(value: Any) -> str:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float) and abs(value) < 10**30:
        return format(Decimal(str(value)), "f")
    return ""
