"""The types a DMN file declares: what a value must be, and how JSON text becomes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from feel import temporal
from feel.dmn.document import Element, line_of, part, parts, text_of
from feel.expression import Tests, compile_tests
from feel.faults import FeelError
from feel.text import Text
from feel.types import SIMPLE, plain
from feel.values import Value, kind_name, kind_of, settle

_READERS: dict[str, Callable[[str], Value]] = {
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.parse_moment,
    "days and time duration": temporal.parse_duration,
    "years and months duration": temporal.parse_duration,
}


class Problems(list[Text]):
    """What is wrong with values; `fault` is the first that says that one is of a wrong type."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Text | None = None

    def mismatch(self, text: Text) -> None:
        """Add that a value is of a wrong type."""
        self.append(text)
        self.fault = self.fault or text


@dataclass(frozen=True)
class Type:
    """`kind` is a FEEL type name, or empty when anything goes."""

    kind: str = ""
    collection: bool = False
    allowed_values: Tests | None = None
    components: Mapping[str, Type] = field(default_factory=dict)
    whole: bool = False
    """A number without fraction."""

    def admit(self, value: Value, name: str, errors: Problems) -> Value:
        """Return the value as this type; null, with an error, when it does not conform."""
        if value is None:
            return None
        value = settle(value)
        if self.collection:
            items = value if type(value) is list else [value]
            single = replace(self, collection=False)
            return [single.admit(item, name, errors) for item in items]
        if self.components:
            return self._admit_context(value, name, errors)
        value = self._admit_simple(value, name, errors)
        if value is not None and self.allowed_values and not self.allowed_values.matches(value):
            errors.append(_not_allowed(name, value, self.allowed_values.source))
            return None
        return value

    def _admit_context(self, value: Value, name: str, errors: Problems) -> Value:
        if type(value) is not dict:
            errors.mismatch(_wrong(name, value, "context"))
            return None
        admitted = {
            key: part_type.admit(value.get(key), f"{name}.{key}", errors)
            for key, part_type in self.components.items()
        }
        return {**value, **admitted}

    def _admit_simple(self, value: Value, name: str, errors: Problems) -> Value:
        if not self.kind or kind_of(value) == self.kind:
            return value
        if type(value) is str and self.kind in _READERS:
            value = _READERS[self.kind](value) or value
        if self.kind == "date and time" and type(value) is date:
            value = datetime.combine(value, time())
        if kind_of(value) == self.kind:
            return value
        errors.mismatch(_wrong(name, value, self.kind))
        return None


ANY = Type()
_WHOLE = ("integer", "long")


def _wrong(name: str, value: Value, kind: str) -> Text:
    got = kind_name(value)
    return Text(
        f"“{name}”应是 {kind}，得到的是{got.zh}。", f"“{name}” must be {kind}, not {got.en}."
    )


def _not_allowed(name: str, value: Value, allowed: str) -> Text:
    return Text(
        f"“{name}”的值“{value}”不在允许的范围（{allowed}）内。",
        f"“{name}” is “{value}”, which is none of the allowed values ({allowed}).",
    )


class Types:
    """The item definitions of one file."""

    def __init__(self, root: Element) -> None:
        self._items = {item.get("name", ""): item for item in parts(root, "itemDefinition")}
        self._types: dict[str, Type] = {}

    def names(self) -> set[str]:
        """Return the names of all components, which expressions may use in paths."""
        return {
            inner.get("name", "")
            for item in self._items.values()
            for inner in item.iter()
            if inner.get("name")
        }

    def resolve(self, reference: str | None) -> Type:
        """Return the type behind a `typeRef`; anything for an unknown one."""
        name = (reference or "").strip()
        bare = name.rpartition(":")[2]
        for key in (name, bare):
            if key in self._types:
                return self._types[key]
            if key in self._items:
                return self._learn(key)
        kind = plain(name)
        return Type(kind, whole=bare in _WHOLE) if kind in SIMPLE else ANY

    def _learn(self, key: str) -> Type:
        # A type that contains itself is open at that place.
        self._types[key] = ANY
        try:
            self._types[key] = self._read(self._items[key])
        except FeelError:
            # Whoever uses the type next is to hear of its fault as well.
            del self._types[key]
            raise
        return self._types[key]

    def _read(self, item: Element) -> Type:
        collection = item.get("isCollection") == "true"
        components = {
            each.get("name", ""): self._read(each) for each in parts(item, "itemComponent")
        }
        if components:
            return Type("context", collection, None, components)
        reference = part(item, "typeRef")
        base = self.resolve(reference.text if reference is not None else None)
        allowed = allowed_values(part(item, "allowedValues")) or base.allowed_values
        return replace(base, collection=collection or base.collection, allowed_values=allowed)


def allowed_values(element: Element | None) -> Tests | None:
    """Return the tests of an `allowedValues`, `inputValues` or `outputValues`; None without any."""
    text = text_of(element)
    if not text or element is None:
        return None
    try:
        return compile_tests(text)
    except FeelError as error:
        error.element_line = line_of(element)  # type: ignore[attr-defined]
        raise
