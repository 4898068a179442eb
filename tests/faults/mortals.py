"""The other end of ``dying``: sends processes to their death and tells what became of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.conftest import ROOT

# The long form dies at every statement, the short form at so many of them, spread evenly.
EVERY = os.environ.get("FENGQIAO_FAULTS") == "long"


class Mortals:
    """Starts one process after the other, each to die at a statement of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.number = process, 0

    def die(self, told: dict[str, Any], at: int) -> dict[str, Any]:
        """Let a process do what it is told and die at statement ``at``; 0 lets it live."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.number += 1
        self.process.stdin.write(json.dumps({**told, "at": at, "number": self.number}) + "\n")
        self.process.stdin.flush()
        said: dict[str, Any] = {}
        # A test that ran out of time has left its answer unread.
        while said.get("number") != self.number:
            said = json.loads(self.process.stdout.readline())
        assert not said.get("broken"), said
        assert at == 0 or said["killed"], f"it lived on after statement {at}: {said}"
        return said


@contextmanager
def mortals() -> Iterator[Mortals]:
    """A process that bears the others; ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.dying"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield Mortals(process)
    finally:
        process.communicate(timeout=30)


def points(statements: int, few: int, many: int = 1000) -> list[int]:
    """At which of so many statements to die: at (so) many, or at a few, the last included."""
    count = min(statements, many if EVERY else few)
    return [statements * n // count for n in range(1, count + 1)]
