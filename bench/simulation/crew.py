"""The workers of a simulated county: two processes that sweep, and that are killed at random."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# What the worker does every few seconds, and what it does now and then.
OFTEN = ("sweep", "recount", "restamp", "outbox")
SELDOM = ("tallies", "anchor")
WORKERS = 2
# A sweep is under way this long at most when its worker is killed.
LONGEST = 0.4


class Crew:
    """Two workers at one database, each told what time it is."""

    def __init__(self, environment: dict[str, str], dice: random.Random) -> None:
        self.environment, self.dice = {**os.environ, **environment}, dice
        self.workers = [self._start() for _ in range(WORKERS)]
        self.kills = 0
        self.done: Counter[str] = Counter()

    def work(self, now: datetime, *, seldom: bool = False, kill: bool = False) -> None:
        """Let both work at once; with ``kill``, one of them dies on the way, by SIGKILL."""
        told = {"now": now.isoformat(), "ticks": [*OFTEN, *(SELDOM if seldom else ())]}
        for one in self.workers:
            self._tell(one, told)
        if kill:
            time.sleep(self.dice.uniform(0, LONGEST))
            victim = self.workers.pop(self.dice.randrange(WORKERS))
            os.kill(victim.pid, signal.SIGKILL)
            victim.communicate()
            self.kills += 1
        for one in self.workers:
            self._hear(one)
        while len(self.workers) < WORKERS:
            self.workers.append(self._start())

    def finish(self, now: datetime) -> None:
        """Work until nothing is left that is due, then go home."""
        swept = -1
        while swept != (swept := self.done["sweep.fired"] + self.done["recount.recounted"]):
            self.work(now, seldom=True)
        self.dismiss()

    def dismiss(self) -> None:
        """End the workers, whatever they are doing."""
        for one in self.workers:
            one.kill()
            one.communicate()
        self.workers = []

    @property
    def failures(self) -> int:
        """How many rows or ticks failed; none may, however many workers died."""
        return sum(
            count for key, count in self.done.items() if key.endswith((".failed", ".errors"))
        )

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bench.simulation.hand"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _tell(self, one: subprocess.Popen[str], told: dict[str, Any]) -> None:
        assert one.stdin is not None
        one.stdin.write(json.dumps(told) + "\n")
        one.stdin.flush()

    def _hear(self, one: subprocess.Popen[str]) -> None:
        for name, report in json.loads(self._line(one)).items():
            self.done.update({f"{name}.{key}": count for key, count in report.items()})

    def _line(self, one: subprocess.Popen[str]) -> str:
        assert one.stdout is not None
        line = one.stdout.readline()
        if line == "ready\n":
            line = one.stdout.readline()
        if not line:
            raise RuntimeError("a worker of the simulation ended by itself")
        return line


def environment(url: str, folder: Path, extra: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """What a worker is told of the database and the secrets."""
    return {"FENGQIAO_DATABASE_URL": url, "FENGQIAO_DATA_DIR": str(folder), **dict(extra)}
