"""What a form and a new row of a list begin with, and which rows nobody has touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from forms.definition import Field
from forms.findings import WrongAnswer
from forms.kinds import KINDS, blank

TODAY = "today"
"""The default of a date that begins with the day on which its form is opened."""


def dates_itself(field: Field) -> bool:
    """Return whether the field begins with the day, or the moment, of the opening."""
    return field.kind in ("date", "datetime") and field.default == TODAY


def defaults(
    fields: Sequence[Field], *, today: date | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Return the answers that new fields begin with.

    `today` and `now` are of the local clock; a date that begins with one that is not known
    begins empty.
    """
    found = {field.name: _beginning(field, today, now) for field in fields}
    return {name: value for name, value in found.items() if value is not None}


def _beginning(field: Field, today: date | None, now: datetime | None) -> Any:
    if not dates_itself(field):
        return field.default
    if field.kind == "datetime":
        return now.replace(tzinfo=None).isoformat(timespec="minutes") if now else None
    return today.isoformat() if today else None


def untouched(fields: Sequence[Field], row: Any, today: date | None) -> bool:
    """Return whether a row says nothing but what a new one begins with."""
    if blank(row):
        return True
    if not isinstance(row, Mapping):
        return False
    known = {field.name: field for field in fields}
    return all(
        blank(value) or (name in known and _is_default(known[name], value, today))
        for name, value in row.items()
    )


def _is_default(field: Field, value: Any, today: date | None) -> bool:
    if field.default is None or not field.asks:
        return False
    read = KINDS[field.kind].read
    try:
        answer = read(field, value)
        if dates_itself(field):
            # Of a moment the day counts: minutes pass between opening and sending.
            return bool(today and answer[:10] == today.isoformat())
        return bool(answer == read(field, field.default))
    except WrongAnswer:
        return False


def without_untouched(
    fields: Sequence[Field], answers: Mapping[str, Any], today: date | None
) -> Mapping[str, Any]:
    """Return the answers with empty rows in place of untouched ones, so that places stay."""
    found = dict(answers)
    for field in fields:
        rows = answers.get(field.name)
        if field.kind == "list" and isinstance(rows, list | tuple):
            found[field.name] = [{} if untouched(field.fields, row, today) else row for row in rows]
    return found
