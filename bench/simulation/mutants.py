"""Faults put into the product on purpose: the simulation must notice every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import org
from engine.casework import empty_queues
from engine.casework.moves import reassignment
from engine.definitions.escalation_table import Rung, RungTable
from engine.models import CalendarDay, Case, Task, User
from engine.notices import outbox
from engine.operations import clock_guard
from engine.org import Climb
from engine.storage import stays
from engine.storage.db import transaction
from engine.timing import calendars, clocks, due_rows, ladders
from engine.timing.ladders import Ladder
from engine.worker import rungs
from engine.worktime import Calendar, Limit, deadline

Fault = Callable[[], None]
MUTANTS: dict[str, Fault] = {}


def mutant(fault: Fault) -> Fault:
    """Register a fault by its function's name."""
    MUTANTS[fault.__name__] = fault
    return fault


# The calendar


@mutant
def make_up_days_dropped() -> None:
    """A Sunday on which the office works is a Sunday."""
    _drop_days(worked=True)


@mutant
def holidays_dropped() -> None:
    """The Mid-Autumn Festival is an ordinary Friday."""
    _drop_days(worked=False)


@mutant
def working_days_off_by_one() -> None:
    """The starting day is counted."""
    right = Calendar.add_working_days

    def wrong(self: Calendar, day: Any, amount: int) -> Any:
        return right(self, day, amount - 1 if amount > 1 else amount)

    _put(Calendar, add_working_days=wrong)


@mutant
def rings_at_night() -> None:
    """A rung fires whenever it falls due."""
    _put(ladders, in_hours=lambda moment, _rung, _calendar: moment)


@mutant
def pauses_count_double() -> None:
    """What stood still is given back twice."""

    def wrong(*args: Any, pauses: Any = (), **more: Any) -> datetime:
        double = [(begins, ends + (ends - begins)) for begins, ends in pauses]
        return deadline(*args, pauses=double, **more)

    _put(clocks, deadline=wrong)


# The table


@mutant
def last_rule_dropped() -> None:
    """Each ladder lacks its last row."""
    _each_ladder(lambda found: found[:-1])


@mutant
def unit_of_after_changed() -> None:
    """Working days are taken for hours."""
    _each_rung(
        lambda rung: (
            replace(rung, after=Limit(rung.after.amount, "working_hours"))
            if rung.after.unit == "working_days"
            else rung
        )
    )


@mutant
def role_changed() -> None:
    """Leaders hear instead of supervisors."""
    _each_rung(lambda rung: replace(rung, role="leader") if rung.role == "supervisor" else rung)


@mutant
def one_level_more() -> None:
    """Each rung goes a level too high."""
    _each_rung(lambda rung: replace(rung, levels_up=rung.levels_up + 1))


@mutant
def one_level_less() -> None:
    """Each rung stays a level too low."""
    _each_rung(lambda rung: replace(rung, levels_up=max(rung.levels_up - 1, 0)))


@mutant
def supervision_only_told() -> None:
    """Where a notice is due somebody is told."""
    _each_rung(lambda rung: replace(rung, act="notify") if rung.act == "supervise" else rung)


@mutant
def priority_ignored() -> None:
    """What is urgent climbs like everything else."""
    right = RungTable.rungs

    def wrong(self: RungTable, **inputs: str | None) -> tuple[Rung, ...]:
        return right(self, **{**inputs, "priority": "normal"})

    _put(RungTable, rungs=wrong)


@mutant
def rounds_dropped() -> None:
    """After its last row a ladder is silent."""
    right = Ladder.rounds
    far = timedelta(days=3650)

    def wrong(self: Ladder, *args: Any) -> Iterator[tuple[Rung, datetime]]:
        return ((rung, moment + far) for rung, moment in right(self, *args))

    _put(Ladder, rounds=wrong)


@mutant
def empty_queue_unseen() -> None:
    """Nobody looks whether anybody sits where work waits."""
    _put(empty_queues, changed=lambda *_args: [])


@mutant
def clock_not_heeded() -> None:
    """A worker whose clock is a year ahead fires all the same."""
    _put(clock_guard, holds=lambda _now: False)


# The way up


@mutant
def wrong_person() -> None:
    """Every rung reaches somebody else than it should."""

    def other(db: Session, found: Climb) -> Climb:
        reached = {one.user_id for one in found.holders}
        user = db.scalars(select(User).where(User.id.not_in(reached)).order_by(User.id)).first()
        assert user is not None
        holders = tuple(replace(one, user_id=user.id, name=user.name) for one in found.holders[:1])
        return replace(found, holders=holders)

    _each_climb(other)


