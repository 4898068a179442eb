"""The workers of a simulated county: two processes that sweep, and that are killed at random."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from bench.simulation import hand
from engine.worker import ticks

ROOT = Path(__file__).resolve().parents[2]
# What the worker does every few seconds, and what it does now and then.
OFTEN = ("deserted", "sweep", "recount", "restamp", "outbox")
SELDOM = ("tallies", "anchor")
WORKERS = 2
# A sweep is under way this long at most when its worker is killed.
LONGEST = 0.4
KIB_A_MIB = 1024
# So much of what a worker that ended said is repeated, in characters.
MOST_SAID = 2000
# Ticks that ran by a clock far ahead: a failure like others.
LET_LOOSE = "leap.failed"


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return what a worker is told of the database and the secrets."""
    return {"FENGQIAO_DATABASE_URL": url, "FENGQIAO_DATA_DIR": str(folder)}


class WorkerProcess:
    """A worker in a process of its own, which is told what time it is."""

    def __init__(self, told: Mapping[str, str]) -> None:
        # What it says when it ends by itself.
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with it
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.simulation.hand"],
            cwd=ROOT,
            env={**os.environ, **told},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def work(self, now: datetime, ticks: Sequence[str], *, heeds: bool = False) -> dict[str, Any]:
        """Run these ticks and wait for what they report."""
        self.tell(now, ticks, heeds=heeds)
        return self.hear()

    def tell(self, now: datetime, ticks: Sequence[str], *, heeds: bool = False) -> None:
        """Send the worker the time and its order; ``heeds``: its clock may have jumped."""
        assert self.process.stdin is not None
        order = {"now": now.isoformat(), "ticks": ticks, "heeds": heeds}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for the reports by tick. Raises RuntimeError if it ended by itself."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line == "ready\n":
            line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"a worker ended by itself: {self.errors.read()[-MOST_SAID:]}")
        reports: dict[str, Any] = json.loads(line)
        return reports

    def kill(self) -> None:
        """Kill it at once."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        self.errors.close()

    @property
    def cpu_seconds(self) -> float:
        """The processor's time that it has had."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def rss_mb(self) -> float:
        """The memory that it has of its own and in use."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / KIB_A_MIB


class Worker:
    """A worker in this process, for a simulation in which nobody is killed."""

    def __init__(self) -> None:
        self.kills = 0
        self.done: Counter[str] = Counter()

    def work(self, now: datetime, *, seldom: bool = False, kill: bool = False) -> None:
        """Run the ticks."""
        for name in [*OFTEN, *(SELDOM if seldom else ())]:
            self.done.update({f"{name}.{key}": many for key, many in ticks.tick(name, now).items()})

    def leap(self, now: datetime) -> None:
        """Come by with a clock that is far ahead; whatever that lets loose is noted."""
        self.done.update(let_loose(hand.run(now, ticks.FIRING, heeds=True)))

    def finish(self, now: datetime) -> None:
        """Work until nothing is left that is due."""
        work_off(self, now)

    def dismiss(self) -> None:
        """There is nobody to send home."""

    @property
    def failures(self) -> int:
        """How many rows or ticks failed."""
        return failed(self.done)


class Crew:
    """Two workers at one database; whoever dies is replaced."""

    def __init__(self, told: Mapping[str, str], dice: random.Random) -> None:
        self.told, self.dice = told, dice
        self.hands = [WorkerProcess(told) for _ in range(WORKERS)]
        self.kills = 0
        self.done: Counter[str] = Counter()

    def work(self, now: datetime, *, seldom: bool = False, kill: bool = False) -> None:
        """Run both workers at once; with ``kill``, one of them is killed by SIGKILL on the way."""
        for one in self.hands:
            one.tell(now, [*OFTEN, *(SELDOM if seldom else ())])
        if kill:
            time.sleep(self.dice.uniform(0, LONGEST))
            self.hands.pop(self.dice.randrange(WORKERS)).kill()
            self.kills += 1
        for one in self.hands:
            for name, report in one.hear().items():
                self.done.update({f"{name}.{key}": count for key, count in report.items()})
        while len(self.hands) < WORKERS:
            self.hands.append(WorkerProcess(self.told))

    def leap(self, now: datetime) -> None:
        """One of them comes by with a clock that is far ahead."""
        self.done.update(let_loose(self.hands[0].work(now, ticks.FIRING, heeds=True)))

    def finish(self, now: datetime) -> None:
        """Work until nothing is left that is due, then go home."""
        work_off(self, now)
        self.dismiss()

    def dismiss(self) -> None:
        """End the workers, whatever they are doing."""
        while self.hands:
            self.hands.pop().kill()

    @property
    def failures(self) -> int:
        """How many rows or ticks failed; none may, however many workers died."""
        return failed(self.done)


def work_off(crew: Crew | Worker, now: datetime) -> None:
    """Run a crew until nothing is left that is due."""
    swept = -1
    while swept != (swept := crew.done["sweep.fired"] + crew.done["recount.recounted"]):
        crew.work(now, seldom=True)


def let_loose(reports: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return how many ticks ran that a clock far ahead should have held."""
    held = sum("held" in report for report in reports.values())
    return {"leaps": 1, LET_LOOSE: len(reports) - held}


def failed(done: Mapping[str, int]) -> int:
    """Return how many of the things done were failures."""
    return sum(count for key, count in done.items() if key.endswith((".failed", ".errors")))
