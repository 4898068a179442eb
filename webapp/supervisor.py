"""Several programs as one: a port claimed first, all started, all ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import DomainError
from feel.text import Text
from webapp.shutdown import stop_requests

HOST = "127.0.0.1"
SECONDS_TO_END = 10
GLANCE = 0.2
PR_SET_PDEATHSIG = 1


class PortTaken(DomainError):
    """Another program answers at the port, or this user may not use it."""

    def __init__(self, port: int, reason: str) -> None:
        text = Text(
            f"端口 {port} 无法使用（{reason}）；可设置 FENGQIAO_PORT 换一个端口。",
            f"Port {port} cannot be used ({reason}); FENGQIAO_PORT names another.",
        )
        super().__init__(port, text=text)


class ChildEnded(DomainError):
    """The web or the worker ended although nobody asked it to."""

    def __init__(self, name: str, code: int) -> None:
        text = Text(
            f"{name} 意外退出（代码 {code}），已全部停止。",
            f"The {name} ended unexpectedly (exit {code}); everything was stopped.",
        )
        super().__init__(text=text)
        self.name, self.code = name, code


@dataclass(frozen=True)
class SupervisedProgram:
    """One of the processes: what people call it, its command, the descriptors it inherits."""

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()


@contextmanager
def claim(port: int, host: str = HOST) -> Iterator[socket.socket]:
    """Listen at the port; the web process inherits the socket. Raises PortTaken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Allows a port whose last connections linger, not one that somebody listens at.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            raise PortTaken(port, os.strerror(error.errno or 0).lower()) from error
        yield listener


def supervise(programs: Sequence[SupervisedProgram], started: Callable[[], bool]) -> None:
    """Start the programs, wait for a signal or for one of them to end, and end them all.

    ``started`` is asked again and again until it says True. Raises ChildEnded.
    """
    children: dict[str, subprocess.Popen[bytes]] = {}
    with stop_requests() as is_asked:
        try:
            for program in programs:
                children[program.name] = _start(program)
            pending = True
            while not is_asked():
                _check(children)
                pending = pending and not started()
                time.sleep(GLANCE)
        finally:
            _end(list(children.values()))


def _start(program: SupervisedProgram) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        program.command,
        pass_fds=program.descriptors,
        # Its own group: Ctrl-C reaches this process alone, which then ends both in order.
        start_new_session=True,
        preexec_fn=_end_with_the_parent,
    )


def _end_with_the_parent() -> None:
    # Even if this process is killed outright, neither child is left behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _check(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        code = child.poll()
        if code is not None:
            raise ChildEnded(name, code)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask every group to end, then insist."""
    for child in children:
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_END
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal_group(child, signal.SIGKILL)
            child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
