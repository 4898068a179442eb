"""PostgreSQL goes down and comes back while people work: they are told, and nothing is lost."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import pg
from engine.storage import schema
from tests.conftest import leave_out
from tests.faults.aftermath import assert_sound, recover
from tests.faults.load import assert_each_once, crowd
from tests.faults.mortals import EVERY
from tests.faults.serving import WORKER, environment, service, wait_until, web
from tests.webapp.site import make_site, settings_for

SIZE = 200 if EVERY else 30
# In order, and as in a crash: then it recovers what it had promised from its log.
ENDS = (signal.SIGINT, signal.SIGQUIT) * (2 if EVERY else 1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_bears_a_restart_of_the_database_in_mid_load(quick_hashes: None, tmp_path: Path) -> None:
    if pg.binaries() is None:
        leave_out("PostgreSQL is not installed")
    with pg.running() as database:
        schema.upgrade(database.url)
        site = make_site(settings_for(database.url, tmp_path / "data"), datetime.now(UTC))
        log = tmp_path / "log"
        with (
            web(site, log) as running,
            service(WORKER, environment(site), log) as worker,
        ):
            clients = crowd(site, running.port, SIZE)
            site.close()
            clients.start()
            for end in ENDS:
                done = len(clients.accepted_ids)
                wait_until(lambda done=done: len(clients.accepted_ids) > done + 3)
                database.stop(end)
                database.start()
            clients.finish()
            assert worker.poll() is None, "the worker gave up"
        # Never a page that looks as if something had been done.
        assert set(clients.failures) <= {"503"}, clients.failures
        assert_each_once(site, clients.accepted_ids)
        assert len(clients.accepted_ids) == SIZE
        site.world.now = datetime.now(UTC)
        recover(site)
        assert_sound(site)
        site.close()
