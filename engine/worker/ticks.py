"""APScheduler ticks: due rows, outbox, channels, tallies, moved units, audit anchors, old messages.

APScheduler only ticks; what is due stands in the database. Rows go in small groups; of one with a
broken row each row has a transaction of its own, so that only the broken one waits.
"""

from __future__ import annotations

import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import select

from engine import org, settings
from engine.access import sessions
from engine.casework import background_recalculations, empty_queues
from engine.models import Tick, UnitMove
from engine.notices import outbox, retention
from engine.notices.channels import fan_out, threads
from engine.notices.outbox import WaitingMessage
from engine.operations import alerts, clock_guard
from engine.records import anchoring, attachments
from engine.storage import step_counts, tallies
from engine.storage.db import insert_into, reading, transaction
from engine.worker import citizen_codes, citizen_photos, firing, learning, senders, witnessing
from engine.worker.firing import FiringCandidate

log = structlog.get_logger("worker")
Report = dict[str, int]

senders.register()

# A tick ends after so many rows and leaves the rest to the next, so that none starves another.
MOST_ROWS = 2000
MOST_REMOVED = 50_000
# After so many groups in a row that another worker was faster at, it is time to look again.
MOST_MISSED = 2
# Rows of so many cases share a transaction: few enough that who waits for one hardly notices.
TOGETHER = 24
# So many messages share one; nobody waits for any of them.
MESSAGES = 50


def sweep(now: datetime) -> Report:
    """Fire every due row whose time has come; a failing one is put off, not in the way."""
    report: Report = {"fired": 0, "failed": 0, "busy": 0}
    tried: set[int] = set()
    while len(tried) < MOST_ROWS:
        with reading() as db:
            found = [one for one in firing.candidates(db, now) if one.due_id not in tried]
        if not found:
            break
        missed = 0
        for group in _groups(found):
            tried.update(group)
            results = _fire_together(group, now)
            for result in results:
                report[result] += 1
            missed = missed + 1 if set(results) == {"busy"} else 0
            if missed == MOST_MISSED:
                break
    return report


