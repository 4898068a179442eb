"""The type names of FEEL, for `instance of` and for the types that a DMN file declares."""

from __future__ import annotations

from feel.values import Value, kind_of

_ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "integer": "number",
    "long": "number",
    "double": "number",
    "decimal": "number",
}
SIMPLE = frozenset(
    {
        "number", "string", "boolean", "date", "time", "date and time",
        "days and time duration", "years and months duration", "list", "context", "range",
        "function",
    }
)  # fmt: skip


def plain(name: str) -> str:
    """Return the FEEL name behind a prefix (`feel:number`) or another spelling (`dateTime`)."""
    bare = name.rpartition(":")[2] if "<" not in name else name
    return _ALIASES.get(bare.strip(), bare.strip())


def conforms(value: Value, type_name: str) -> bool:
    """Return whether the value is an instance of the type. Null is an instance of Any and Null
    only.
    """
    kind, bracket, inner = plain(type_name).partition("<")
    kind = kind.strip()
    if kind == "Any":
        return value is not None
    if kind == "Null":
        return value is None
    if kind_of(value) != kind:
        return False
    return not bracket or _conforms_inside(value, kind, inner.rpartition(">")[0])


def _conforms_inside(value: Value, kind: str, inner: str) -> bool:
    if kind == "list":
        return all(conforms(item, inner) for item in value)
    if kind == "range":
        return all(conforms(end, inner) for end in (value.low, value.high) if end is not None)
    if kind == "context":
        pairs = (part.partition(":") for part in split_top(inner))
        return all(key in value and conforms(value[key], each) for key, _, each in pairs)
    return kind == "function"


def split_top(text: str) -> list[str]:
    """Split at the commas that stand outside angle brackets."""
    parts, level, start = [], 0, 0
    for index, sign in enumerate(text):
        level += (sign == "<") - (sign == ">")
        if sign == "," and not level:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]
