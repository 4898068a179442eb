"""How fast messages leave the outbox, with one worker and with two: `fengqiao bench outbox`.

Workers are processes, as in production; messages become notices many in a transaction. Beside
it the same number of bare durable commits, one row each, in as many processes: what a message
would cost at least that had a transaction of its own.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import func, make_url, select

from bench.complete import NOW, open_case, settle
from bench.site import Site, empty
from engine.models import Case, Outbox
from engine.notices import outbox
from engine.storage.db import db as database_object
from engine.storage.db import reading, transaction
from engine.worker import ticks

MESSAGES = 2000


def run(number: int = MESSAGES) -> dict[str, Any]:
    """Return messages a second; the top figures are those of one worker."""
    with empty("postgresql") as here:
        with here.app.app_context(), transaction() as db:
            mediator = settle(db, ("mediator",), "x", NOW)[0]
        with here.app.app_context():
            _actor, case_id = open_case(mediator, 1)
            ticks.run_once(NOW + timedelta(minutes=1))
        found = {
            str(workers): {
                "per_second": _rate(here, workers, number, case_id, mediator),
                "floor_per_second": _floor(here, workers, number),
            }
            for workers in (1, 2)
        }
    return {**found["1"], "messages": number, "workers": found}


def _rate(here: Site, workers: int, number: int, case_id: int, user_id: int) -> float:
    with here.app.app_context():
        with transaction() as db:
            case = db.get_one(Case, case_id)
            for one in range(number):
                outbox.put(
                    db,
                    case,
                    "task.assigned",
                    cause=f"bench:{workers}:{one}",
                    now=NOW,
                    user_id=user_id,
                    step="",
                    step_en="",
                )
        database_object.engine.dispose()
    seconds = _side_by_side(workers, lambda: _deliver(here))
    with here.app.app_context(), reading() as db:
        left = db.scalar(select(func.count()).where(Outbox.sent_at.is_(None)))
        if left:
            raise RuntimeError(f"{left} messages were not sent")
    return round(number / seconds, 1)


def _deliver(here: Site) -> None:
    with here.app.app_context():
        while any(ticks.deliver(datetime.now(UTC)).values()):
            pass


def _floor(here: Site, workers: int, number: int) -> float:
    plain = make_url(here.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS floor_message (at timestamptz)")

    def commit() -> None:
        with psycopg.connect(plain) as connection:
            for _ in range(number // workers):
                connection.execute("INSERT INTO floor_message VALUES (now())")
                connection.commit()

    return round(number / _side_by_side(workers, commit), 1)


def _side_by_side(workers: int, act: Callable[[], None]) -> float:
    """Return seconds until so many processes have done the same."""
    forked = multiprocessing.get_context("fork")
    ready = [forked.Process(target=act) for _ in range(workers)]
    began = time.perf_counter()
    for one in ready:
        one.start()
    for one in ready:
        one.join()
    if any(one.exitcode for one in ready):
        raise RuntimeError("a worker failed")
    return time.perf_counter() - began
