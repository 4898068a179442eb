"""Two schedulers at once, as after a careless start: everything happens, and happens once."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Select, func, select, update

from engine.models import Due, Event, Notice, Outbox
from engine.storage.db import reading, transaction
from engine.worker import firing
from tests.faults.aftermath import assert_sound, recover
from tests.faults.mortals import EVERY
from tests.faults.serving import WORKER, environment, service, wait_until
from tests.webapp.site import Site

SIZE = 60 if EVERY else 12


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_workers_do_everything_once_also_when_one_is_killed(
    present: Site, tmp_path: Path
) -> None:
    env, log = environment(present), tmp_path / "log"
    with service(WORKER, env, log) as first, service(WORKER, env, log) as second:
        site_is_late(present)
        wait_until(lambda: count(present, select(func.count()).select_from(Event)) > 4 * SIZE)
        first.send_signal(signal.SIGKILL)
        first.wait(30)
        wait_until(lambda: nothing_due(present))
        assert second.poll() is None

    def twice(_world: object) -> list[tuple[object, ...]]:
        rung = (Event.case_id, Event.task_id, Event.kind, Event.data)
        climbs = select(*rung, func.count()).where(Event.kind.in_(("escalated", "clock.expired")))
        told = (Notice.outbox_id, Notice.user_id)
        with reading() as db:
            return [
                tuple(row)
                for query, columns in ((climbs, rung), (select(*told, func.count()), told))
                for row in db.execute(query.group_by(*columns).having(func.count() > 1))
            ]

    assert present.run(twice) == []
    present.world.now = datetime.now(UTC)
    recover(present)
    assert_sound(present)


def site_is_late(site: Site) -> None:
    """Many cases whose every moment has just come."""

    def play(world: object) -> None:
        for _number in range(SIZE):
            site.world.open()
        with transaction() as db:
            past = datetime.now(UTC) - timedelta(seconds=1)
            db.execute(update(Due).values(fire_at=past))

    site.run(play)


def nothing_due(site: Site) -> bool:
    """Whether all that had come is worked off and told."""

    def look(_world: object) -> bool:
        with reading() as db:
            unsent = select(func.count()).where(Outbox.sent_at.is_(None))
            return not firing.candidates(db, datetime.now(UTC)) and not db.scalar(unsent)

    return site.run(look)


def count(site: Site, query: Select[tuple[int]]) -> int:
    """A number from the database."""

    def look(_world: object) -> int:
        with reading() as db:
            return db.scalar(query) or 0

    return site.run(look)
