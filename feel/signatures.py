"""What the operators and built-in functions take and give, by kinds; for the inference."""

from __future__ import annotations

from collections.abc import Mapping

_DT, _YM = "days and time duration", "years and months duration"

ORDERED = frozenset({"number", "string", "date", "time", "date and time", _DT, _YM})

SUMS: Mapping[tuple[str, str], str] = {
    ("number", "number"): "number",
    ("string", "string"): "string",
    ("date", _DT): "date",
    ("date", _YM): "date",
    ("date and time", _DT): "date and time",
    ("date and time", _YM): "date and time",
    ("time", _DT): "time",
    (_DT, _DT): _DT,
    (_YM, _YM): _YM,
}
DIFFERENCES: Mapping[tuple[str, str], str] = {
    **{pair: kind for pair, kind in SUMS.items() if pair != ("string", "string")},
    ("date", "date"): _DT,
    ("date", "date and time"): _DT,
    ("date and time", "date"): _DT,
    ("date and time", "date and time"): _DT,
    ("time", "time"): _DT,
}
PRODUCTS: Mapping[tuple[str, str], str] = {
    ("number", "number"): "number",
    (_DT, "number"): _DT,
    (_YM, "number"): _YM,
}
QUOTIENTS: Mapping[tuple[str, str], str] = {
    **PRODUCTS,
    (_DT, _DT): "number",
    (_YM, _YM): "number",
}


def _both_ways(pairs: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    return {**{(right, left): kind for (left, right), kind in pairs.items()}, **pairs}


OPERATORS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "+": _both_ways(SUMS),
    "-": DIFFERENCES,
    "*": _both_ways(PRODUCTS),
    "/": QUOTIENTS,
    "**": {("number", "number"): "number"},
}

_CLOCK = {
    "hour": "number", "minute": "number", "second": "number", "time offset": _DT,
    "timezone": "string",
}  # fmt: skip
_DAY = {"year": "number", "month": "number", "day": "number", "weekday": "number"}
PARTS: Mapping[str, Mapping[str, str]] = {
    "date": _DAY,
    "time": _CLOCK,
    "date and time": {**_DAY, **_CLOCK},
    _DT: dict.fromkeys(("days", "hours", "minutes", "seconds"), "number"),
    _YM: dict.fromkeys(("years", "months"), "number"),
}

_TEXT, _NUMBER, _LIST = ("string",), ("number",), ()
_DATE = ("date", "date and time")
_DURATION = (_DT, _YM)

Takes = tuple[tuple[str, ...], ...]

# By function: the kinds that each parameter takes (none said: any), and the kind of the result.
FUNCTIONS: Mapping[str, tuple[Takes, str]] = {
    "not": ((("boolean",),), "boolean"),
    "number": ((("string", "number"),), "number"),
    "string": ((), "string"),
    "date": ((("string", "number", *_DATE),), "date"),
    "time": ((("string", "number", "time", *_DATE),), "time"),
    "date and time": ((("string", *_DATE),), "date and time"),
    "duration": ((("string", *_DURATION),), "days and time duration|years and months duration"),
    "years and months duration": ((_DATE, _DATE), _YM),
    "substring": ((_TEXT, _NUMBER, _NUMBER), "string"),
    "string length": ((_TEXT,), "number"),
    "upper case": ((_TEXT,), "string"),
    "lower case": ((_TEXT,), "string"),
    "trim": ((_TEXT,), "string"),
    "substring before": ((_TEXT, _TEXT), "string"),
    "substring after": ((_TEXT, _TEXT), "string"),
    "contains": ((_TEXT, _TEXT), "boolean"),
    "starts with": ((_TEXT, _TEXT), "boolean"),
    "ends with": ((_TEXT, _TEXT), "boolean"),
    "matches": ((_TEXT, _TEXT, _TEXT), "boolean"),
    "replace": ((_TEXT, _TEXT, _TEXT, _TEXT), "string"),
    "split": ((_TEXT, _TEXT), "list<string>"),
    "extract": ((_TEXT, _TEXT), "list<string>"),
    "string join": ((_LIST, _TEXT), "string"),
    "decimal": ((_NUMBER, _NUMBER), "number"),
    **dict.fromkeys(
        (
            "floor", "ceiling", "round up", "round down", "round half up", "round half down",
            "modulo", "sqrt", "log", "exp",
        ),
        ((_NUMBER, _NUMBER), "number"),
    ),
    "odd": ((_NUMBER,), "boolean"),
    "even": ((_NUMBER,), "boolean"),
    "count": ((), "number"),
    "sum": ((), "number"),
    "mean": ((), "number"),
    "median": ((), "number"),
    "stddev": ((), "number"),
    "product": ((), "number"),
    "mode": ((), "list<number>"),
    "all": ((), "boolean"),
    "any": ((), "boolean"),
    "list contains": ((), "boolean"),
    "index of": ((), "list<number>"),
    "day of year": ((_DATE,), "number"),
    "day of week": ((_DATE,), "string"),
    "month of year": ((_DATE,), "string"),
    "week of year": ((_DATE,), "number"),
    "last day of month": ((_DATE,), "date"),
    "is": ((), "boolean"),
    **dict.fromkeys(
        (
            "before", "after", "meets", "met by", "overlaps", "overlaps before", "overlaps after",
            "finishes", "finished by", "includes", "during", "starts", "started by", "coincides",
        ),
        ((), "boolean"),
    ),
    "get entries": ((("context",),), "list"),
    "context put": ((("context",),), "context"),
    "context merge": ((), "context"),
    "context": ((), "context"),
}  # fmt: skip

# Functions whose result is of the kind of their first argument, or of its items.
SAME = frozenset(
    {
        "abs", "sublist", "remove", "reverse", "distinct values", "duplicate values", "sort",
    }
)  # fmt: skip
ITEMS = frozenset({"min", "max"})
