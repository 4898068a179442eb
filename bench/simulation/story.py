"""What a case's chain says of people: who had a task when, whom each rung had to reach and tell.

Goes with the replay of the clocks, event by event. What is not as it must be becomes a fault with
a name; who was told is compared with the messages when the whole chain has been heard.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation.facts import Facts
from bench.simulation.replay import HANDLE, SIGN, CaseReplay
from bench.simulation.staff import LateHolder, RungArrival, Staff
from bench.simulation.stay import ReplayedStay
from bench.simulation.tasks import ReplayedTask
from engine.models import Case, Demand, Event, Outbox

TOLD = ("case.escalated", "case.supervised", "case.reassigned")


class Fault(NamedTuple):
    """Something that is not as it must be: what kind, at which event, in words."""

    what: str
    task: int
    at: datetime
    words: str


class RungMessage(NamedTuple):
    """One message to one person about one rung."""

    task: int
    at: datetime
    user: int
    key: str


class CaseStory(CaseReplay):
    """One case: its clocks, its stays, and whom its rungs reached."""

    def __init__(self, db: Session, facts: Facts, case: Case, staff: Staff) -> None:
        super().__init__(db, facts, case)
        self.staff = staff
        self.faults: list[Fault] = []
        self.rung_messages: list[RungMessage] = []
        self.closed = False
        # By task: the role it waits for, who has it in hands, its stays with the present one last.
        self.roles: dict[int, str] = {}
        self.persons: dict[int, int] = {}
        self.stays_of: dict[int, list[ReplayedStay]] = {}
        self.known_notices: set[tuple[int, str, int]] = set()

    def _hear(self, event: Event) -> None:
        data = json.loads(event.data)
        if event.kind == "task.transferred":
            self._settle()
            self._ring(event.at)
            self._pass_on(self.tasks[event.task_id or 0], data["to_unit"], event.at)
        if event.kind == "escalated":
            self._settle()
            self._ring(event.at)
            self._escalate(event, data)
        super()._hear(event)
        then = getattr(self, f"_then_{event.kind.replace('.', '_')}", None)
        if then is not None:
            then(event, data)
        task = self.tasks.get(event.task_id or 0)
        if task is not None and task.id in self.stays_of:
            self._look(task)

    def stays(self) -> Iterator[ReplayedStay]:
        """Yield every stay of every task, those of open tasks with the deadlines of now."""
        for task in self.tasks.values():
            if task.done_at is None:
                self._look(task)
            yield from self.stays_of[task.id]

    def messages(self) -> Iterator[Fault]:
        """Yield messages of rungs that are missing, or that nobody should have got.

        A confidential case goes round people whom only its own rules know.
        """
        if self.case.guarded:
            return
        rows = select(Outbox.task_id, Outbox.at, Outbox.user_id, Outbox.key).where(
            Outbox.case_id == self.case.id, Outbox.key.in_(TOLD), Outbox.channel == "in_app"
        )
        found = Counter(
            RungMessage(task or 0, at, user or 0, key)
            for task, at, user, key in self.db.execute(rows)
        )
        told = Counter(self.rung_messages)
        for word, some in (("untold", told - found), ("told too much", found - told)):
            for one in some.elements():
                yield Fault(word, one.task, one.at, f"{one.key} to {one.user}")

    # Who has it

    def _then_task_opened(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        self.roles[task.id] = data["role"]
        self.stays_of[task.id] = [ReplayedStay(task.unit, event.at, sign_due=task.sign_due)]

    def _then_task_signed(self, event: Event, data: Mapping[str, Any]) -> None:
        self._take(event, event.actor_id)

    def _then_task_assigned(self, event: Event, data: Mapping[str, Any]) -> None:
        self._take(event, data["to_person"])

    def _then_task_transferred(self, event: Event, data: Mapping[str, Any]) -> None:
        self._take(event, data["to_person"])

    def _then_task_released(self, event: Event, data: Mapping[str, Any]) -> None:
        self.persons.pop(event.task_id or 0, None)

    def _then_escalated(self, event: Event, data: Mapping[str, Any]) -> None:
        if data.get("taken"):
            self.persons.pop(event.task_id or 0, None)

    def _then_case_handed_over(self, event: Event, data: Mapping[str, Any]) -> None:
        for task_id in data["tasks"]:
            self.persons.pop(task_id, None)
            self.stays_of[task_id][-1].unit = data["to_unit"]

    def _then_task_completed(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks.get(event.task_id or 0)
        if task is not None:
            self._take(event, self.persons.get(task.id) or event.actor_id)
            self._leave(task, event.at)

    def _then_task_returned(self, event: Event, data: Mapping[str, Any]) -> None:
        self._leave(self.tasks[event.task_id or 0], event.at)

    _then_task_moved = _then_task_cancelled = _then_task_returned

    def _then_case_closed(self, event: Event, data: Mapping[str, Any]) -> None:
        self.closed = True

    def _then_case_reopened(self, event: Event, data: Mapping[str, Any]) -> None:
        self.closed = False

    def _then_task_recalled(self, event: Event, data: Mapping[str, Any]) -> None:
        for task in self.tasks.values():
            if task.done_at is None and self.stays_of[task.id][-1].left_at is not None:
                self.stays_of[task.id][-1].left_at = None

    def _then_task_deserted(self, event: Event, data: Mapping[str, Any]) -> None:
        self._expect("nobody there", event, self._sits(event, data), False)

    def _then_task_manned(self, event: Event, data: Mapping[str, Any]) -> None:
        self._expect("somebody there", event, self._sits(event, data), True)

    def _sits(self, event: Event, data: Mapping[str, Any]) -> bool:
        return bool(self.staff.at(event.at).people(data["unit"], data["role"], event.at))

    def unseen(self) -> Iterator[Fault]:
        """Yield tasks that wait where nobody sits, without a word, or the other way round."""
        for task in self.tasks.values():
            if task.done_at is None and self.persons.get(task.id) is None and not self.closed:
                roster, role = self.staff.at(self.until), self.roles[task.id]
                sits = bool(roster.people(task.unit, role, self.until))
                if sits == (task.queue_empty_since is not None):
                    yield Fault("empty queue", task.id, self.until, f"{role} of {task.unit}")

    def _take(self, event: Event, person: int | None) -> None:
        task = self.tasks[event.task_id or 0]
        if person is None:
            self.persons.pop(task.id, None)
            return
        self.persons[task.id] = person
        if self.stays_of[task.id][-1].taken_at is None:
            self.stays_of[task.id][-1].taken_at = event.at

    def _pass_on(self, task: ReplayedTask, unit: int, at: datetime) -> None:
        if unit != task.unit:
            self._look(task)
            self._leave(task, at)
            self.stays_of[task.id].append(ReplayedStay(unit, at, sign_due=task.sign_due))

    def _leave(self, task: ReplayedTask, at: datetime) -> None:
        if self.stays_of[task.id][-1].left_at is None:
            self.stays_of[task.id][-1].left_at = at

    def _look(self, task: ReplayedTask) -> None:
        """The deadlines of the present stay; a clock that stood still to the end was not late."""
        stay = self.stays_of[task.id][-1]
        stood = bool(task.pauses) and task.pauses[-1][1] == stay.left_at is not None
        stay.due = None if task.paused_at is not None or stood else task.due
        stay.sign_due = task.sign_due

    # Whom a rung reaches

    def _escalate(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks.get(event.task_id or 0)
        late = self._late(task)
        if self.case.guarded:
            return
        over = data["act"] == "supervise"
        must = self.staff.climb(event.at, late, data["levels_up"], data["role"], over=over)
        skipped = tuple((one["unit"], one["reason"]) for one in data["skipped"])
        is_so = RungArrival(data["unit"], frozenset(data["reached"]), skipped)
        self._expect("arrival", event, must, is_so)
        if late.person in data["reached"]:
            self._fault("heard of himself", event, str(late.person))
        moot = self._moot(task, data)
        if data.get("moot") != "moved":
            self._expect("moot", event, moot, data.get("moot"))
        if not data.get("moot"):
            self._tell(event, data, task, late, must)

    def _late(self, task: ReplayedTask | None) -> LateHolder:
        if task is None:
            open_ones = [one for one in self.tasks.values() if one.done_at is None]
            task = min(open_ones, key=lambda one: one.id, default=None)
        if task is None:
            return LateHolder(self.case.unit_id, "")
        return LateHolder(task.unit, self.roles[task.id], self.persons.get(task.id))

    def _moot(self, task: ReplayedTask | None, data: Mapping[str, Any]) -> str | None:
        if self.closed:
            return "closed"
        if task is None:
            return None
        if task.done_at is not None:
            return "done"
        if data["clock"] == SIGN and self.persons.get(task.id) is not None:
            return "signed"
        waits = self.persons.get(task.id) is None and not task.handled and task.sign_due is not None
        waits = waits or task.queue_empty_since is not None
        if data["clock"] == HANDLE and waits and data["act"] != "escalate":
            return "unsigned"
        return None

    def _tell(
        self,
        event: Event,
        data: Mapping[str, Any],
        task: ReplayedTask | None,
        late: LateHolder,
        must: RungArrival,
    ) -> None:
        key = self._key(event, data, task, late, must)
        if key is None:
            return
        about = task.id if task is not None else self._about()
        hour = f"{event.at:%Y%m%d%H}"
        for user in sorted(must.recipients):
            if (about, hour, user) not in self.known_notices:
                self.known_notices.add((about, hour, user))
                self.rung_messages.append(
                    RungMessage(task.id if task is not None else 0, event.at, user, key)
                )

    def _about(self) -> int:
        found = [one.id for one in self.tasks.values() if one.done_at is None]
        return min(found, default=self.case.id)

    def _key(
        self,
        event: Event,
        data: Mapping[str, Any],
        task: ReplayedTask | None,
        late: LateHolder,
        must: RungArrival,
    ) -> str | None:
        """Return what those who are reached are told by an act; None where it says nothing."""
        act = data["act"]
        if act == "supervise":
            if not self.staff.at(event.at).stands_over(must.unit, late.unit):
                return "case.escalated"
            self._expect("notice", event, (late.unit, must.unit), self._demand(data))
            return "case.supervised"
        if act == "reassign" and task is not None and self.persons.get(task.id) is not None:
            return "case.reassigned"
        unsigned = task is not None and self.persons.get(task.id) is None and not task.handled
        if act == "escalate" and unsigned and task is not None and task.sign_due is not None:
            return None
        return "case.escalated"

    def _demand(self, data: Mapping[str, Any]) -> tuple[int, int] | None:
        if not data.get("demand"):
            return None
        row = self.db.get(Demand, int(data["demand"]))
        return None if row is None else (row.unit_id, row.issuer_id)

    def _expect(self, what: str, event: Event, must: object, is_so: object) -> None:
        if must != is_so:
            self._fault(what, event, f"{is_so} instead of {must}")

    def _fault(self, what: str, event: Event, words: str) -> None:
        self.faults.append(Fault(what, event.task_id or 0, event.at, words))
