"""Engine states that load, and whose tokens and timers are the rows of tasks and moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn
from engine.definitions import versions
from engine.errors import DomainError
from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from engine.operations.doctor.trail import IMPORTED
from feel.text import Text

CHECK = "states"


def examine(db: Session, record: CaseRecord) -> Iterator[Discrepancy]:
    """Check one case's state, and the one that a recall or a reopening would go back to."""
    case = record.case
    if not record.states:
        text = Text("没有流程状态", "there is no engine state")
        yield Discrepancy(CHECK, "missing", text, case.id)
        return
    (state,) = record.states
    if case.outcome == IMPORTED:
        # Came in closed: the engine never ran it.
        return
    try:
        definition = versions.load(db, case.version_id).definition
        if state.prior:
            bpmn.open_tasks(definition, state.prior)
        tokens = {task.engine_id: task.node_id for task in bpmn.open_tasks(definition, state.state)}
        timers = {timer.engine_id for timer in bpmn.armed_timers(definition, state.state)}
    except DomainError as error:
        text = Text(
            f"流程状态无法载入：{error.text.zh}", f"the state does not load: {error.text.en}"
        )
        yield Discrepancy(CHECK, "unreadable", text, case.id)
        return
    left = set_aside(record)
    aside = {task.engine_id for task in record.tasks if task.id in left}
    yield from _tokens(record, {key: at for key, at in tokens.items() if key not in aside})
    yield from _timers(record, timers)


def set_aside(record: CaseRecord) -> set[int]:
    """Return the ids of tasks that a case left when it was merged into another one."""
    if record.case.main_id is None:
        return set()
    merged = max(event.seq for event in record.of_kind("case.merged"))
    return {event.task_id for event in record.of_kind("task.moved") if event.seq > merged}


def _tokens(record: CaseRecord, tokens: dict[str, str]) -> Iterator[Discrepancy]:
    rows = {task.engine_id: task for task in record.open.values()}
    for key, task in sorted(rows.items()):
        if tokens.get(key) != task.node_id:
            text = Text(
                f"待办环节“{task.name}”在流程状态中不存在",
                f"the open task “{task.name}” is not open in the engine's state",
            )
            yield Discrepancy(CHECK, "no-token", text, record.case.id, task.id)
    for key in sorted(tokens.keys() - rows.keys()):
        text = Text(
            f"流程停在环节 {tokens[key]}，但没有待办",
            f"the engine waits at {tokens[key]}, and there is no open task",
        )
        yield Discrepancy(CHECK, "no-task", text, record.case.id)


def _timers(record: CaseRecord, timers: set[str]) -> Iterator[Discrepancy]:
    rows: dict[str, Any] = {row.mark: row for row in record.due if row.kind == "timer"}
    for _ in sorted(timers - rows.keys()):
        text = Text("流程中的定时没有到期行", "a timer of the engine has no due row")
        yield Discrepancy(CHECK, "timer-lost", text, record.case.id)
    for key in sorted(rows.keys() - timers):
        text = Text("到期行所指的定时不存在", "a due row is for a timer that the engine lacks")
        yield Discrepancy(CHECK, "timer-left", text, record.case.id, rows[key].id)
