"""The work on a locked case: who acts and how, what stood before, what the engine is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn, settings
from engine.access import policy
from engine.bpmn.errors import EngineFault
from engine.definitions.versions import PublishedVersion
from engine.errors import Incident, TaskAlreadyDone
from engine.models import CaseMark, Event, Task, User
from engine.org import Climb
from engine.records.attempts import Attempt
from engine.records.locked_case import LockedCase
from engine.timing import clocks, promises
from engine.worktime import Limit, moment_text

# What a step may change of a case, besides its state.
CHANGING = (
    "level",
    "category",
    "priority",
    "risk",
    "limit_amount",
    "limit_unit",
    "limit_by",
    "promise",
    "department_id",
    "place_id",
    "place_name",
    "title",
)
# Columns of a case that the escalation table is asked with.
DECIDES_RUNGS = ("category", "priority")


@dataclass
class CaseWork(LockedCase):
    """A locked case being worked on: by whom, through which post, to do what, and when.

    ``verb`` is what is attempted, ``task`` and ``due_id`` what it is about; ``before`` are the
    case's columns as they stood when the work began, for a recall and for its clocks.
    """

    verb: str = field(kw_only=True)
    version: PublishedVersion = field(kw_only=True)
    works: clocks.DeadlineContext = field(kw_only=True)
    task: Task | None = field(default=None, kw_only=True)
    due_id: int | None = field(default=None, kw_only=True)
    # Whether an open incident waits for this case to go on.
    troubled: bool = field(default=False, kw_only=True)
    # Where the rung that fires arrives, and the task whose holder is late, once looked up.
    arrives: Climb | None = field(default=None, kw_only=True)
    at_work: Task | None = field(default=None, kw_only=True)
    # Whether what opens now starts again, whatever was used before: the case was reopened.
    begins_anew: bool = field(default=False, kw_only=True)
    before: dict[str, Any] = field(init=False)
    # Tasks that this step has closed: what is read of the database does not know yet.
    closed_tasks: list[Task] = field(default_factory=list)
    # What was answered now, by step: not yet in the database.
    new_answers: dict[str, Mapping[str, Any]] = field(default_factory=dict, kw_only=True)

    # The case's marks for figures, once read.
    marks: list[CaseMark] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.before = {column: getattr(self.case, column) for column in CHANGING}

    @property
    def today(self) -> date:
        """The local day on which this is done."""
        return settings.current().local_day(self.now)

    @property
    def last_day(self) -> date | None:
        """The local day on which the task's limit ends; None where it has none."""
        due = self.task.due_at if self.task is not None else None
        return None if due is None else settings.current().local_last_day(due)

    def attempt(self) -> Attempt:
        """Return who tries what here, as it is recorded if it is refused or fails."""
        task_id = self.task.id if self.task is not None else None
        return Attempt(self.case.id, self.actor, self.verb, self.now, task_id, self.due_id)

    def record_task(self, db: Session, kind: str, **data: Any) -> Event:
        """Append an event about the task at hand, with its step and name."""
        task = self.task
        assert task is not None
        return self.record(db, kind, task=task, node=task.node_id, name=task.name, **data)

    def sign_off(self, task: Task) -> None:
        """Note who did a task, and for whom; an unsigned one was signed by doing it.

        Where nobody acts, as in an import, or a citizen does, none of the staff did it.
        """
        if self.actor is None or self.actor.citizen_of is not None:
            return
        if task.assignee_id is None:
            task.assignee_id, task.signed_at = self.actor.user_id, task.done_at
        task.done_by = self.actor.user_id
        task.done_for = self.seat.for_user_id if self.seat else None

    def start_unsigned(self, db: Session, task: Task) -> None:
        """Start the handling clock at the end of the sign-for limit where the worker has not.

        Its rungs are those of the case as it was then: what this step changes came after.
        """
        node = self.version.node(task.node_id)
        with self._as_before():
            clocks.start_unsigned(db, self.case, task, node, self.works, now=self.now)

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        # Only what this step changed: a column that is set is written, though to the same value.
        before = {column: self.before[column] for column in DECIDES_RUNGS}
        after = {column: getattr(self.case, column) for column in before}
        changed = {column: after[column] for column in before if after[column] != before[column]}
        try:
            for column in changed:
                setattr(self.case, column, before[column])
            yield
        finally:
            for column, value in changed.items():
                setattr(self.case, column, value)


def refuse_done(db: Session, work: CaseWork) -> None:
    """Refuse what comes after a task was done. Raises TaskAlreadyDone, or NotFound if unseen."""
    task = work.task
    assert task is not None and work.actor is not None
    if task.done_at is None:
        return
    policy.require(db, work.actor, "see", work.case)
    by = db.get(User, task.done_by) if task.done_by else None
    at = moment_text(task.done_at, work.now, work.works.calendar)
    raise TaskAlreadyDone(task.id, by.name if by else "", at.zh)


@contextmanager
def engine_faults(work: CaseWork) -> Iterator[None]:
    """Turn what the engine could not do into an incident of this case."""
    try:
        yield
    except EngineFault as fault:
        raise Incident(
            work.case.id, fault.node_id or "", fault.text, {"variables": list(fault.variables)}
        ) from fault


def context_of(work: CaseWork) -> bpmn.Context:
    """Return the frozen picture of a case that the pure engine works on."""
    case = work.case
    return bpmn.Context(
        now=work.now,
        level=case.level,
        place=case.place.code,
        category=case.category,
        priority=case.priority,
        risk=case.risk,
        department=case.department.code if case.department else None,
        limit=case.limit_amount,
        limit_unit=case.limit_unit,
        limit_by=case.limit_by,
        promise=case.promise[0] if case.promise else None,
        promise_unit=case.promise[1] if case.promise else None,
        calendar=work.works.calendar,
        levels=settings.current().levels,
    )


def citizen_limit(work: CaseWork) -> Limit | None:
    """Return the limit of the citizen's clock: what triage said, else the process's own."""
    case = work.case
    if case.limit_amount is not None and not case.promise:
        return Limit(case.limit_amount, case.limit_unit or "working_days")
    return process_limit(work)


def process_limit(work: CaseWork) -> Limit | None:
    """Return the limit that the process, or its table for such a case, promises to the citizen."""
    return promises.limit_of(work.case, work.version.definition.process)
