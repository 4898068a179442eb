"""Who may see a case: whoever works on it, and nobody whom neither rows nor chain explain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from feel.text import Text

CHECK = "access"


def examine(record: CaseRecord) -> Iterator[Discrepancy]:
    """Check one case's rows of access both ways."""
    seeing = {row.unit_id for row in record.access if row.until_at is None}
    for task in record.open.values():
        if task.unit_id not in seeing:
            text = Text(
                f"承办“{task.name}”的单位看不到事项",
                f"the unit of “{task.name}” cannot see the case",
            )
            yield Discrepancy(CHECK, "shut-out", text, record.case.id, task.id)
    for helper in record.helpers:
        if helper.done_at is None and helper.unit_id not in seeing:
            text = Text("协办单位看不到事项", "a helping unit cannot see the case")
            yield Discrepancy(CHECK, "shut-out", text, record.case.id, helper.id)
    # What is confidential is not shown for its place alone, and may go round it.
    if record.case.place_id not in seeing and not record.case.guarded:
        text = Text("所在地单位看不到事项", "the unit of the case's place cannot see it")
        yield Discrepancy(CHECK, "shut-out", text, record.case.id)
    yield from _unexplained(record)


def _unexplained(record: CaseRecord) -> Iterator[Discrepancy]:
    rows = [row for row in record.access if row.until_at is None]
    known = {record.case.place_id, record.case.unit_id}
    known.update(task.unit_id for task in record.tasks)
    known.update(helper.unit_id for helper in record.helpers)
    strangers = [row for row in rows if row.unit_id not in known]
    if not strangers:
        return
    for event in record.events:
        known.update(_numbers(record.data(event)))
    for row in strangers:
        if row.unit_id not in known:
            text = Text(
                "有单位能看到事项，但没有任何记录说明原因",
                "a unit may see the case, and nothing in its record says why",
            )
            yield Discrepancy(CHECK, "unexplained", text, record.case.id, row.unit_id)


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from _numbers(one)
