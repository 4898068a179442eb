"""Answers of Open311 in its two formats, with the names that the standard gives to elements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

MIME = {"json": "application/json", "xml": "text/xml"}
# What the elements of a list are called.
ITEMS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
}
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def listing(form: str, root: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a list of rows; in JSON a plain array."""
    if form == "json":
        return json.dumps(list(rows), ensure_ascii=False)
    return f"{HEAD}{_element(root, list(rows))}"


def single(form: str, root: str, row: Mapping[str, Any]) -> str:
    """Return one row."""
    return json.dumps(row, ensure_ascii=False) if form == "json" else f"{HEAD}{_element(root, row)}"


def _element(name: str, value: Any) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(key, one) for key, one in value.items())}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element(ITEMS[name], one) for one in value)}</{name}>"
    return f"<{name}>{escape(_legal(str(value)))}</{name}>"


def _legal(text: str) -> str:
    """Return a text without what no XML may hold."""
    return "".join(one for one in text if one >= " " or one in "\t\n")
