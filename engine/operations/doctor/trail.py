"""What a case's chain says of its open tasks and its end, against the rows."""

from __future__ import annotations

from collections.abc import Iterator

from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from feel.text import Text

CLOSING = ("task.completed", "task.returned", "task.moved", "task.cancelled")
# A case that came in closed has no steps: its answers are receipts of the import.
IMPORTED = "imported"


def tasks(record: CaseRecord) -> Iterator[Discrepancy]:
    """Yield tasks that are open in the chain alone or in the rows alone; a case's end likewise."""
    said, case = open_tasks(record), record.case
    for task_id in sorted(said - record.open.keys()):
        text = Text(
            "按记录应未办结的环节没有待办",
            "a task that is open by the record has no open row",
        )
        yield Discrepancy("tasks", "not-open", text, case.id, task_id)
    for task_id in sorted(record.open.keys() - said):
        text = Text("待办环节在记录中没有打开", "an open task was never opened in the record")
        yield Discrepancy("tasks", "not-opened", text, case.id, task_id)
    if is_closed(record) != (case.closed_at is not None):
        text = Text(
            "是否办结与记录不符", "whether the case is closed differs from what the record says"
        )
        yield Discrepancy("tasks", "end", text, case.id)


def open_tasks(record: CaseRecord) -> set[int]:
    """Return ids of the tasks that are open according to the chain."""
    opened: set[int] = set()
    closed: dict[int, int] = {}
    for event in record.events:
        if event.kind in ("task.opened", "task.put_back"):
            opened.add(event.task_id)
        elif event.kind in CLOSING:
            opened.discard(event.task_id)
            closed[event.task_id] = event.seq
        elif event.kind == "task.recalled":
            # What was done or cancelled by that completion is open again, each without a link.
            since = closed.get(event.task_id, event.seq)
            again = {task_id for task_id, seq in closed.items() if seq >= since}
            opened |= again
            closed = {key: seq for key, seq in closed.items() if key not in again}
    return opened


def is_closed(record: CaseRecord) -> bool:
    """Return whether the chain's last word is that the case was closed."""
    words = [event.kind for event in record.of_kind("case.closed", "case.reopened")]
    return bool(words) and words[-1] == "case.closed"
