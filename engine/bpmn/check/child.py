"""Start the child process of a check, listen to it, and end it when it takes too long."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

from engine.bpmn.check.request import CheckRequest
from engine.errors import DomainError
from feel.text import Text

_ROOT: Final = Path(__file__).resolve().parents[3]
_UNCAUGHT: Final = 1  # the exit code of Python after an exception nobody handled
_START: Final = 20.0
_MAX_OUTPUT: Final = 16_000_000
# Two at once: with their limits they leave a small server time and memory for its pages.
_PLACES: Final = BoundedSemaphore(2)
# Whoever is in a hurry and waits holds one of the few threads that answer pages: three may.
_CHAIRS: Final = BoundedSemaphore(3)
_PATIENCE: Final = 0.25  # of all the time that there is


class CheckUnavailable(DomainError):
    """The child process could not be started, or had no time to begin."""

    text = Text(
        "检查程序没有启动成功，请稍后再试。", "The check could not be started; try again later."
    )


class CheckBusy(CheckUnavailable):
    """Others are being checked, and whoever asks is not to wait for long."""

    text = Text("检查程序正忙，请稍后再试。", "The checker is busy, try again in a moment.")


@dataclass
class Heard:
    """What a child said before it ended; ``at`` is the file it was working on last."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    at: str | None = None
    done: bool = False
    broke: bool = False  # an error of ours, not a limit
    hurried: bool = False  # it was stopped before the file had half of its time


def ask(request: CheckRequest, timeout: float, deadline: float | None = None) -> Heard:
    """Run one child over the files; no file may take longer than ``timeout`` seconds.

    With a ``deadline`` (by the monotonic clock) it is over by then, waiting for a place
    included. Raises Busy where there is no place soon enough.
    """
    with _place(deadline), tempfile.TemporaryFile() as stdin:
        request.write(stdin)
        stdin.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.bpmn.check", str(timeout)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=_environment(),
        )
        try:
            heard = _listen(process, timeout, deadline)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
    heard.broke = process.returncode == _UNCAUGHT
    return heard


@contextmanager
def _place(deadline: float | None) -> Iterator[None]:
    """One of the places: at once, or after waiting for it, in a hurry not for long."""
    if not _PLACES.acquire(blocking=deadline is None):
        assert deadline is not None
        _wait(_PATIENCE * (deadline - time.monotonic()))
    try:
        yield
    finally:
        _PLACES.release()


def _wait(seconds: float) -> None:
    if not _CHAIRS.acquire(blocking=False):
        raise CheckBusy()
    try:
        if not _PLACES.acquire(timeout=max(0.0, seconds)):
            raise CheckBusy()
    finally:
        _CHAIRS.release()


def _environment() -> dict[str, str]:
    """Nothing of the server's: its environment holds secrets."""
    return {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "PATH": os.defpath}


def _listen(process: subprocess.Popen[bytes], timeout: float, last: float | None) -> Heard:
    heard = Heard()
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
    process: subprocess.Popen[bytes], timeout: float, last: float | None, heard: Heard
) -> Iterator[bytes]:
    """Give the child's lines until it ends; each new file gives it the full time again."""
    assert process.stdout is not None
    stream = process.stdout.fileno()
    rest, size, at = b"", 0, b""
    # Starting is not the file's fault: a busy machine may take its time over it.
    deadline = time.monotonic() + timeout + _START
    while size < _MAX_OUTPUT:
        until = deadline if last is None else min(deadline, last)
        ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
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
            yield line