@mutant
def skips_not_recorded() -> None:
    """That a vacant post was skipped is told nowhere."""
    _each_climb(lambda _db, found: replace(found, skips=()))


@mutant
def told_of_himself() -> None:
    """Who is late is told of himself as of another."""
    right = rungs._way

    def wrong(*args: Any) -> Any:
        return right(*args)._replace(late=None)

    _put(rungs, _way=wrong)


# Rungs and messages


@mutant
def rung_lost() -> None:
    """Every fourth rung is not written."""
    right, turn = due_rows.rung, iter(range(10**9))

    def wrong(*args: Any, **more: Any) -> None:
        if next(turn) % 4 != 3:
            right(*args, **more)

    _put(due_rows, rung=wrong)


@mutant
def rung_twice() -> None:
    """A rung that fires is on record twice."""
    right = rungs._record

    def wrong(*args: Any) -> None:
        right(*args)
        right(*args)

    _put(rungs, _record=wrong)


@mutant
def rung_late() -> None:
    """Every rung falls due half an hour after its time."""
    right = due_rows.at

    def wrong(
        db: Session, case: Case, task: Task | None, kind: str, at: datetime, **more: Any
    ) -> None:
        right(db, case, task, kind, at + timedelta(minutes=30 * (kind == "rung")), **more)

    _put(due_rows, at=wrong)


@mutant
def signing_stops_nothing() -> None:
    """Rungs of signing fire although somebody has signed."""
    right, cancel = clocks.sign, clocks.cancel

    def spared(*args: Any, kinds: Sequence[str] = (), **more: Any) -> None:
        if kinds != clocks.SIGN_KINDS:
            cancel(*args, kinds=kinds, **more)

    def wrong(*args: Any, **more: Any) -> None:
        _put(clocks, cancel=spared)
        right(*args, **more)
        _put(clocks, cancel=cancel)

    _put(clocks, sign=wrong)


@mutant
def channel_left_out() -> None:
    """What rungs say is not put into the outbox."""
    right = outbox.put

    def wrong(db: Session, case: Case, key: str, **more: Any) -> None:
        if key not in ("case.escalated", "case.supervised"):
            right(db, case, key, **more)

    _put(outbox, put=wrong)


@mutant
def notice_twice() -> None:
    """Whoever is notified of a rung is notified twice."""
    right = outbox.put

    def wrong(db: Session, case: Case, key: str, *, cause: str, **more: Any) -> None:
        right(db, case, key, cause=cause, **more)
        if key == "case.escalated":
            right(db, case, key, cause=f"{cause} again", **more)

    _put(outbox, put=wrong)


@mutant
def sent_to_nobody() -> None:
    """Messages are marked as sent, and reach nobody."""
    _put(outbox, _write_notices=lambda *_args: None)


# The figures


@mutant
def hours_not_counted() -> None:
    """Late hours of what has ended are in no figure."""
    right = stays._late

    def wrong(*args: Any) -> Iterator[stays.StayCount]:
        return (one for one in right(*args) if not one.measure.endswith("minutes"))

    _put(stays, _late=wrong)


@mutant
def passing_on_forgives() -> None:
    """A unit that passes a late task on was never late."""
    right = reassignment._leave

    def wrong(db: Session, work: Any, task: Task) -> None:
        due, signing, task.due_at, task.sign_due_at = task.due_at, task.sign_due_at, None, None
        right(db, work, task)
        task.due_at, task.sign_due_at = due, signing

    _put(reassignment, _leave=wrong)


def _drop_days(*, worked: bool) -> None:
    with transaction() as db:
        db.execute(delete(CalendarDay).where(CalendarDay.working.is_(worked)))
    # What this process has read of them before.
    calendars._built.clear()


def _each_ladder(change: Callable[[Sequence[Rung]], Sequence[Rung]]) -> None:
    right = RungTable.rungs

    def wrong(self: RungTable, **inputs: str | None) -> tuple[Rung, ...]:
        return tuple(change(right(self, **inputs)))

    _put(RungTable, rungs=wrong)


def _each_rung(change: Callable[[Rung], Rung]) -> None:
    _each_ladder(lambda found: [change(rung) for rung in found])


def _each_climb(change: Callable[[Session, Climb], Climb]) -> None:
    right = org.climb_all

    def wrong(db: Session, *args: Any, **more: Any) -> list[Climb]:
        return [change(db, one) for one in right(db, *args, **more)]

    _put(org, climb_all=wrong)


def _put(place: Any, **faults: Any) -> None:
    """Put faults into a module or class, for the rest of this process."""
    for name, fault in faults.items():
        assert hasattr(place, name), f"{place} has no {name} any more"
        setattr(place, name, fault)