def _groups(found: Sequence[FiringCandidate]) -> list[list[int]]:
    """Return ids of due rows to fire together: of each case the first, the others when one looks
    again.

    Which group a case is in follows from its number, which group comes first from chance: two
    workers that began with the same one would look at every row that the other one fires.
    """
    first: dict[int, FiringCandidate] = {}
    for one in found:
        first.setdefault(one.case_id, one)
    lanes = max(1, len(first) // TOGETHER)
    groups: dict[tuple[int, int], list[int]] = {}
    for one in first.values():
        lane = crc32(b"%d" % one.case_id) % lanes
        groups.setdefault((lane, one.due_id if one.alone else 0), []).append(one.due_id)
    cut = [
        ids[at : at + TOGETHER] for ids in groups.values() for at in range(0, len(ids), TOGETHER)
    ]
    random.shuffle(cut)
    return cut


def deliver(now: datetime) -> Report:
    """Send what waits in the outbox; a failing message backs off and in the end is dead."""
    report: Report = {"sent": 0, "failed": 0, "busy": 0}
    tried: set[int] = set()
    while len(tried) < MOST_ROWS:
        with reading() as db:
            found = [one for one in outbox.waiting(db, now) if one.outbox_id not in tried]
        if not found:
            break
        for group in _parcels(found):
            tried.update(group)
            for result in _send_together(group, now):
                report[result] += 1
    return report


def _parcels(found: Sequence[WaitingMessage]) -> list[list[int]]:
    """Return ids of messages to send together; by itself what opens a case or writes a file."""
    house = [one.outbox_id for one in found if not one.alone]
    cut = [house[at : at + MESSAGES] for at in range(0, len(house), MESSAGES)]
    # Two workers that began with the same ones would each look at what the other sends.
    random.shuffle(cut)
    return cut + [[one.outbox_id] for one in found if one.alone]


def send_out(now: datetime) -> Report:
    """Pass queued messages to the channels, and let them send."""
    report: Report = {"spread": 0}
    while report["spread"] < MOST_ROWS:
        with transaction() as db:
            count = fan_out.spread(db, now)
        report["spread"] += count
        if count == 0:
            break
    return report | threads.sweep(now)


def fold(now: datetime) -> Report:
    """Fold the counters' deltas."""
    report: Report = {"folded": 0}
    while True:
        with transaction() as db:
            folded = tallies.fold(db) + step_counts.fold(db)
        report["folded"] += folded
        if folded == 0 or report["folded"] >= 50_000:
            return report


def restamp(now: datetime) -> Report:
    """Stamp the open rows of units that moved."""
    with reading() as db:
        moves = list(db.scalars(select(UnitMove.id).where(UnitMove.done_at.is_(None))))
    report: Report = {"restamped": 0}
    for move_id in moves:
        try:
            with transaction() as db:
                move = db.get(UnitMove, move_id, with_for_update=True)
                if move is not None and move.done_at is None:
                    report["restamped"] += org.restamp(db, move, now=now)
        except Exception as error:
            _log_failure("restamping failed", error, move=move_id)
            report["failed"] = report.get("failed", 0) + 1
    return report


def recalculate(now: datetime) -> Report:
    """Recalculate open clocks after a calendar, an emergency profile or the table changed."""
    report: Report = {"recounted": 0, "failed": 0}
    with reading() as db:
        jobs = background_recalculations.ready(db, now)
    for job in jobs:
        while report["recounted"] < MOST_ROWS:
            with reading() as db:
                ids = background_recalculations.batch(db, job)
            if not ids:
                with transaction() as db:
                    background_recalculations.finish(db, job, now)
                break
            moved = [_recalculate(job, case_id, now) for case_id in ids]
            failed = moved.count(None)
            with transaction() as db:
                background_recalculations.advance(db, job, ids, sum(filter(None, moved)), failed)
            report["recounted"] += len(ids)
            report["failed"] += failed
    return report


def desert(now: datetime) -> Report:
    """Find queues in which nobody sits any more, or somebody again."""
    with reading() as db:
        cases = empty_queues.changed(db, now, MOST_ROWS)
    report: Report = {"moved": 0, "failed": 0}
    for case_id in cases:
        try:
            with transaction() as db:
                report["moved"] += empty_queues.settle(db, case_id, now)
        except Exception as error:
            _log_failure("settling a queue failed", error, case=case_id)
            report["failed"] += 1
    return report


def anchor(now: datetime) -> Report:
    """Anchor the heads of the audit chains that grew."""
    with transaction() as db:
        report = {"anchored": anchoring.anchor(db, now)}
    with reading() as db:
        written = anchoring.write_outside(db)
    with transaction() as db:
        anchoring.note_written(db, now)
    return {**report, "written": written}


def tidy(now: datetime) -> Report:
    """Remove files that no row refers to."""
    with reading() as db:
        return {"removed": attachments.sweep(db, now)}


def clear(now: datetime) -> Report:
    """Remove messages that were sent and read long ago."""
    removed = 0
    last: int | None = 0
    while last is not None and removed < MOST_REMOVED:
        with transaction() as db:
            count, last = retention.clear(db, now, last)
        removed += count
    return {"removed": removed}


def end_logins(now: datetime) -> Report:
    """Remove sessions and tokens that have ended by themselves."""
    chosen = settings.current()
    idle = timedelta(minutes=chosen.session_idle_minutes) or timedelta(hours=chosen.session_hours)
    with transaction() as db:
        return {"removed": sessions.sweep(db, now=now, idle=idle)}


def alert(now: datetime) -> Report:
    """Alert auditors to unusual counts."""
    with transaction() as db:
        return {"told": alerts.look(db, now)}


# By name: what to do, and every how many base ticks.
TICKS: dict[str, tuple[Callable[[datetime], Report], int]] = {
    "deserted": (desert, 1),
    "sweep": (sweep, 1),
    "outbox": (deliver, 1),
    "channels": (send_out, 1),
    "photos": (citizen_photos.code_again, 1),
    "codes": (citizen_codes.send, 1),
    "restamp": (restamp, 2),
    "recount": (recalculate, 2),
    "tallies": (fold, 6),
    "anchor": (anchor, 60),
    "witness": (witnessing.witness, 60),
    "files": (tidy, 720),
    "messages": (clear, 720),
    "logins": (end_logins, 720),
    "alerts": (alert, 60),
    "learning": (learning.learn, 720),
}

# What a clock that jumps must not let loose.
FIRING = ("sweep", "deserted")


def tick(name: str, now: datetime) -> Report:
    """Run one tick and note when and how long; an error is logged, never raised."""
    began = time.monotonic()
    try:
        report = TICKS[name][0](now)
    except Exception as error:
        _log_failure("tick failed", error, tick=name)
        return {"errors": 1}
    took = int((time.monotonic() - began) * 1000)
    with transaction() as db:
        values = {"at": now, "took_ms": took, "report": report}
        statement = insert_into(db, Tick).values(name=name, **values)
        db.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    return report


def run_once(now: datetime) -> dict[str, Report]:
    """Run all ticks once, as ``fengqiao worker --once`` does."""
    return {name: tick(name, now) for name in TICKS}


def run_forever(app: Flask) -> None:
    """Tick until SIGTERM or SIGINT, then end after the tick in hand."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler = BackgroundScheduler(timezone=UTC)
    base = settings.current().tick_seconds
    for name, (_, every) in TICKS.items():
        scheduler.add_job(
            _in_app,
            "interval",
            seconds=base * every,
            args=(app, name),
            id=name,
            coalesce=True,
            max_instances=1,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    log.info("worker started", tick_seconds=base)
    while not stop.wait(base):
        _heed_the_clock(scheduler)
    threads.stop()
    scheduler.shutdown(wait=True)
    log.info("worker stopped")


def _heed_the_clock(scheduler: BackgroundScheduler) -> None:
    """Run jobs now that a clock set back has postponed; else they wait until it catches up.

    No job is ever due later than one interval from now.
    """
    now = datetime.now(UTC)
    for job in scheduler.get_jobs():
        if job.next_run_time - now > job.trigger.interval:
            log.warning("clock set back", tick=job.id)
            job.modify(next_run_time=now)


def _in_app(app: Flask, name: str) -> None:
    with app.app_context():
        now = datetime.now(UTC)
        if name not in FIRING or not clock_guard.holds(now):
            tick(name, now)


def _fire_together(due_ids: Sequence[int], now: datetime) -> list[str]:
    """Fire rows of different cases in one transaction; each by itself if one of them fails."""
    if len(due_ids) == 1:
        return [_fire(due_ids[0], now)]
    try:
        with transaction() as db:
            fired, left = firing.fire_together(db, due_ids, now)
    except Exception as error:
        _log_failure("firing together failed", error, rows=len(due_ids))
        return [_fire(one, now) for one in due_ids]
    together = ["fired" if one in fired else "busy" for one in due_ids if one not in left]
    return together + [_fire(one, now) for one in left]


def _fire(due_id: int, now: datetime) -> str:
    try:
        with transaction() as db:
            kind = firing.fire(db, due_id, now)
        return "busy" if kind is None else "fired"
    except Exception as error:
        _log_failure("firing failed", error, due=due_id)
        with transaction() as db:
            firing.postpone(db, due_id, now)
        return "failed"


def _recalculate(job: int, case_id: int, now: datetime) -> int | None:
    """Return one case of a recalculation; None if it failed, which stops no other."""
    try:
        with transaction() as db:
            return background_recalculations.one(db, job, case_id, now)
    except Exception as error:
        _log_failure("recalculation failed", error, case=case_id)
        return None


def _send_together(outbox_ids: Sequence[int], now: datetime) -> list[str]:
    """Send messages in one transaction; each by itself if one of them fails."""
    if len(outbox_ids) == 1:
        return [_send(outbox_ids[0], now)]
    try:
        with transaction() as db:
            sent = outbox.send_together(db, outbox_ids, now)
    except Exception as error:
        _log_failure("sending together failed", error, rows=len(outbox_ids))
        return [_send(one, now) for one in outbox_ids]
    return ["sent" if one in sent else "busy" for one in outbox_ids]


def _send(outbox_id: int, now: datetime) -> str:
    try:
        with transaction() as db:
            mine = outbox.send(db, outbox_id, now)
        return "sent" if mine else "busy"
    except Exception as error:
        _log_failure("sending failed", error, outbox=outbox_id)
        with transaction() as db:
            outbox.failed(db, outbox_id, error, now)
        return "failed"


def _log_failure(event: str, error: Exception, **ids: Any) -> None:
    # The error's text may hold values; its type, its lines of code and ids say enough to find it.
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    lines = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    log.warning(event, error=type(error).__name__, lines=lines, **ids)
