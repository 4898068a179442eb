"""Marks for figures against the chain: each answer that was counted is there, and holds or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from engine.storage import marks
from feel.text import Text

CHECK = "tallies"


def examine(record: CaseRecord) -> Iterator[Discrepancy]:
    """Compare one case's marks with what its events say was answered."""
    there = {(mark.kind, mark.value, mark.at) for mark in record.marks}
    for kind, value, at in _expected(record):
        if (kind, value, at) not in there:
            text = Text(f"记录中的回答 {kind} 没有计数", f"no mark of the answer {kind}")
            yield Discrepancy(CHECK, "mark", text, record.case.id)
    holds = {mark.id for mark in marks.current(record.marks).values()}
    for mark in record.marks:
        if mark.current != (mark.id in holds):
            text = Text(f"{mark.kind} 的计数标记不是最新的", f"{mark.kind}: not the current mark")
            yield Discrepancy(CHECK, "mark", text, record.case.id, mark.id)


def _expected(record: CaseRecord) -> list[tuple[str, Any, Any]]:
    """Return what events say that figures count; what was recalled was never said."""
    found: list[tuple[int | None, str, Any, Any]] = []
    for event in record.events:
        if event.kind == "task.recalled":
            found = [one for one in found if one[0] != event.task_id]
        elif event.kind in ("task.completed", "message.sent", "case.closed", "case.rated"):
            told = record.data(event).get("figures") or {}
            task_id = event.task_id if event.kind == "task.completed" else None
            found += [(task_id, kind, value, event.at) for kind, value in told.items()]
    return [one[1:] for one in found]
