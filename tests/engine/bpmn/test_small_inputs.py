"""Timers that once fired at the wrong hour, each with its right moments."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.worktime import Calendar
from tests.engine.bpmn.diagrams import Case
from tests.engine.bpmn.test_recurrence import SHANGHAI, at


def fired(diagram: bytes, armed: str, count: int) -> list[str]:
    """The local moments of the first firings."""
    case = Case(diagram, now=at(armed), calendar=Calendar()).start()
    found = []
    while case.timers and len(found) < count:
        (due,) = [one.fire_at for one in case.timers.values()]
        found.append(due.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
        case.wait(seconds=int((due - case.context.now).total_seconds()))
    return found


@pytest.mark.parametrize(
    ("name", "armed", "expected"),
    [
        ("11-cycle-anchored-past", "2026-11-30T14:37", ["12-01 09:00", "12-02 09:00"]),
        ("11-cycle-monthly", "2026-01-31T10:00",
         ["02-28 10:00", "03-31 10:00", "04-30 10:00", "05-31 10:00"]),
        ("13-month-after-midnight", "2026-03-31T07:30", ["04-30 07:30"]),
    ],
)  # fmt: skip
def test_a_timer_fires_when_it_should(
    shared: Path, name: str, armed: str, expected: list[str]
) -> None:
    diagram = (shared / f"cases/timers/{name}.bpmn").read_bytes()
    assert fired(diagram, armed, len(expected)) == expected
