"""The limit of a task with what it was extended by: in its own unit, and after the unit changed."""

from __future__ import annotations

from typing import Any

import pytest

from engine.models import Task
from engine.timing import clocks, limits
from engine.worktime import Limit

DAYS, HOURS = "working_days", "working_hours"


def given(limit: Limit | None, extension: Limit | None) -> Task:
    task = Task(limit_amount=9, limit_unit="months", limit_source="x", limit_by={"x": 1})
    found: Any = limits.AppliedLimit(limit, "case") if limit is not None else None
    clocks.set_limit(task, found, extension)
    return task


@pytest.mark.parametrize(
    ("extension", "amount", "source"),
    [
        (None, 10, "case"),
        (Limit(5, DAYS), 15, "extension"),
        # Asked for in days, and the limit is in hours since: it comes after it, and adds nothing.
        (Limit(5, HOURS), 10, "extension"),
        (Limit(5, "days"), 10, "extension"),
    ],
)
def test_an_extension_lengthens_a_limit_of_its_own_unit(
    extension: Limit | None, amount: int, source: str
) -> None:
    task = given(Limit(10, DAYS), extension)
    assert (task.limit_amount, task.limit_unit, task.limit_source) == (amount, DAYS, source)
    assert task.limit_by is not None
    told = task.limit_by.get("extended")
    assert told == ([extension.amount, extension.unit] if extension is not None else None)


@pytest.mark.parametrize("extension", [None, Limit(5, DAYS)])
def test_a_task_without_a_limit_has_none_whatever_was_granted(extension: Limit | None) -> None:
    task = given(None, extension)
    assert task.limit_amount is task.limit_unit is task.limit_source is task.limit_by is None
