"""Start the child process of a check, listen to it, and end it when it takes too long."""

from __future__ import annotations

import json
import math
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.bpmn.check.request import CheckRequest
from engine.errors import DomainError
from engine.isolation import child as isolated
from engine.isolation.places import ChildPlaces, NoChildPlace
from feel.text import Text

_UNCAUGHT: Final = 1  # the exit code of Python after an exception nobody handled
_START: Final = 20.0
_PATIENCE: Final = 5
_MAX_OUTPUT: Final = 16_000_000
# Two at once: with their limits they leave a small server time and memory for its pages.
# Whoever is in a hurry waits for a quarter of the time that there is, and three at most do.
_PLACES: Final = ChildPlaces(2, 3, 0.25)


class CheckUnavailable(DomainError):
    """The child process could not be started, or had no time to begin."""

    text = Text(
        "检查程序没有启动成功，请稍后再试。", "The check could not be started; try again later."
    )


class CheckBusy(CheckUnavailable):
    """Others are being checked, and whoever asks is not to wait for long."""

    text = Text("检查程序正忙，请稍后再试。", "The checker is busy, try again in a moment.")


@dataclass
class ChildMessage:
    """What a child said before it ended; ``at`` is the file it was working on last."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    at: str | None = None
    done: bool = False
    broke: bool = False  # an error of ours, not a limit
    hurried: bool = False  # it was stopped before the file had half of its time


def ask(request: CheckRequest, timeout: float, deadline: float | None = None) -> ChildMessage:
    """Run one child over the files; no file may take longer than ``timeout`` seconds.

    With a ``deadline`` (by the monotonic clock) it is over by then, waiting for a place
    included. Raises Busy where there is no place soon enough.
    """
    try:
        with _PLACES.take(deadline):
            return _run_child(request, timeout, deadline)
    except NoChildPlace as full:
        raise CheckBusy() from full


def _run_child(request: CheckRequest, timeout: float, deadline: float | None) -> ChildMessage:
    with tempfile.TemporaryFile() as stdin:
        request.write(stdin)
        stdin.seek(0)
        process = isolated.start("engine.bpmn.check", str(timeout), stdin=stdin)
        try:
            heard = _listen(process, timeout, deadline)
        finally:
            isolated.end(process)
    heard.broke = process.returncode == _UNCAUGHT
    return heard


def _listen(process: subprocess.Popen[bytes], timeout: float, last: float | None) -> ChildMessage:
    heard = ChildMessage()
    for line in _lines(process, timeout, last, heard):
        try:
            document = json.loads(line)
        except ValueError:
            break
        if "at" in document:
            heard.at = document["at"]
        elif "file" in document:
            heard.documents[document["file"]] = document
        else:
            heard.done = True
    return heard


def _lines(
    process: subprocess.Popen[bytes], timeout: float, last: float | None, heard: ChildMessage
) -> Iterator[bytes]:
    """Yield the child's lines until it ends; each new file gives it the full time again.

    The time is the wall clock's on a machine that has nothing else to do, and up to
    ``_PATIENCE`` times as much more on one where others keep the processors.
    """
    assert process.stdout is not None
    stream = process.stdout.fileno()
    rest, size, at = b"", 0, b""
    # Starting is not the file's fault: a busy machine may take its time over it.
    deadline = time.monotonic() + timeout + _START
    worked, longest = 0.0, deadline + _PATIENCE * timeout
    while size < _MAX_OUTPUT:
        until = deadline if last is None else min(deadline, last)
        ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
        if not ready and until == deadline < longest:
            # Others kept the processors: what it has not had, it may still take.
            left = timeout - (_processor_time(process.pid) - worked)
            if left > 0:
                deadline = min(longest, time.monotonic() + max(left, 0.1))
                continue
        if not ready:
            # What took half of its time is heavy, whoever else was at work.
            heard.hurried = until < deadline - timeout / 2
            return
        part = os.read(stream, 65536)
        if not part:
            return
        size += len(part)
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b'{"at"') and line != at:
                at, deadline = line, time.monotonic() + timeout
                worked, longest = _processor_time(process.pid), deadline + _PATIENCE * timeout
            yield line


def _processor_time(pid: int) -> float:
    """Return the seconds of processor time a child has had; endless where nobody can tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return math.inf
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
