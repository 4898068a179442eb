"""The child process of a check: limits itself, reads hostile files, writes findings as JSON.

Each line on standard output is a document: ``{"at": file}`` before a file is worked on, so
that the parent knows whom to blame for an end by force, then the file's findings.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from engine.bpmn.check.inspection import FileInspection, gather, inspect
from engine.bpmn.check.reading import FileReading, read_file
from engine.bpmn.check.request import CheckRequest
from engine.bpmn.check.subject import CheckSubject
from engine.isolation.child import limit_self

MEMORY = 512 * 1024 * 1024
_OUT_OF_MEMORY = 3


def main() -> int:
    """Check what stands on standard input."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    # The wall clock is the parent's. In case it is gone and nobody stops us: no file takes
    # longer than its limit.
    limit_self(memory=MEMORY, cpu=int(seconds * 60) + 60, nice=5)
    try:
        _check(CheckRequest.read(sys.stdin.buffer))
    except MemoryError:
        return _OUT_OF_MEMORY
    return 0


def _check(request: CheckRequest) -> None:
    reads = []
    for file, data in request.files.items():
        _print({"at": file})
        reads.append(read_file(file, data))
    reads += [FileReading(file) for file in request.unseen]
    scene = CheckSubject(gather(reads, request.reported_files), request.context)
    for inspected in inspect(scene, lambda file: _print({"at": file})):
        _print(_document(inspected))
    _print({"done": True})


def _document(inspected: FileInspection) -> dict[str, Any]:
    return {
        "file": inspected.file,
        "processes": inspected.processes,
        "findings": [finding.as_json() for finding in inspected.findings],
        "coverage": inspected.coverage,
    }


def _print(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
