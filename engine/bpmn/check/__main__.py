"""The child process of a check: limits itself, reads hostile files, writes findings as JSON.

Each line on standard output is a document: ``{"at": file}`` before a file is worked on, so
that the parent knows whom to blame for an end by force, then the file's findings.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Any

from engine.bpmn.check.inspection import Inspected, gather, inspect
from engine.bpmn.check.reading import Read, read_file
from engine.bpmn.check.request import CheckRequest
from engine.bpmn.check.subject import CheckSubject

MEMORY = 512 * 1024 * 1024
_OUT_OF_MEMORY = 3
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Check what stands on standard input."""
    _limit(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
    try:
        _check(CheckRequest.read(sys.stdin.buffer))
    except MemoryError:
        return _OUT_OF_MEMORY
    return 0


def _limit(seconds: float) -> None:
    """Take away what a check does not need; the wall clock is the parent's."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # In case the parent is gone and nobody stops us: no file takes longer than its limit.
    cpu = int(seconds * 60) + 60
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with suppress(OSError):
        os.nice(5)


def _check(request: CheckRequest) -> None:
    reads = []
    for file, data in request.files.items():
        _say({"at": file})
        reads.append(read_file(file, data))
    reads += [Read(file) for file in request.unseen]
    scene = CheckSubject(gather(reads, request.reported), request.known)
    for inspected in inspect(scene, lambda file: _say({"at": file})):
        _say(_document(inspected))
    _say({"done": True})


def _document(inspected: Inspected) -> dict[str, Any]:
    return {
        "file": inspected.file,
        "processes": inspected.processes,
        "findings": [finding.as_json() for finding in inspected.findings],
        "coverage": inspected.coverage,
    }


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
