"""What clean answers hold besides themselves: uploads to join, numbers to find a case by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.records.vault import INDEXED
from forms import Field, Form


def uploads(form: Form, clean: Mapping[str, Any]) -> list[Any]:
    """Return ids of the attachments that the answers name."""
    return [
        one
        for field, value in _values(form.fields, clean)
        if field.kind == "files"
        for one in value
    ]


def indexed(form: Form, clean: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Kind and value of every phone and resident ID among the answers."""
    return [
        (field.kind, str(value))
        for field, value in _values(form.fields, clean)
        if field.kind in INDEXED
    ]


def _values(fields: Sequence[Field], clean: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    """Yield every answered field with its answer, those inside of lists too."""
    for field in fields:
        value = clean.get(field.name)
        if value is None:
            continue
        if field.kind == "list":
            for row in value:
                yield from _values(field.fields, row)
        else:
            yield field, value
