"""The three clocks: signing and handling of a task, and the citizen's clock of a case.

Each is a start, a limit and a ladder of rungs; what follows from them stands in the due table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine.bpmn import OpenTask, Timer
from engine.bpmn.nodes import Node
from engine.definitions.escalation_table import RungTable
from engine.models import Case, Task
from engine.timing import clock_adjustments, due_rows, ladders, limits
from engine.timing.calendars import Almanac
from engine.timing.due_rows import cancel
from engine.timing.used_time import CarriedTime
from engine.worktime import Calendar, Limit, after, deadline, warn_at, warnings_at

SIGN, HANDLE, CITIZEN = "sign", "handle", "citizen"
# Kinds of due rows that belong to signing; they go when somebody signs.
SIGN_KINDS = ("sign_warn", "sign_due")
WARNINGS = ("sign_warn", "warn")
HANDLE_KINDS = ("warn", "due", "resume")
JUST_BEFORE = timedelta(microseconds=1)
Pause = tuple[datetime, datetime]


@dataclass(frozen=True)
class DeadlineContext:
    """What deadlines are calculated with: calendars, emergencies, the escalation table in force."""

    almanac: Almanac
    rungs: RungTable
    table_of: Callable[[int], RungTable]

    @property
    def calendar(self) -> Calendar:
        """The calendar of ordinary offices, by which the citizen's clock runs."""
        return self.almanac.office

    def of(self, task: Task) -> Calendar:
        """Return the calendar of the unit that has the task."""
        return self.almanac.of(task.unit_id, task)

    def table(self, row: Task | Case) -> RungTable:
        """Return the escalation table as of when the clocks of a task or case started."""
        known = row.table_id in (None, self.rungs.id)
        return self.rungs if known else self.table_of(row.table_id or 0)

    def limit(self, case: Case, task: Task, node: Node | None) -> limits.AppliedLimit | None:
        """Return the limit that applies to a task as things stand."""
        profile = self.almanac.profile_of(task.unit_id, task)
        return limits.applied(case, task, node, self.table(task), profile)

    def sign_limit(self, case: Case, task: Task, node: Node | None) -> Limit | None:
        """Return the limit for signing as things stand."""
        profile = self.almanac.profile_of(task.unit_id, task)
        return limits.signing(case, task, node, self.table(task), profile)


def start_task(
    db: Session, case: Case, task: Task, opened: OpenTask, node: Node | None, works: DeadlineContext
) -> None:
    """Arm the clocks of a task that has just opened.

    With a sign-for limit the sign clock runs first; without one, and for a task that opens
    signed for, handling starts at once. A limit that the diagram ties to a date counts from
    then, beside the sign clock.
    """
    task.table_id, task.counts_from = works.rungs.id, opened.limit_from
    task.limit_source = limits.LAW if opened.limit_from and opened.limit_firm else None
    set_limit(task, works.limit(case, task, node), CarriedTime.of_data(task.carried).extension)
    sign = works.sign_limit(case, task, node) if task.assignee_id is None else None
    if sign is None:
        start_handling(db, case, task, node, works, at=task.opened_at)
        return
    begin_signing(db, case, task, sign, works)
    if task.counts_from is not None:
        # It counts whether or not anybody signs.
        start_handling(db, case, task, node, works, at=task.opened_at)
        _show_earlier(task, node, works)


def begin_signing(db: Session, case: Case, task: Task, sign: Limit, works: DeadlineContext) -> None:
    """Arm the clock for signing of a unit that has just got a task.

    What a unit has used of it before is used: rungs that fired then do not fire again.
    """
    task.sign_due_at = signing_due(case, task, sign, works)
    came = came_at(task)
    again = CarriedTime.of_data(task.carried).sign is not None
    run_signing(db, case, task, works, since=came if again else None)
    if again and task.sign_due_at <= came:
        due_rows.at(db, case, task, "sign_due", task.sign_due_at)


