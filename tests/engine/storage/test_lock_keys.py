"""Locks are known by numbers; two that share one would wait for each other without a reason."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("engine", "webapp", "forms", "bench")


def test_every_lock_has_a_number_of_its_own() -> None:
    names = defaultdict(list)
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.parse(path.read_text("utf-8")).body:
                if (
                    isinstance(node, ast.Assign)
                    and isinstance(node.value, ast.Constant)
                    and isinstance(node.value.value, int)
                    and 620_700 <= node.value.value < 620_800
                ):
                    names[node.value.value].append(f"{path.relative_to(ROOT)}: {ast.unparse(node)}")
    assert len(names) >= 8
    assert {key: places for key, places in names.items() if len(places) > 1} == {}
