"""Clean answers as words: for the case page, the history of a case and the dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from feel import Text
from forms.definition import Field
from forms.times import duration_words

YES, NO = Text("是", "yes"), Text("否", "no")


@dataclass(frozen=True)
class AnswerText:
    """One answer in words.

    `words` are empty where only the caller knows them: units and places by their code, staff and
    files by their id, all in `value`. `rows` hold the answers of a list; `people` says that each of
    them is somebody in the case.
    """

    name: str
    kind: str
    label: str
    words: str
    value: Any
    personal: bool
    rows: tuple[tuple[AnswerText, ...], ...] = ()
    people: bool = False


def answers_in_words(
    fields: Sequence[Field], clean: Mapping[str, Any], locale: object
) -> tuple[AnswerText, ...]:
    """Return the answers that are there, in the order of the fields."""
    return tuple(
        _answer_text(field, clean[field.name], locale)
        for field in fields
        if clean.get(field.name) is not None
    )


def _answer_text(field: Field, value: Any, locale: object) -> AnswerText:
    rows = value if field.kind == "list" else ()
    return AnswerText(
        name=field.name,
        kind=field.kind,
        label=field.label.to(locale),
        words=_words(field, value, locale),
        value=value,
        personal=field.personal or any(inner.personal for inner in field.fields),
        rows=tuple(answers_in_words(field.fields, row, locale) for row in rows),
        people=field.people is not None,
    )


def _words(field: Field, value: Any, locale: object) -> str:
    if field.kind in ("place", "unit", "units", "staff", "files", "list"):
        return ""
    if field.kind == "yes_no":
        return (YES if value else NO).to(locale)
    if field.kind in ("choice", "choices"):
        labels = {choice.value: choice.label.to(locale) for choice in field.choices}
        values: list[str] = value if isinstance(value, list) else [value]
        separator = Text("、", ", ").to(locale)
        return separator.join(labels.get(one, one) for one in values)
    if field.kind == "money":
        return Text(f"{value:,.2f} 元", f"CNY {value:,.2f}").to(locale)
    if field.kind == "rating":
        return Text(f"{value} 星", f"{value} of 5").to(locale)
    if field.kind == "position":
        return f"{value['lat']}, {value['lon']}"
    if field.kind == "duration":
        return duration_words(value, locale)
    if field.kind in ("date", "datetime"):
        return _day(value, locale)
    return str(value)


def _day(value: str, locale: object) -> str:
    day = date.fromisoformat(value[:10])
    clock = f" {value[11:16]}" if len(value) > 10 else ""
    zh = f"{day.year}年{day.month}月{day.day}日{clock}"
    return Text(zh, f"{day.isoformat()}{clock}").to(locale)
