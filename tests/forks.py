"""Programs of ours without the wait for Python: forked from a process that has read them all.

Reading the product costs a second of the processor, and some tests start many programs. Each is
a process of its own all the same, with its own arguments, environment, folder and streams, and
dies as one. What is told of the start itself needs ``subprocess`` (tests/webapp/test_run.py).
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# What programs consist of, with all that lies in them.
READ = ("webapp", "bench.simulation", "tests.webapp.site")
CLI = "webapp.cli:main"
MOST_BYTES = 1 << 20


class Fork:
    """A running program: of ``subprocess.Popen``, with pipes of text, what tests use."""

    def __init__(self, pid: int, end: IO[str], pipes: tuple[IO[str], IO[str], IO[str]]) -> None:
        self.pid, self._end = pid, end
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = pipes

    def poll(self) -> int | None:
        """The exit code, or minus the signal that ended it; None while it runs."""
        ended = select.select([self._end], [], [], 0)[0]
        return self.wait() if ended and self.returncode is None else self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it has ended. Raises TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(self._end.readline())
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout: float = 120) -> tuple[str, str]:
        """Close its input and read what it says until it ends. Raises TimeoutExpired."""
        self.stdin.close()
        said: dict[IO[str], str] = {}
        readers = [
            threading.Thread(target=lambda pipe=pipe: said.update({pipe: pipe.read()}), daemon=True)
            for pipe in (self.stdout, self.stderr)
        ]
        for one in readers:
            one.start()
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGKILL)
            raise
        finally:
            for one in readers:
                one.join()
            self.close()
        return said[self.stdout], said[self.stderr]

    def close(self) -> None:
        """Give back what the test holds of it."""
        for pipe in (self.stdin, self.stdout, self.stderr, self._end):
            pipe.close()


class Forks:
    """Starts programs, ``module:function`` each."""

    def __init__(self, address: str) -> None:
        self.address = address

    def start(self, program: str, *words: object, cwd: Path, env: Mapping[str, str]) -> Fork:
        """Start a program with these arguments."""
        told = {"program": program, "words": [*map(str, words)], "cwd": str(cwd), "env": dict(env)}
        here = socket.socket(socket.AF_UNIX)
        here.connect(self.address)
        (stdin, to), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
        socket.send_fds(here, [json.dumps(told).encode() + b"\n"], [stdin, stdout, stderr])
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        end = here.makefile("r")
        here.close()
        return Fork(int(end.readline()), end, (open(to, "w"), open(out), open(err)))

    def run(self, *words: object, cwd: Path, env: Mapping[str, str]) -> tuple[int, str, str]:
        """``fengqiao`` with these words: exit code, stdout, stderr."""
        running = self.start(CLI, *words, cwd=cwd, env=env)
        out, err = running.communicate()
        return running.wait(), out, err


@contextmanager
def forks() -> Iterator[Forks]:
    """A process that the others are forked from; ends with the block."""
    with tempfile.TemporaryDirectory(prefix="fengqiao-forks-") as folder:
        address = f"{folder}/socket"
        command = [sys.executable, "-m", "tests.forks", address]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield Forks(address)
            process.communicate(timeout=30)


def main() -> None:
    """Fork whatever is asked for, until whoever started this is gone."""
    for name in READ:
        parts = getattr(import_module(name), "__path__", ())
        for part in pkgutil.walk_packages(parts, f"{name}."):
            if not part.name.endswith("__main__"):
                import_module(part.name)
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a fork has no threads but one"
    # Who looks after a program is waited for by nobody.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        listening.listen()
        print("ready", flush=True)
        while listening in select.select([listening, 0], [], [])[0]:
            asked = listening.accept()[0]
            if os.fork() == 0:
                listening.close()
                look_after(asked)
            asked.close()


def look_after(asked: socket.socket) -> None:
    """Start one program, tell its number at once and its end when it comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    words, streams, _flags, _address = socket.recv_fds(asked, MOST_BYTES, 3)
    while not words.endswith(b"\n"):
        words += asked.recv(MOST_BYTES)
    pid = os.fork()
    if pid == 0:
        asked.close()
        live(json.loads(words), streams)
    for descriptor in streams:
        os.close(descriptor)
    asked.sendall(f"{pid}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    asked.sendall(f"{code}\n".encode())
    os._exit(0)


def live(told: dict[str, object], streams: list[int]) -> None:
    """A program's whole life."""
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.setsid()
    os.environ.clear()
    os.environ.update(told["env"])
    os.chdir(told["cwd"])
    module, _colon, function = str(told["program"]).partition(":")
    sys.argv = [module, *told["words"]]
    code = 1
    try:
        getattr(import_module(module), function)()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
