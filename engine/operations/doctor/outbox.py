"""Messages against their causes: what happened was told, and what was told had happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from engine.models import Case, Outbox
from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from engine.terms.channels import CASE
from feel.text import Text

CHECK = "outbox"
# An event of this kind queues exactly one message, whose cause names its task or itself.
OF_TASK = {"task.opened": "opened"}
OF_EVENT = {
    "task.transferred": "transferred",
    "task.assigned": "assigned",
    "effect.start_case": "start_case",
    "effect.create_document": "create_document",
    "mergers.called": "mergers",
}


def examine(record: CaseRecord, cleared: datetime | None = None) -> Iterator[Discrepancy]:
    """Check the messages of one case both ways; those of before ``cleared`` may be gone."""
    told = {row.cause for row in record.messages}
    for event, cause in _expected(record):
        if cause not in told and (cleared is None or event.at >= cleared):
            text = Text(
                f"第 {event.seq} 条记录应有的消息不在发件箱",
                f"the message that link {event.seq} must cause is not in the outbox",
            )
            yield Discrepancy(CHECK, "lost", text, record.case.id, event.id)
    known = _subjects_by_name(record)
    for row in record.messages:
        name, _, rest = row.cause.partition(":")
        subject = rest.partition(":")[0]
        if name in known and subject not in known[name]:
            text = Text("发件箱的消息没有原因", "a message in the outbox has no cause")
            yield Discrepancy(CHECK, "no-cause", text, record.case.id, row.id)
        if row.sent_at is not None and row.dead_at is not None:
            text = Text("消息既已发出又已作废", "a message is both sent and given up")
            yield Discrepancy(CHECK, "both", text, record.case.id, row.id)


def linked(db: Session) -> Iterator[Discrepancy]:
    """Yield messages that opened another case, and the case that they must have opened."""
    born = aliased(Case)
    of_row = and_(
        born.county_id == Outbox.county_id,
        born.source == "outbox:" + Outbox.id.cast(Case.source.type),
    )
    wanted = (
        select(Outbox.id, Outbox.case_id)
        .outerjoin(born, of_row)
        .where(Outbox.channel == CASE, Outbox.sent_at.is_not(None), born.id.is_(None))
        .execution_options(yield_per=500)
    )
    for row_id, case_id in db.execute(wanted):
        text = Text("应当另立的事项没有立", "the case that was to be opened was not")
        yield Discrepancy(CHECK, "not-opened", text, case_id, row_id)


def _expected(record: CaseRecord) -> Iterator[tuple[Any, str]]:
    for event, following in zip_longest(record.events, record.events[1:]):
        if event.kind in OF_TASK:
            if _is_handed_over(event, following):
                continue
            yield event, f"{OF_TASK[event.kind]}:{event.task_id}"
        elif event.kind in OF_EVENT:
            yield event, f"{OF_EVENT[event.kind]}:{event.id}"


def _is_handed_over(opening: Any, following: Any) -> bool:
    """Return whether a task opened in somebody's hands: that person is told, not the queue."""
    return (
        following is not None
        and following.kind == "task.assigned"
        and (following.task_id, following.at) == (opening.task_id, opening.at)
    )


def _subjects_by_name(record: CaseRecord) -> Mapping[str, set[str]]:
    """Return the subjects that the causes of each name may have."""
    tasks = {str(task.id) for task in record.tasks}
    found = dict.fromkeys(OF_TASK.values(), tasks)
    events: dict[str, set[str]] = {name: set() for name in OF_EVENT.values()}
    for event in record.events:
        if event.kind in OF_EVENT:
            events[OF_EVENT[event.kind]].add(str(event.id))
    return {**found, **events}
