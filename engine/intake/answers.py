"""Answers of a row made fit for the form: choices as the form spells them, defaults in lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.intake.cells import comparable
from forms import Field, Form
from forms.defaults import defaults


def fitted(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers with the form's own spelling of choices, however the row spells them.

    An entry of a list gets the form's defaults for what the mapping says nothing of: a party is
    a person unless somebody says it is a firm. A date that begins with today on the screen stays
    empty: the day of the import says nothing of the row. What people wrote is left as it is.
    """
    fields = {field.name: field for field in form.fields}
    return {
        name: _fitted(fields[name], value) if name in fields else value
        for name, value in answers.items()
    }


def _fitted(field: Field, value: Any) -> Any:
    if field.kind == "choice" and isinstance(value, str):
        return _chosen(field, value)
    if field.kind == "choices" and isinstance(value, list):
        return [_chosen(field, one) if isinstance(one, str) else one for one in value]
    if field.kind == "list" and isinstance(value, list):
        return [_entry(field, one) if isinstance(one, Mapping) else one for one in value]
    return value


def _entry(field: Field, entry: Mapping[str, Any]) -> dict[str, Any]:
    inner = {one.name: one for one in field.fields}
    found = defaults(field.fields)
    for name, value in entry.items():
        found[name] = _fitted(inner[name], value) if name in inner else value
    return found


def _chosen(field: Field, value: str) -> str:
    if any(choice.value == value for choice in field.choices):
        return value
    wanted = comparable(value)
    alike = [one.value for one in field.choices if comparable(one.value) == wanted]
    return alike[0] if len(alike) == 1 else value
