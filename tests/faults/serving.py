"""The web as in production, gunicorn with two processes, and a crowd of real clients."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from tests.conftest import ROOT
from tests.webapp.site import SECRET, SECRETS, Site

PATIENCE = 90
WEB = [sys.executable, "-m", "gunicorn", "-c", "python:deploy.serving"]
WORKER = [sys.executable, "-c", "from webapp.cli import main; main()", "worker"]


def environment(site: Site, **more: str) -> dict[str, str]:
    """What the services of a site are told."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("FENGQIAO_")}
    chosen = site.app.config["FENGQIAO"]
    ours = {
        "DATA_DIR": str(chosen.data_dir),
        "DATABASE_URL": site.url,
        "TICK_SECONDS": "1",
        **dict.fromkeys(SECRETS, SECRET),
        **more,
    }
    return {**kept, **{f"FENGQIAO_{name}": text for name, text in ours.items()}}


@contextmanager
def service(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen]:  # type: ignore[type-arg]
    """One service from its start to its end; whoever killed it has ended it already."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@dataclass
class Web:
    """gunicorn at work."""

    process: subprocess.Popen[bytes]
    port: int

    def children(self) -> set[int]:
        """The processes that answer."""
        number = self.process.pid
        listed = Path(f"/proc/{number}/task/{number}/children").read_text()
        return {int(child) for child in listed.split()}

    def reload(self) -> None:
        """Ask for new processes and wait until the old ones are gone."""
        old = self.children()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & self.children() and len(self.children()) >= 2)


@contextmanager
def web(site: Site, log: Path, command: list[str] | None = None, **more: str) -> Iterator[Web]:
    """The web service on a free port, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = environment(site, PORT=str(port), **more)
    with service(command or WEB, env, log) as process:
        found = Web(process, port)
        wait_until(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text()[-3000:]
        yield found


def answers(port: int) -> bool:
    """Whether somebody answers at the port."""
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def wait_until(condition: object, seconds: float = PATIENCE) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@dataclass
class Crowd:
    """Clients that send each form until somebody says that it is done."""

    port: int
    cookie: str
    fields: Mapping[str, str]
    paths: queue.Queue[str] = field(default_factory=queue.Queue)
    accepted_ids: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    pause: float = 0.0
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, clients: int = 4) -> None:
        """Let so many clients loose."""
        for _number in range(clients):
            thread = threading.Thread(target=self._send_all, daemon=True)
            self._threads.append(thread)
            thread.start()

    def finish(self) -> None:
        """Wait until every form is accepted."""
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), (self.paths.qsize(), self.failures[-5:])

    def _send_all(self) -> None:
        # One connection kept open, as a browser and a proxy do.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        while True:
            try:
                path = self.paths.get_nowait()
            except queue.Empty:
                return
            said = self._send(connection, path)
            if said == "303":
                self.accepted_ids.append(path)
            else:
                self.failures.append(said)
                self.paths.put(path)
                time.sleep(0.2)
            time.sleep(self.pause)

    def _send(self, connection: HTTPConnection, path: str) -> str:
        headers = {
            "Cookie": f"fengqiao={self.cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        try:
            connection.request("POST", path, urlencode(self.fields), headers)
            answer = connection.getresponse()
            answer.read()
            # Somebody who got no answer sends it again and hears that it is done.
            return "303" if answer.status in (303, 404, 409) else str(answer.status)
        except (OSError, HTTPException) as error:
            connection.close()
            return repr(error)
