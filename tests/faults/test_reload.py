"""A reload under load: new processes, and no client notices."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.faults.aftermath import assert_sound, recover
from tests.faults.load import assert_each_once, crowd
from tests.faults.mortals import EVERY
from tests.faults.serving import Web, wait_until, web
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
            done = len(clients.accepted_ids)
            wait_until(lambda done=done: len(clients.accepted_ids) > done + 3)
            running.reload()
        clients.finish()
        last = running.children()

    assert clients.failures == []
    assert not first & last and len(last) == 2
    judge(present, clients.accepted_ids)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_loses_nothing_when_its_processes_are_killed_under_load(
    present: Site, tmp_path: Path
) -> None:
    with web(present, tmp_path / "web.log") as running:
        clients = crowd(present, running.port, SIZE)
        clients.start()
        for _number in range(5 if EVERY else 1):
            done = len(clients.accepted_ids)
            wait_until(lambda done=done: len(clients.accepted_ids) > done + 3)
            for child in running.children():
                os.kill(child, signal.SIGKILL)
        clients.finish()

    judge(present, clients.accepted_ids)


def judge(site: Site, accepted: list[str]) -> None:
    """All of it is there, once, and fits together."""
    assert len(accepted) == SIZE
    assert_each_once(site, accepted)
    site.world.now = datetime.now(UTC)
    recover(site)
    assert_sound(site)


@dataclass
class Gated:
    """A web service whose new processes start when the gate is open."""

    running: Web
    gate: Path

    def set(self, state: str) -> None:
        """Open, shut or break what new processes have to pass; in one step."""
        made = self.gate.with_suffix(".new")
        made.write_text(state)
        made.replace(self.gate)

    def hang_up(self) -> None:
        """Ask for new processes, and wait for nothing."""
        self.running.process.send_signal(signal.SIGHUP)

    def pages(self, count: int = 20) -> list[int]:
        """What is answered to somebody who opens one page after the other, each again."""
        return [opened(self.running.port) for _number in range(count)]


def opened(port: int) -> int:
    """The status of a page; fails where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/login")
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.fixture
def gated(present: Site, tmp_path: Path) -> Iterator[Gated]:
    """A web service with the gate open until it answers."""
    gate = tmp_path / "gate"
    gate.write_text("open")
    command = [sys.executable, "-m", "gunicorn", "-c", "python:tests.faults.gated"]
    with web(present, tmp_path / "web.log", command, GATE_FILE=str(gate)) as running:
        yield Gated(running, gate)


@pytest.mark.only("sqlite")  # Who comes and goes is the same on both.
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_old_processes_answer_until_new_ones_do(gated: Gated) -> None:
    """However long the new ones take; then they go one by one."""
    running, old = gated.running, gated.running.children()
    assert len(old) == 2
    gated.set("shut")
    gated.hang_up()
    wait_until(lambda: len(running.children()) == 4)

    # Nobody new answers yet, and nobody waits.
    assert gated.pages() == [200] * 20
    assert old < running.children()
    gated.set("open")
    wait_until(lambda: not old & running.children() and len(running.children()) == 2)
    assert gated.pages() == [200] * 20

    # Again, twice at once: the last ones stay, in their number.
    before = running.children()
    gated.hang_up()
    gated.hang_up()
    wait_until(lambda: not before & running.children() and len(running.children()) == 2)
    assert gated.pages() == [200] * 20


@pytest.mark.only("sqlite")
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_program_that_does_not_start_replaces_nothing(gated: Gated) -> None:
    """The old processes go on, and the next try succeeds."""
    running, old = gated.running, gated.running.children()
    gated.set("shut")
    gated.hang_up()
    wait_until(lambda: len(running.children()) == 4)
    gated.set("broken")
    wait_until(lambda: running.children() == old)

    assert gated.pages() == [200] * 20
    assert running.process.poll() is None
    gated.set("open")
    # One that dies is replaced as ever.
    os.kill(min(old), signal.SIGKILL)
    wait_until(lambda: len(running.children()) == 2 and running.children() != old)
    running.reload()
    assert not old & running.children()
    assert gated.pages() == [200] * 20
