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
from pathlib import Path
from typing import Any

OWNER = "postgres"
# For a server whose data nobody will miss: nothing needs to reach the disk.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off")
PR_SET_PDEATHSIG = 1


def binaries() -> Path | None:
    """The newest installed server's programs; None when a server cannot be started here."""
    if os.geteuid() == 0 and not _has_user(OWNER):
        return None
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    found += [Path(on_path)] if on_path else []
    return found[0].parent if found else None


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Start a server on a socket of its own; gives the URL of its first database.

    It keeps its promises to the disk unless ``options`` (``name=value``) say otherwise.
    """
    programs = binaries()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed")
    home = Path(tempfile.mkdtemp(prefix="fengqiao-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, OWNER, OWNER)
    try:
        _initialise(programs, home)
        process = _start(programs, home, options)
        try:
            _wait_until_ready(programs, home, process)
            yield f"postgresql+psycopg://fengqiao@/postgres?host={home}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
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
