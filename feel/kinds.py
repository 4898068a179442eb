"""Which kinds of values a variable can hold, and how plain JSON becomes such values again.

JSON has no dates: they are kept as texts. Whoever knows that a variable is a date reads its
text as one before an expression sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feel import temporal
from feel.text import Text
from feel.types import plain, split_top
from feel.values import KIND_NAMES, Value, kind_of

TEMPORAL = frozenset(
    {
        "date", "time", "date and time", "days and time duration", "years and months duration",
    }
)  # fmt: skip

Read = Callable[[Any], Value]
"""Turns a JSON value into a value of FEEL. Raises UnfitText."""


@dataclass(frozen=True)
class Kind:
    """FEEL's names of the types a value can have; none at all where nothing is known.

    `item` is the kind of a list's items or of a range's ends, `entries` those of a context.
    That a value can be null goes without saying.
    """

    names: frozenset[str] = frozenset()
    item: Kind | None = None
    entries: tuple[tuple[str, Kind], ...] = ()

    @property
    def known(self) -> bool:
        return bool(self.names)

    @property
    def words(self) -> Text:
        """The names for a message."""
        found = [KIND_NAMES[name] for name in sorted(self.names) if name in KIND_NAMES]
        return Text("或".join(w.zh for w in found), " or ".join(w.en for w in found))

    def entry(self, key: str) -> Kind | None:
        """Return the kind of a context's entry; None for one that is not known."""
        return dict(self.entries).get(key)

    def __str__(self) -> str:
        """Return the kind in FEEL's notation of types, several joined by `|`."""
        return "|".join(self._spell(name) for name in sorted(self.names)) or "Any"

    def _spell(self, name: str) -> str:
        if name in ("list", "range") and self.item is not None:
            return f"{name}<{self.item}>"
        if name == "context" and self.entries:
            return f"context<{', '.join(f'{key}: {kind}' for key, kind in self.entries)}>"
        return name


ANYTHING = Kind()


def simple(*names: str) -> Kind:
    return Kind(frozenset(names))


def list_of(item: Kind) -> Kind:
    return Kind(frozenset({"list"}), item)


def context_of(entries: Mapping[str, Kind]) -> Kind:
    return Kind(frozenset({"context"}), None, tuple(sorted(entries.items())))


def joined(kinds: Iterable[Kind]) -> Kind:
    """Return what a value is that is of one of these kinds; anything as soon as one is not
    known.
    """
    result: Kind | None = None
    for kind in kinds:
        result = kind if result is None else _either(result, kind)
    return result or ANYTHING


def _either(one: Kind, other: Kind) -> Kind:
    if one == other or not (one.known and other.known):
        return one if one == other else ANYTHING
    items = [kind.item for kind in (one, other) if kind.names & {"list", "range"}]
    item = joined(each or ANYTHING for each in items) if items else None
    entries: dict[str, Kind] = {}
    for key, kind in (*one.entries, *other.entries):
        entries[key] = _either(entries[key], kind) if key in entries else kind
    return Kind(one.names | other.names, item, tuple(sorted(entries.items())))


def parse_kind(text: str) -> Kind:
    """Return a kind from its notation, as `str` gives it; anything for a name that is not one."""
    return joined(map(_parse_one, _alternatives(text)))


def _alternatives(text: str) -> list[str]:
    parts, level, start = [], 0, 0
    for index, sign in enumerate(text):
        level += (sign == "<") - (sign == ">")
        if sign == "|" and not level:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in [*parts, text[start:]]]


def _parse_one(text: str) -> Kind:
    name, bracket, rest = text.partition("<")
    name = plain(name)
    if name not in KIND_NAMES:
        return ANYTHING
    inner = rest.rpartition(">")[0]
    if bracket and name in ("list", "range"):
        return Kind(frozenset({name}), parse_kind(inner))
    if bracket and name == "context":
        pairs = (part.partition(":") for part in split_top(inner))
        return context_of({key.strip(): parse_kind(kind) for key, _, kind in pairs})
    return simple(name)


class UnfitText(ValueError):
    """A text that is not of the kind its variable was declared to be."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(str(kind))
        self.kind = kind


def reader(kind: Kind) -> Read | None:
    """Return how JSON values of this kind are read; None where they are what they are.

    Where a text may just as well be meant as a text it stays one.
    """
    wanted = kind.names & TEMPORAL
    text = _text_reader(kind) if wanted and "string" not in kind.names else None
    item = reader(kind.item) if kind.item is not None else None
    inner = {key: reader(each) for key, each in kind.entries}
    entries = {key: one for key, one in inner.items() if one is not None}
    if text is not None and item is None and not entries:
        return text
    if text is None and item is None and not entries:
        return None

    def read(value: Any) -> Value:
        if isinstance(value, str) and text is not None:
            return text(value)
        if isinstance(value, list) and item is not None:
            return [item(each) for each in value]
        if isinstance(value, Mapping) and entries:
            return {key: entries[key](v) if key in entries else v for key, v in value.items()}
        return value

    return read


def _text_reader(kind: Kind) -> Read:
    wanted = kind.names
    parse = temporal.parse_date if wanted == {"date"} else temporal.parse_any

    def read(value: Any) -> Value:
        if not isinstance(value, str):
            return value
        found = parse(value)
        if kind_of(found) not in wanted:
            raise UnfitText(kind)
        return found

    return read
