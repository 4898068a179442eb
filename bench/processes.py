"""Programs that are measured from outside: started, watched through /proc, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from webapp.supervisor import HOST, claim

TICKS = os.sysconf("SC_CLK_TCK")
STDERR = 2
PAGE = os.sysconf("SC_PAGE_SIZE")
GUNICORN = "-m gunicorn --workers 2 --threads 4 --preload --log-level warning --no-control-socket"


@contextmanager
def program(
    command: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int] = ()
) -> Iterator[int]:
    """A program with all it starts, in a group of its own that ends with the block; its id."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        # A benchmark's own output is one document.
        stdout=STDERR,
        pass_fds=descriptors,
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def web(python: str, application: str, environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """An application behind gunicorn as ``fengqiao run`` starts it; its process and port."""
    with claim(0) as listener:
        port = listener.getsockname()[1]
        descriptor = listener.fileno()
        command = [python, *GUNICORN.split(), "--bind", f"fd://{descriptor}", application]
        with program(command, environment, (descriptor,)) as pid:
            wait_for(port)
            yield pid, port


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still run."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in listed]


def parent(pid: int) -> int:
    """Return who started a process."""
    return int(_stat(pid)[1])


def seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    return sum(map(int, _stat(pid)[11:13])) / TICKS


def megabytes(pids: Sequence[int]) -> float:
    """Return the memory that the processes hold now, the largest of them."""
    held = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return round(max(held) * PAGE / 1e6, 1)


def _stat(pid: int) -> list[str]:
    """Return the fields after the name, which may hold spaces and brackets."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def wait_for(port: int) -> None:
    """Until something on this machine answers there. Raises RuntimeError after a minute or two."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web did not start")
