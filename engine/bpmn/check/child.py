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
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

from engine.bpmn.check.request import Request

_ROOT: Final = Path(__file__).resolve().parents[3]
_UNCAUGHT: Final = 1  # the exit code of Python after an exception nobody handled
_START: Final = 20.0
_MAX_OUTPUT: Final = 16_000_000
# Two at once: with their limits they leave a small server time and memory for its pages.
_PLACES: Final = BoundedSemaphore(2)


@dataclass
class Heard:
    """What a child said before it ended; ``at`` is the file it was working on last."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    at: str | None = None
    done: bool = False
    broke: bool = False  # an error of ours, not a limit


def ask(request: Request, timeout: float) -> Heard:
    """Run one child over the files; no file may take longer than ``timeout`` seconds."""
    with _PLACES, tempfile.TemporaryFile() as stdin:
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
            heard = _listen(process, timeout)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
    heard.broke = process.returncode == _UNCAUGHT
    return heard


def _environment() -> dict[str, str]:
    """Nothing of the server's: its environment holds secrets."""
    return {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "PATH": os.defpath}


def _listen(process: subprocess.Popen[bytes], timeout: float) -> Heard:
    heard = Heard()
    for line in _lines(process, timeout):
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


def _lines(process: subprocess.Popen[bytes], timeout: float) -> Iterator[bytes]:
    """Give the child's lines until it ends; each new file gives it the full time again."""
    assert process.stdout is not None
    stream = process.stdout.fileno()
    rest, size, at = b"", 0, b""
    # Starting is not the file's fault: a busy machine may take its time over it.
    deadline = time.monotonic() + timeout + _START
    while size < _MAX_OUTPUT:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
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
