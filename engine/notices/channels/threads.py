"""One lane a channel: each sends in a thread of its own, so that none waits for another.

The worker's tick starts the lanes that stand still and does not wait long for those that run: a
server that hangs holds up its own channel, and nothing else.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime

import structlog
from sqlalchemy import select

from engine.models import Channel, Delivery
from engine.notices.channels import sending
from engine.storage.db import reading, transaction

log = structlog.get_logger("channels")
Report = dict[str, int]
MOST_ROWS = 500
# After so long a lane ends its round; what is left goes with the next.
ROUND_SECONDS = 20.0
PATIENCE_SECONDS = 3.0

_running: dict[int, Future[Report]] = {}
_lock = threading.Lock()
_stopping = threading.Event()
_pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="channel")


def sweep(now: datetime, patience: float = PATIENCE_SECONDS) -> Report:
    """Run every channel that has something to send; wait a little and report what was done."""
    for channel_id in _with_work(now):
        _start(channel_id, now)
    return finish(patience)


def finish(patience: float) -> Report:
    """Wait for lanes that run, at most so long; those that go on are counted as busy."""
    with _lock:
        running = dict(_running)
    wait(running.values(), timeout=patience)
    report: Report = {"sent": 0, "failed": 0, "busy": 0}
    for channel_id, lane in running.items():
        if not lane.done():
            report["busy"] += 1
            continue
        with _lock:
            if _running.get(channel_id) is lane:
                del _running[channel_id]
        for name, count in lane.result().items():
            report[name] += count
    return report


def stop() -> None:
    """Stop every lane after its current message; the worker shuts down."""
    _stopping.set()


def run(channel_id: int, now: datetime) -> Report:
    """Send what waits in one channel; a server that cannot be reached ends the round."""
    began, report = time.monotonic(), {"sent": 0, "failed": 0}
    for _number in range(MOST_ROWS):
        with transaction() as db:
            parcel = sending.claim(db, channel_id, now)
        if parcel is None:
            break
        outcome = sending.send(parcel)
        with transaction() as db:
            sent = sending.record(db, parcel, outcome, now)
        report["sent" if sent else "failed"] += len(parcel.ids)
        silent = outcome.error is not None and outcome.error.silent
        if silent or _stopping.is_set() or time.monotonic() - began > ROUND_SECONDS:
            break
    return report


def _with_work(now: datetime) -> list[int]:
    waiting = select(Delivery.channel_id).where(
        Delivery.channel_id == Channel.id,
        Delivery.sent_at.is_(None),
        Delivery.dead_at.is_(None),
        Delivery.send_at <= now,
    )
    active = select(Channel.id).where(Channel.active_from.is_not(None), waiting.exists())
    with reading() as db:
        return list(db.scalars(active))


def _start(channel_id: int, now: datetime) -> None:
    with _lock:
        lane = _running.get(channel_id)
        if lane is not None and not lane.done():
            return
        # The application's context goes along: the database is found through it.
        there = contextvars.copy_context()
        _running[channel_id] = _pool.submit(there.run, _guarded(run), channel_id, now)


def _guarded(act: Callable[[int, datetime], Report]) -> Callable[[int, datetime], Report]:
    """A lane that breaks is a failure in the report, not the end of the sweep."""

    def guarded(channel_id: int, now: datetime) -> Report:
        try:
            return act(channel_id, now)
        except Exception as error:
            log.warning("lane failed", error=type(error).__name__, channel=channel_id)
            return {"failed": 1}

    return guarded
