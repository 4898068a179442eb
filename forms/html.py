"""Answers out of the names and values that a browser posts.

A field is posted under its name; a row of a list as `people-0-name`, its number only for order;
a position as `spot-lat`, `spot-lon`, `spot-accuracy`. Names that the form does not know are not
looked at. Nothing is judged here: what was typed comes out as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from forms.definition import Field
from forms.guard import MAX_PARTS
from forms.kinds import KINDS

Posted = Callable[[str], list[str]]

POSITION = ("lat", "lon", "accuracy")


def reader(data: Any) -> tuple[Posted, list[str]]:
    """Return how to look up a posted name, and all names; for a multi-dict or a plain mapping."""
    if hasattr(data, "getlist"):
        return data.getlist, list(data.keys())

    def look_up(name: str) -> list[str]:
        value = data.get(name, [])
        return list(value) if isinstance(value, list | tuple) else [value]

    return look_up, list(data.keys())


def answers(fields: Sequence[Field], data: Any) -> dict[str, Any]:
    """Decode a posted form. A field that was not posted is not in the result."""
    posted, names = reader(data)
    found: dict[str, Any] = {}
    rows = _row_numbers(names)
    for field in fields:
        if field.kind == "list":
            if field.name in rows or field.name in names:
                numbers = sorted(rows.get(field.name, ()))[:MAX_PARTS]
                found[field.name] = [
                    _plain(field.fields, posted, f"{field.name}-{number}-") for number in numbers
                ]
        else:
            found.update(_plain((field,), posted, ""))
    return found


def reshaped(fields: Sequence[Field], data: Any) -> dict[str, Any] | None:
    """Decode a form sent by one of the buttons that add or remove a row, with that done.

    The buttons are named `people-add` and `people-remove` (its value is the row's place);
    they make lists usable without scripts. None if no such button was pressed.
    """
    posted, _ = reader(data)
    for field in fields:
        if field.kind != "list":
            continue
        add, remove = posted(f"{field.name}-add"), posted(f"{field.name}-remove")
        if add or remove:
            found = answers(fields, data)
            rows = found.setdefault(field.name, [])
            place = remove[-1] if remove else ""
            if add:
                rows.append({})
            elif re.fullmatch(r"[0-9]{1,5}", place) and int(place) < len(rows):
                del rows[int(place)]
            return found
    return None


def _row_numbers(names: Sequence[str]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = {}
    for name in names:
        match = re.fullmatch(r"([^-]{1,64})-([0-9]{1,6})-[^-]{1,64}(?:-[a-z]{1,8})?", name)
        if match:
            found.setdefault(match[1], set()).add(int(match[2]))
    return found


def _plain(fields: Sequence[Field], posted: Posted, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        name = prefix + field.name
        values = posted(name)
        if field.kind == "position":
            parts = {part: posted(f"{name}-{part}") for part in POSITION}
            if any(parts.values()):
                found[field.name] = {part: value[-1] for part, value in parts.items() if value}
                if not any(found[field.name].values()):
                    found[field.name] = None
                continue
        if not values or not field.asks:
            continue
        # The last value counts: a hidden "no" stands before the box that says "yes".
        found[field.name] = (
            [value for value in values if value != ""] if KINDS[field.kind].many else values[-1]
        )
    return found
