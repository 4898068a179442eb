"""Cases with every row that belongs to them, a batch at a time, so that memory stays flat."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.models import (
    Attachment,
    Case,
    CaseAccess,
    CaseMark,
    CaseState,
    CaseWay,
    Confidentiality,
    Disclosure,
    Due,
    Event,
    Outbox,
    Participation,
    Pause,
    Task,
    TaskStay,
)
from engine.models.base import STAMPED_LEVELS

BATCH = 200
STAMPS = tuple(f"at_{level}" for level in STAMPED_LEVELS)
Columns = Sequence[ColumnElement[Any] | Any]

_CASE: Columns = (
    Case.id,
    Case.county_id,
    Case.process,
    Case.version_id,
    Case.place_id,
    Case.guarded,
    Case.unit_id,
    Case.opened_by,
    Case.opened_at,
    Case.due_at,
    Case.answered_at,
    Case.missed_at,
    Case.closed_at,
    Case.outcome,
    Case.source,
    Case.main_id,
)
_PARTS: Mapping[str, tuple[Columns, Any]] = {
    "states": (
        (CaseState.case_id, CaseState.state, CaseState.prior, CaseState.audit_length),
        CaseState.case_id,
    ),
    "events": (
        (
            Event.case_id,
            Event.id,
            Event.seq,
            Event.at,
            Event.kind,
            Event.actor_id,
            Event.task_id,
            Event.data,
        ),
        Event.seq,
    ),
    "tasks": (tuple(Task.__table__.c), Task.id),
    "due": (tuple(Due.__table__.c), Due.id),
    "access": (tuple(CaseAccess.__table__.c), CaseAccess.unit_id),
    "messages": (
        (
            Outbox.case_id,
            Outbox.id,
            Outbox.task_id,
            Outbox.channel,
            Outbox.cause,
            Outbox.sent_at,
            Outbox.dead_at,
        ),
        Outbox.id,
    ),
    "stays": (tuple(TaskStay.__table__.c), TaskStay.id),
    "marks": (tuple(CaseMark.__table__.c), CaseMark.id),
    "ways": (tuple(CaseWay.__table__.c), CaseWay.case_id),
    "pauses": (tuple(Pause.__table__.c), Pause.id),
    "helpers": (tuple(Participation.__table__.c), Participation.id),
    "confidentiality": (tuple(Confidentiality.__table__.c), Confidentiality.case_id),
    "disclosures": ((Disclosure.case_id, Disclosure.id, Disclosure.outcome), Disclosure.id),
    "files": ((Attachment.case_id, Attachment.id, Attachment.sealed), Attachment.id),
}


@dataclass(frozen=True)
class CaseRecord:
    """One case with its rows, as plain rows; a case without a state has none here either."""

    case: Any
    states: Sequence[Any] = ()
    events: Sequence[Any] = ()
    tasks: Sequence[Any] = ()
    due: Sequence[Any] = ()
    access: Sequence[Any] = ()
    messages: Sequence[Any] = ()
    stays: Sequence[Any] = ()
    marks: Sequence[Any] = ()
    ways: Sequence[Any] = ()
    pauses: Sequence[Any] = ()
    helpers: Sequence[Any] = ()
    confidentiality: Sequence[Any] = ()
    disclosures: Sequence[Any] = ()
    files: Sequence[Any] = ()
    _data: dict[int, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def open(self) -> dict[int, Any]:
        """The open tasks by id."""
        return {task.id: task for task in self.tasks if task.done_at is None}

    def data(self, event: Any) -> dict[str, Any]:
        """Return what an event says, read once; nothing where it cannot be read."""
        if event.id not in self._data:
            try:
                found = json.loads(event.data)
            except ValueError:
                found = {}
            self._data[event.id] = found if isinstance(found, dict) else {}
        return self._data[event.id]

    def of_kind(self, *kinds: str) -> Iterator[Any]:
        """Return the events of these kinds, oldest first."""
        return (event for event in self.events if event.kind in kinds)


def records(db: Session) -> Iterator[CaseRecord]:
    """Yield every case of the database with its rows, in the order of ids."""
    last = 0
    while True:
        wanted = select(*_CASE).where(Case.id > last).order_by(Case.id).limit(BATCH)
        found = db.execute(wanted).all()
        if not found:
            return
        last = found[-1].id
        parts = {name: _by_case(db, name, found[0].id, last) for name in _PARTS}
        for case in found:
            mine: dict[str, Any] = {name: rows.get(case.id, ()) for name, rows in parts.items()}
            yield CaseRecord(case, **mine)


def _by_case(db: Session, name: str, first: int, last: int) -> dict[int, list[Any]]:
    columns, order = _PARTS[name]
    case_id = next(column for column in columns if column.key == "case_id")
    wanted = select(*columns).where(case_id.between(first, last)).order_by(case_id, order)
    rows = db.execute(wanted)
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row.case_id)}
