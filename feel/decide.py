"""Run one decision of a DMN file and answer in JSON: the work behind `fengqiao decide`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feel.codec import to_json
from feel.dmn import load_dmn
from feel.expression import Functions


def decide(
    data: bytes,
    name: str,
    inputs: Mapping[str, Any],
    *,
    functions: Functions | None = None,
) -> dict[str, Any]:
    """Decide `name` (a decision's name or id) with JSON inputs.

    Gives `result`, `matched` (rule numbers from 1) and `errors`, each in both languages.
    Raises FeelError when the file cannot be used or has no such decision.
    """
    outcome = load_dmn(data).decision(name).decide(inputs, functions=functions)
    return {
        "result": to_json(outcome.result),
        "matched": list(outcome.matched_rules),
        "errors": [error.json() for error in outcome.errors],
    }