def receive(
    db: Session, case: Case, task: Task, node: Node | None, works: DeadlineContext, *, now: datetime
) -> None:
    """Give a unit that a task was passed on to its own time to sign for it."""
    sign = works.sign_limit(case, task, node)
    if sign is None:
        return
    _clear(db, case, task, SIGN_KINDS, SIGN, now)
    begin_signing(db, case, task, sign, works)
    _show_earlier(task, node, works)


def _show_earlier(task: Task, node: Node | None, works: DeadlineContext) -> None:
    """Show in the queue the end of handling where it does not come after that of signing."""
    if task.due_at is not None and task.sign_due_at is not None and task.due_at <= task.sign_due_at:
        task.deadline_at, task.warn_at = task.due_at, turns_yellow(task, node, works)


def came_at(task: Task) -> datetime:
    """Return when a task came to the unit that has it."""
    return CarriedTime.of_data(task.carried).came_at or task.opened_at


def signing_due(case: Case, task: Task, sign: Limit, works: DeadlineContext) -> datetime:
    """Return when a unit's time for signing ends.

    Of a step that comes again it goes on where it stood; one that is dispatched again, or passed
    on, is never signed for later than the citizen is promised an answer.
    """
    calendar, came = works.of(task), came_at(task)
    run = CarriedTime.of_data(task.carried).sign
    due = deadline(came, sign, calendar) if run is None else run.end(sign, came, calendar)
    if task.carried is None or case.due_at is None or case.answered_at is not None:
        return due
    return min(due, max(case.due_at, came))


def set_limit(
    task: Task, found: limits.AppliedLimit | None, extension: Limit | None = None
) -> None:
    """Give a task its limit, with what it was extended by and where it comes from.

    An extension in the limit's own unit makes it longer; in another one it comes after it.
    """
    if found is None:
        task.limit_amount = task.limit_unit = task.limit_source = task.limit_by = None
        return
    amount, by, source = found.limit.amount, found.as_data(), found.source
    if extension is not None:
        source, by["extended"] = limits.EXTENSION, [extension.amount, extension.unit]
        amount += extension.amount if extension.unit == found.limit.unit else 0
    task.limit_amount, task.limit_unit = amount, found.limit.unit
    task.limit_source, task.limit_by = source, by


def start_handling(
    db: Session, case: Case, task: Task, node: Node | None, works: DeadlineContext, *, at: datetime
) -> None:
    """Start the handling clock at ``at``: at signing, or when the sign-for limit ran out.

    Of a limit that is tied to a date what lies before ``at`` is past, and fires no more.
    """
    task.started_at = task.counts_from or at
    if task.limit_amount is None or task.limit_unit is None:
        task.deadline_at = task.sign_due_at if task.assignee_id is None else None
        task.warn_at = None
        return
    again = task.counts_from is not None or CarriedTime.of_data(task.carried).handle is not None
    stops = clock_adjustments.spans(db, task) if task.counts_from is not None else []
    run_handling(db, case, task, node, works, since=at if again else None, pauses=stops)
    if again and task.due_at is not None and task.due_at <= at:
        # Its unit is late already, and that is reported at once; the rungs of before fired then.
        due_rows.at(db, case, task, "due", task.due_at)


def start_unsigned(
    db: Session, case: Case, task: Task, node: Node | None, works: DeadlineContext, *, now: datetime
) -> None:
    """Start the handling clock at the end of the sign-for limit where the worker has not yet.

    Before anything changes the clocks or ends them: how late the worker is must change nothing.
    """
    if task.started_at is None and task.sign_due_at is not None and task.sign_due_at <= now:
        start_handling(db, case, task, node, works, at=begins_unsigned(task))


def begins_unsigned(task: Task) -> datetime:
    """Return when handling begins of a task that nobody signed for in time, not before it came."""
    assert task.sign_due_at is not None
    return max(task.sign_due_at, came_at(task))


