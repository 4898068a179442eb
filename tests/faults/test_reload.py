"""A reload under load: new processes, and no client notices."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.aftermath import assert_sound, recover
from tests.faults.load import assert_each_once, crowd
from tests.faults.mortals import EVERY
from tests.faults.serving import wait_until, web
from tests.webapp.site import Site

SIZE = 150 if EVERY else 30


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_reloads_without_a_failed_request(present: Site, tmp_path: Path) -> None:
    with web(present, tmp_path / "web.log") as running:
        clients = crowd(present, running.port, SIZE)
        clients.pause = 0.05
        first = running.children()
        clients.start()
        for _number in range(3 if EVERY else 1):
            done = len(clients.accepted)
            wait_until(lambda done=done: len(clients.accepted) > done + 3)
            running.reload()
        clients.finish()
        last = running.children()

    assert clients.failed == []
    assert not first & last and len(last) == 2
    judge(present, clients.accepted)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_loses_nothing_when_its_processes_are_killed_under_load(
    present: Site, tmp_path: Path
) -> None:
    with web(present, tmp_path / "web.log") as running:
        clients = crowd(present, running.port, SIZE)
        clients.start()
        for _number in range(5 if EVERY else 1):
            done = len(clients.accepted)
            wait_until(lambda done=done: len(clients.accepted) > done + 3)
            for child in running.children():
                os.kill(child, signal.SIGKILL)
        clients.finish()

    judge(present, clients.accepted)


def judge(site: Site, accepted: list[str]) -> None:
    """All of it is there, once, and fits together."""
    assert len(accepted) == SIZE
    assert_each_once(site, accepted)
    site.world.now = datetime.now(UTC)
    recover(site)
    assert_sound(site)
