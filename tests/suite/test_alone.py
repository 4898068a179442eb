"""Tests that run on SQLite alone: the list names what there is, and leaves nothing untried."""

from __future__ import annotations

import ast
import json

import pytest

from tests.conftest import ROOT, SQLITE_ALONE
from tools import alone


def test_it_names_tests_that_there_are() -> None:
    """Renamed or gone: take the line out, or write the list again by tools/alone.py."""
    lines = SQLITE_ALONE.read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if not line.startswith("#")]
    assert named == sorted(set(named))
    known = {
        f"{path.name}::{node.name}"
        for path in (ROOT / "tests/webapp").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert set(named) - known == set()


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"a": "x y", "b": "x"}, ["b"]),
        ({"a": "x", "b": "x"}, ["a"]),
        ({"a": "x y", "b": "y z", "c": "z x"}, ["a"]),
        ({"a": "x", "b": "x failed", "c": "x failed"}, ["a"]),
        ({"a": "x", "b": "y"}, []),
    ],
)
def test_each_statement_is_still_sent(sent: dict[str, str], found: list[str]) -> None:
    """Also where two tests send the same, and each could do without itself."""
    lines = [json.dumps([f"tests/webapp/{name}", text.split()]) for name, text in sent.items()]
    assert alone.alone(lines) == found
    left = {one for name in sent.keys() - set(found) for one in sent[name].split()}
    assert left == {one for text in sent.values() for one in text.split()}