def rearm(
    db: Session,
    case: Case,
    task: Task,
    node: Node | None,
    works: DeadlineContext,
    *,
    since: datetime,
    now: datetime,
    pauses: Iterable[Pause] = (),
) -> None:
    """Write the clocks of a task again from when they started: nothing elapsed is lost.

    Rows at or before ``since`` are left out: they fired when it was their time, each once.
    """
    _clear(db, case, task, HANDLE_KINDS, HANDLE, now)
    if is_signing(task) and task.sign_due_at is not None:
        _clear(db, case, task, SIGN_KINDS, SIGN, now)
        run_signing(db, case, task, works, since=since)
    if task.limit_amount is not None and task.started_at is not None:
        run_handling(db, case, task, node, works, since=since, pauses=pauses)


def is_signing(task: Task) -> bool:
    """Return whether a queue shows the sign-for clock of a task."""
    if task.assignee_id is not None or task.paused_at is not None:
        # What was suspended had been signed for, whoever has left it since.
        return False
    return task.deadline_at != task.due_at


def hold(
    db: Session, case: Case, task: Task, *, limit: Limit, until: datetime, now: datetime
) -> None:
    """Pause the handling clock of a task; it resumes by itself when ``limit`` ends, ``until``."""
    cancel(db, case, [task.id], now=now, kinds=HANDLE_KINDS, rungs_of=HANDLE)
    task.deadline_at = task.warn_at = None
    kept = {"limit": [limit.amount, limit.unit]}
    due_rows.at(db, case, task, "resume", until, data=kept)


def handling_due(task: Task, works: DeadlineContext, pauses: Iterable[Pause] = ()) -> datetime:
    """Return when the handling limit of a task that has started ends."""
    calendar = works.of(task)
    limit = Limit(task.limit_amount or 0, task.limit_unit or "hours")
    due = handling_end(task, limit, calendar, pauses)
    extended = (task.limit_by or {}).get("extended")
    if extended is not None and extended[1] != limit.unit:
        due = after(due, Limit(*extended), calendar)
    until = (task.limit_by or {}).get(limits.UNTIL)
    if until is not None:
        due = min(due, datetime.fromisoformat(until))
    return due if task.floor_at is None else max(due, task.floor_at)


def handling_end(
    task: Task, limit: Limit, calendar: Calendar, pauses: Iterable[Pause] = ()
) -> datetime:
    """Return when a limit of a task that has started ends, with what its unit had used of it
    before.
    """
    assert task.started_at is not None
    run = CarriedTime.of_data(task.carried).handle
    if task.counts_from is not None:
        return deadline(task.counts_from, limit, calendar, pauses=pauses)
    if run is None:
        return deadline(task.started_at, limit, calendar, pauses=pauses)
    return run.end(limit, task.started_at, calendar, pauses)


def set_floor(
    task: Task,
    works: DeadlineContext,
    pauses: Iterable[Pause],
    *,
    now: datetime,
    before: datetime | None,
) -> bool:
    """End a limit that is already used up; return whether it ends now.

    ``before`` is when it ended by what held until now.
    """
    task.floor_at = None
    if handling_due(task, works, pauses) > now:
        return False
    was_over = before is not None and before <= now
    task.floor_at = before if was_over else now
    return not was_over


def run_handling(
    db: Session,
    case: Case,
    task: Task,
    node: Node | None,
    works: DeadlineContext,
    *,
    since: datetime | None = None,
    pauses: Iterable[Pause] = (),
) -> None:
    """Write the moments of a handling clock that has started, those after ``since``."""
    # A task that was signed for and given back shows the handling clock in its queue, too.
    shown = task.due_at is not None and task.deadline_at == task.due_at
    task.due_at = handling_due(task, works, pauses)
    warned = warnings(task, node, works)
    if shown or task.assignee_id is not None or task.sign_due_at is None:
        task.deadline_at, task.warn_at = task.due_at, warned[0]
    for turn, moment in enumerate(warned):
        if since is None or moment > since:
            due_rows.at(db, case, task, "warn", moment, mark=str(turn) if turn else "")
    if since is None or task.due_at > since:
        due_rows.at(db, case, task, "due", task.due_at)
    arm_rungs(db, case, task, HANDLE, task.due_at, works, since=since)


