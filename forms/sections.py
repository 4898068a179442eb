"""Which fields are asked: sections of a form, their conditions, and the scope FEEL sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import marshmallow

from feel import FeelError, from_json
from feel.kinds import Kind, context_of, list_of, parse_kind
from forms.definition import Condition, Field
from forms.kinds import KINDS
from forms.schema import build
from forms.times import length_of

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Section:
    """The fields that are cleaned together: those of a form, or those of a list's rows.

    `all_fields` are those with an answer and the notes between them; `order` has every field
    after those that its `show_when` refers to.
    """

    all_fields: tuple[Field, ...]
    fields: tuple[Field, ...]
    order: tuple[Field, ...]
    schema: marshmallow.Schema
    rows: Mapping[str, Section]


def section(fields: Sequence[Field]) -> Section:
    """Prepare fields for cleaning; done once a version of a form."""
    asking = tuple(field for field in fields if field.asks)
    return Section(
        all_fields=tuple(fields),
        fields=asking,
        order=in_order(asking) or asking,
        schema=build(asking),
        rows={field.name: section(field.fields) for field in asking if field.kind == "list"},
    )


def in_order(fields: Sequence[Field]) -> tuple[Field, ...] | None:
    """Put every field after those that its `show_when` refers to; None if they go in a circle."""
    waiting = {field.name: field for field in fields}
    ordered: list[Field] = []
    while waiting:
        ready = [
            field
            for field in waiting.values()
            if not field.show_when or not (field.show_when.expression.variables & waiting.keys())
        ]
        if not ready:
            return None
        for field in ready:
            ordered.append(waiting.pop(field.name))
    return tuple(ordered)


def asked_fields(
    section: Section, values: Mapping[str, Any], outer: Mapping[str, Any], functions: Functions
) -> tuple[frozenset[str], dict[str, Any]]:
    """Decide which fields of a section are asked.

    Gives their names, and the scope of conditions: the answers as FEEL knows them, with null
    for every field that is not asked or not answered, on top of what is known `outer`.
    """
    scope = {**outer, **{field.name: None for field in section.fields}}
    names = set()
    for field in section.order:
        if is_asked(field, scope, functions):
            names.add(field.name)
            scope[field.name] = as_feel_value(field, values.get(field.name))
    return frozenset(names), scope


def condition_values(
    today: date | None, last_day: date | None = None
) -> tuple[dict[str, Any], Functions]:
    """Return what conditions know besides the answers: `today`, as a name and as a function, and
    the `last_day` of the step's limit, null where it has none.
    """
    return {"today": today, "last_day": last_day}, {"today": lambda: today}


def is_asked(field: Field, scope: Mapping[str, Any], functions: Functions) -> bool:
    """Return whether a field is asked."""
    if field.show_when is None:
        return True
    try:
        return field.show_when.expression.evaluate(scope, functions=functions) is True
    except FeelError:
        # Rather a question too many than an answer lost.
        return True


def holds(condition: Condition | None, scope: Mapping[str, Any], functions: Functions) -> bool:
    """Return whether a condition is there and true."""
    if condition is None:
        return False
    try:
        return condition.expression.evaluate(scope, functions=functions) is True
    except FeelError:
        return False


def feel_kind(field: Field) -> Kind:
    """Return the kind of a field's answer, as `as_feel_value` gives it."""
    if field.kind == "list":
        return list_of(context_of({one.name: feel_kind(one) for one in field.fields if one.asks}))
    return parse_kind(KINDS[field.kind].feel)


def as_feel_value(field: Field, value: Any) -> Any:
    """Return a clean answer as FEEL knows it: dates as dates, numbers as decimals."""
    if value is None:
        return None
    if field.kind == "date":
        return date.fromisoformat(value)
    if field.kind == "datetime":
        return datetime.fromisoformat(value)
    if field.kind == "time":
        return time.fromisoformat(value)
    if field.kind == "duration":
        return length_of(value)
    if field.kind == "list":
        return [
            {
                inner.name: as_feel_value(inner, row.get(inner.name))
                for inner in field.fields
                if inner.asks
            }
            for row in value
            if row is not None
        ]
    return from_json(value)
