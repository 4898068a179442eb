"""Words of a paper as it prints them: every field is there, dates and amounts in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.documents.papers import amounts
from engine.documents.papers.catalogue import PaperKind

# Words that a sheet shows line by line, each with a number.
LINES = frozenset({"claims", "routes", "enclosed"})


def of_words(kind: PaperKind, words: Mapping[str, Any]) -> dict[str, Any]:
    """Return them by name; what nobody said is empty."""
    found: dict[str, Any] = {}
    for field in kind.words.fields:
        value = words.get(field.name)
        if field.kind == "list":
            inner = {one.name: one for one in field.fields}
            found[field.name] = [
                {name: _one(inner[name].kind, row.get(name)) for name in inner}
                for row in value or ()
            ]
        elif field.name in LINES:
            lines = (line.strip() for line in str(value or "").splitlines())
            found[field.name] = [line for line in lines if line]
        else:
            found[field.name] = _one(field.kind, value)
    summed = words.get("total") or words.get("amount")
    if summed:
        found["capitals"] = amounts.in_words(Decimal(str(summed)))
    return {"capitals": "", **found}


def _one(kind: str, value: Any) -> Any:
    if kind == "yes_no":
        return bool(value)
    if value in (None, ""):
        return ""
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    if kind == "money":
        return f"{Decimal(str(value)):.2f}"
    if kind in ("date", "datetime"):
        day = date.fromisoformat(str(value)[:10])
        clock = f"{value[11:13]}时{value[14:16]}分" if kind == "datetime" else ""
        return f"{day.year}年{day.month}月{day.day}日{clock}"
    return str(value)
