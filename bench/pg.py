"""A throw-away PostgreSQL from the system's own programs, as root too; a second to start."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWNER = "postgres"
# For a server whose data nobody will miss: nothing needs to reach the disk.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off")
PR_SET_PDEATHSIG = 1


def binaries() -> Path | None:
    """Return the newest installed server's programs; None when a server cannot be started here."""
    if os.geteuid() == 0 and not _has_user(OWNER):
        return None
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    found += [Path(on_path)] if on_path else []
    return found[0].parent if found else None


@dataclass
class Server:
    """A running server; whoever wants to see it die may stop it and start it again."""

    programs: Path
    home: Path
    options: Sequence[str]
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """URL of its first database."""
        return f"postgresql+psycopg://fengqiao@/postgres?host={self.home}"

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT in order, SIGQUIT as in a crash, after which it recovers by its log."""
        self.process.send_signal(how)
        self.process.wait(30)

    def start(self) -> None:
        """Start it again on the same data."""
        self.process = _start(self.programs, self.home, self.options)
        _wait_until_ready(self.programs, self.home, self.process)


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Start a server on a socket of its own; return the URL of its first database.

    It keeps its promises to the disk unless ``options`` (``name=value``) say otherwise.
    """
    with running(*options) as found:
        yield found.url


@contextmanager
def running(*options: str) -> Iterator[Server]:
    """The same as an object, which can be stopped and started."""
    programs = binaries()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed")
    home = Path(tempfile.mkdtemp(prefix="fengqiao-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, OWNER, OWNER)
    try:
        _initialise(programs, home)
        found = Server(programs, home, options, _start(programs, home, options))
        try:
            _wait_until_ready(programs, home, found.process)
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _initialise(programs: Path, home: Path) -> None:
    options = ["-A", "trust", "-U", "fengqiao", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = [str(programs / "initdb"), "-D", str(home / "data"), *options]
    done = subprocess.run(command, capture_output=True, text=True, **_as_owner())
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.strip()}")


def _start(programs: Path, home: Path, settings: Sequence[str]) -> subprocess.Popen[bytes]:
    options = [word for setting in settings for word in ("-c", setting)]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", home / "data", "-h", "", "-k", home, *options],
            stdout=log,
            stderr=log,
            preexec_fn=_end_with_us,
            **_as_owner(),
        )


def _end_with_us() -> None:
    # Runs after the change of user, which would clear it: no server outlives a killed run.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(programs: Path, home: Path, process: subprocess.Popen[bytes]) -> None:
    asked: Sequence[Any] = [programs / "pg_isready", "-q", "-h", home]
    for _ in range(500):
        if process.poll() is not None:
            break
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {(home / 'log').read_text()[-500:]}")


def _as_owner() -> dict[str, Any]:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    return {"cwd": "/", "user": OWNER, "group": OWNER, "extra_groups": []}


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _version(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0
