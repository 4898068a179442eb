"""How fast expressions and decision tables are: `fengqiao bench feel`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from feel import Decision, compile_expression, load_dmn

CONDITION = 'amount > 5000 and category = "土地"'
EVALUATIONS = 1_000_000
RULES = 50
_DECISIONS = 3_000
_BATCH = 100
_CATEGORIES = (
    "土地", "房屋", "邻里", "婚姻家庭", "劳动争议",
    "合同", "损害赔偿", "物业", "环境", "其他",
)  # fmt: skip
_RISKS = ("高", "中", "低")


def run(evaluations: int = EVALUATIONS) -> dict[str, Any]:
    """Time a condition, and a table of 50 rules and 3 inputs (median, in ms per decision).

    `seconds` is for all evaluations; `table_compared_ms` is a table without constants to look
    up (every cell is a comparison), `compile_ms` what loading a table's file costs once.
    """
    seconds = _time_condition(evaluations)
    start = time.perf_counter()
    table = load_dmn(table_file(_mixed_cells)).decision("triage")
    loaded = time.perf_counter() - start
    compared = load_dmn(table_file(_compared_cells)).decision("triage")
    return {
        "evaluations": evaluations,
        "seconds": round(seconds, 3),
        "seconds_per_million": round(seconds * 1_000_000 / evaluations, 3),
        "rules": RULES,
        "inputs": 3,
        "table_ms": round(_time_table(table), 4),
        "table_compared_ms": round(_time_table(compared), 4),
        "compile_ms": round(loaded * 1000, 1),
    }


def _time_condition(evaluations: int) -> float:
    expression = compile_expression(CONDITION)
    matching = {"amount": 6000, "category": "土地"}
    evaluate = expression.evaluate
    if not evaluate(matching):
        raise AssertionError("the benchmark's condition must hold")
    start = time.perf_counter()
    for _ in range(evaluations):
        evaluate(matching)
    return time.perf_counter() - start


def _time_table(table: Decision) -> float:
    cases = [
        {"amount": 137 * n % 50_000, "category": _CATEGORIES[n % 10], "risk": _RISKS[n % 3]}
        for n in range(_DECISIONS)
    ]
    batches = [cases[start : start + _BATCH] for start in range(0, len(cases), _BATCH)]
    return statistics.median(_time_batch(table, batch) for batch in batches)


def _time_batch(table: Decision, cases: list[dict[str, Any]]) -> float:
    start = time.perf_counter()
    for case in cases:
        table.decide(case)
    return (time.perf_counter() - start) * 1000 / len(cases)


def _mixed_cells(number: int) -> tuple[str, str, str]:
    """As policy staff write them: a range, a text, several texts."""
    low = number // 10 * 10_000
    risks = '"高","中"' if number % 2 else "-"
    return f"[{low}..{low + 10_000})", f'"{_CATEGORIES[number % 10]}"', risks


def _compared_cells(number: int) -> tuple[str, str, str]:
    return f"> {number * 900}", f'not("{_CATEGORIES[number % 10]}")', '? != "低"'


def table_file(cells: Callable[[int], tuple[str, str, str]]) -> bytes:
    """Return a DMN file with one table of 50 rules over amount, category and risk."""
    inputs = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>"
        for name in ("amount", "category", "risk")
    )
    body = "".join(_rules(cells))
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="bench">'
        '<decision id="triage" name="triage"><decisionTable hitPolicy="FIRST">'
        f'{inputs}<output name="limit"/>{body}</decisionTable></decision></definitions>'
    ).encode()


def _rules(cells: Callable[[int], tuple[str, str, str]]) -> Iterator[str]:
    for number in range(RULES):
        entries = "".join(
            f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells(number)
        )
        yield f"<rule>{entries}<outputEntry><text>{number}</text></outputEntry></rule>"