def run_signing(
    db: Session, case: Case, task: Task, works: DeadlineContext, *, since: datetime | None = None
) -> None:
    """Write the moments of a sign-for clock, those after ``since``."""
    assert task.sign_due_at is not None
    task.deadline_at = task.sign_due_at
    task.warn_at = warn_at(came_at(task), task.sign_due_at, None, works.of(task))
    for kind, moment in (("sign_warn", task.warn_at), ("sign_due", task.sign_due_at)):
        if since is None or moment > since:
            due_rows.at(db, case, task, kind, moment)
    # Where nobody sits, the ladder began when the queue fell empty.
    begins = min(task.sign_due_at, task.queue_empty_since or task.sign_due_at)
    arm_rungs(db, case, task, SIGN, begins, works, since=since)


def sign(
    db: Session, case: Case, task: Task, node: Node | None, works: DeadlineContext, *, at: datetime
) -> None:
    """Turn from the sign-for clock to the handling clock; time already lost stays lost."""
    cancel(db, case, [task.id], now=at, kinds=SIGN_KINDS, rungs_of=SIGN)
    task.queue_empty_since = None
    if task.started_at is None:
        # Handling began when the limit for signing passed, whether or not the worker saw it.
        passed = task.sign_due_at is not None and task.sign_due_at <= at
        began = begins_unsigned(task) if passed else at
        start_handling(db, case, task, node, works, at=began)
    elif task.due_at is not None:
        task.deadline_at, task.warn_at = task.due_at, turns_yellow(task, node, works)
    else:
        task.deadline_at = task.warn_at = None


def arm_timers(db: Session, case: Case, timers: Iterable[Timer]) -> None:
    """Write the engine's timers; a rearmed one replaces its row."""
    for timer in timers:
        data: dict[str, object] = {"node": timer.node_id, "left": timer.repeats_left}
        if timer.limit is not None and timer.since is not None:
            data |= {"limit": list(timer.limit), "since": timer.since.isoformat()}
        due_rows.at(db, case, None, "timer", timer.fire_at, mark=timer.engine_id, data=data)


def turns_yellow(task: Task, node: Node | None, works: DeadlineContext) -> datetime:
    """Return when the handling clock of a task that has started turns yellow."""
    return warnings(task, node, works)[0]


def warnings(task: Task, node: Node | None, works: DeadlineContext) -> list[datetime]:
    """Return when the handling clock of a task that has started warns, the earliest first."""
    assert task.started_at is not None and task.due_at is not None
    unit = task.limit_unit or "hours"
    return warnings_at(task.started_at, task.due_at, spans_of(node, unit), works.of(task))


def spans_of(node: Node | None, unit: str) -> list[Limit]:
    """Return how long before its end the limit of a step warns, in the limit's unit."""
    return [Limit(span, unit) for span in node.warn] if node is not None else []


def _clear(
    db: Session, case: Case, task: Task, kinds: tuple[str, ...], clock: str, now: datetime
) -> None:
    due_rows.set_apart(db, case, task.id, now=now, kinds=kinds, rungs_of=clock)
    cancel(db, case, [task.id], now=now, kinds=kinds, rungs_of=clock)


def arm_rungs(
    db: Session,
    case: Case,
    task: Task | None,
    clock: str,
    due_at: datetime,
    works: DeadlineContext,
    *,
    since: datetime | None = None,
) -> None:
    """Write the rungs of a clock's ladder, those after ``since``."""
    ladders.arm(db, case, task, clock, ladders.of(case, task, clock, due_at, works), since=since)
