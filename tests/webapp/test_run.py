"""``fengqiao run`` for real: a new folder, a page, a clean end, and the same data again."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

START = "from webapp.cli import main; main()"
PATIENCE = 120


@pytest.fixture
def port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path: Path, port: int) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("FENGQIAO_")}
    return {
        **kept,
        "FENGQIAO_DATA_DIR": str(tmp_path / "var"),
        "FENGQIAO_PORT": str(port),
        "FENGQIAO_DEMO_CASES": "6",
    }


@contextmanager
def running(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The program from its start until it says that it is ready; gives its output until then."""
    with log.open("wb") as output:
        command = [sys.executable, "-c", START, "run"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + PATIENCE
            while "is ready" not in log.read_text():
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield log.read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, log.read_text()


def page(port: int, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
        return answer.read().decode()


def cases_in(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute('SELECT count(*) FROM "case"').fetchone()[0]


def wait_until_ready(port: int) -> None:
    """Until the worker has ticked for the first time, too."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            page(port, "readyz")
            return
        except HTTPError as answer:
            assert time.monotonic() < deadline, answer.read()
        time.sleep(0.2)


@pytest.mark.slow
def test_it_serves_a_demo_at_once_and_keeps_the_data(environment, port, tmp_path):
    with running(environment, tmp_path / "first.log") as said:
        assert "Loading the demo county" in said and "supervisor1" in said
        assert "supervisor1" in page(port, "login")
        wait_until_ready(port)
        assert cases_in(Path(environment["FENGQIAO_DATA_DIR"], "fengqiao.db")) == 6
    with pytest.raises(OSError):
        page(port, "login")

    with running(environment, tmp_path / "second.log") as said:
        assert "Loading the demo county" not in said and "Playing" not in said
        assert "supervisor1" in page(port, "login")


def test_it_says_in_one_line_that_the_port_is_taken(environment, port):
    with socket.create_server(("127.0.0.1", port)):
        command = [sys.executable, "-c", START, "run"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0 and str(port) in done.stderr
    assert not Path(environment["FENGQIAO_DATA_DIR"], "fengqiao.db").exists()
