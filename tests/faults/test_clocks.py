"""The machine's clock jumps an hour, forth or back: the worker goes on, nothing happens twice."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.models import Due, Event, Notice, Tick
from engine.storage.db import reading
from engine.worker import firing
from tests.engine.casework.world import ACCEPT
from tests.faults.aftermath import assert_sound, recover
from tests.faults.serving import environment, service, wait_until
from tests.webapp.site import Site
from tests.webapp.test_case_page import at_accept

HOUR = timedelta(hours=1)
JUMPING = """
import pathlib, sys, threading, time
from datetime import timedelta
import time_machine
from webapp.cli import main

hours, word = int(sys.argv[2]), pathlib.Path(sys.argv[1])
there = time_machine.travel(time.time(), tick=True).start()
def jump():
    while not word.exists():
        time.sleep(0.05)
    there.shift(timedelta(hours=hours))
threading.Thread(target=jump, daemon=True).start()
main(["worker"])
"""


@pytest.mark.only("sqlite")  # What ticks is the same on both.
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("hours", [1, -1])
def test_a_worker_ticks_on_when_its_clock_jumps(present: Site, tmp_path: Path, hours: int) -> None:
    word = tmp_path / "jump"
    command = [sys.executable, "-c", JUMPING, str(word), str(hours)]

    def last() -> datetime | None:
        def look(_world: object) -> datetime | None:
            with reading() as db:
                return db.scalar(select(Tick.at).where(Tick.name == "sweep"))

        return present.run(look)

    def ticked(after: datetime) -> bool:
        """Whether it ticked in the minutes after a moment, by its own clock."""
        at = last()
        return at is not None and after < at < after + timedelta(minutes=30)

    with service(command, environment(present), tmp_path / "log") as worker:
        wait_until(lambda: last() is not None)
        there = datetime.now(UTC) + hours * HOUR
        word.touch()
        # Twice, for one tick may have been under way; a worker that waits for the old hour to
        # come again makes no other.
        wait_until(lambda: ticked(there), seconds=60)
        wait_until(lambda: ticked(there + timedelta(seconds=5)), seconds=60)
        assert worker.poll() is None


def test_it_does_everything_once_whatever_the_time_is_said_to_be(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    first = site.world.now
    last = site.run(lambda world: world.due(case_id))[-1].fire_at
    # Forth, past every moment; back to before; and on as if nothing had been.
    for now in (first, last + HOUR, first, first + HOUR, last + HOUR):
        site.world.now = now
        recover(site)
        assert_sound(site)

    def fired(_world: object) -> tuple[int, int, int]:
        with reading() as db:
            late = db.scalar(select(func.count()).where(Event.kind == "clock.expired"))
            left = len(firing.candidates(db, last))
            unread = db.scalar(select(func.count(func.distinct(Notice.outbox_id))))
            return late or 0, left, unread or 0

    expired, left, _told = site.run(fired)
    assert left == 0 and expired >= 1
    # What was done while the clock was ahead stands, and the case goes on after it is set back.
    site.world.now = first + HOUR
    # The session of before ended while the clock was ahead.
    leader = site.fresh("grid_leader")
    assert leader.post(f"/tasks/{task_id}/complete", ACCEPT).status_code == 303
    site.world.now = last + 2 * HOUR
    recover(site)
    assert_sound(site)
    kinds = site.run(lambda world: world.kinds(case_id))
    assert kinds.count("task.completed") == 2
    assert not [due for due in site.run(all_due) if due.fire_at <= last]


def all_due(_world: object) -> list[Due]:
    with reading() as db:
        return list(db.scalars(select(Due)))
