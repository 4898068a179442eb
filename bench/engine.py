"""How long the engine alone takes for one completed task, with its state loaded and saved."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from bench.cases import DIAGRAM, PROCESS, STEPS, answers
from engine import bpmn
from engine.worktime import Calendar

_CONTEXT = bpmn.Context(
    now=datetime(2026, 3, 2, 1, tzinfo=UTC), level="village", calendar=Calendar()
)


def definition() -> bpmn.ProcessDefinition:
    """Parse the measured diagram."""
    return bpmn.parse({DIAGRAM.name: DIAGRAM.read_bytes()}, PROCESS)


def engine_ms(n: int) -> float:
    """Return the median milliseconds of one completion over ``n`` cases, state in, state out."""
    version = definition()
    taken: list[float] = []
    for number in range(n):
        step = bpmn.start(version, {}, _CONTEXT)
        for name in STEPS:
            filled = answers(name, number)
            began = time.perf_counter()
            step = bpmn.complete(
                version, step.state, step.opened_tasks[0].engine_id, filled, _CONTEXT
            )
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    print(f"{engine_ms(300):.3f} ms")
