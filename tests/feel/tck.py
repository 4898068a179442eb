"""A runner for the test files of the DMN Technology Compatibility Kit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from tests.conftest import SHARED

KIT = SHARED / "data/dmn-tck"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True)
class Case:
    model: Path
    id: str
    inputs: dict[str, Any]
    expected_values: dict[str, Any]


def cases(home: Path) -> Iterator[Case]:
    """Every test case of every folder."""
    for tests in sorted(home.glob("*/*-test-*.xml")):
        root = etree.parse(str(tests)).getroot()
        model = tests.parent / (root.findtext("{*}modelName") or "").strip()
        for case in root.iter("{*}testCase"):
            inputs = {n.get("name", ""): _value(n) for n in case.iter("{*}inputNode")}
            yield Case(model, case.get("id", ""), inputs, dict(_expectations(case)))


def _expectations(case: Any) -> Iterator[tuple[str, Any]]:
    for node in case.iter("{*}resultNode"):
        for kind in ("{*}expected", "{*}computed"):
            for holder in node.findall(kind):
                yield node.get("name"), _value(holder)


def _value(node: Any) -> Any:
    components = node.findall("{*}component")
    if components:
        return {each.get("name"): _value(each) for each in components}
    items = node.find("{*}list")
    if items is not None:
        return [_value(item) for item in items.findall("{*}item")]
    value = node.find("{*}value")
    if value is None or value.get(f"{_XSI}nil") == "true":
        return None
    text = value.text or ""
    kind = (value.get(f"{_XSI}type") or node.get("type") or "string").rpartition(":")[2]
    if kind in ("decimal", "double", "number", "integer"):
        return Decimal(text)
    return text == "true" if kind == "boolean" else text


def same(expected: Any, actual: Any) -> bool:
    """Equal, numbers to the ten digits that the kit's own runner compares."""
    if isinstance(expected, Decimal) and isinstance(actual, (int, Decimal)):
        return abs(Decimal(actual) - expected) <= max(abs(expected), 1) * Decimal("1e-10")
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(expected)
            and all(same(a, b) for a, b in zip(expected, actual, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(same(item, actual[key]) for key, item in expected.items())
        )
    return type(expected) is type(actual) and expected == actual
