"""One of many processes that hammer the same cases.

Run as ``python -m tests.engine.casework.moves.hammering``.

Says ``ready`` on standard output, then reads one JSON document from standard input: ``url``,
``cases``, ``seed``, ``worker``, and from when to when (``began`` and ``until``, Unix time). Its
last line is what it did, what it was refused, and what must not have happened.
"""

from __future__ import annotations

import json
import random
import sys
import time
import traceback
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine.errors import DomainError
from engine.models import Unit, User
from engine.storage.db import reading
from engine.worker import ticks
from forms import InvalidAnswers
from tests.databases import bare_app
from tests.engine.casework.moves.attempts import LOGINS, NAMES, Attempts
from tests.engine.casework.world import FRIDAY_9AM, World

# A second of hammering is ten minutes of office time, so that clocks run out meanwhile.
HASTE = 600
# What each does at least, where the machine is busy with other things.
ROUNDS = 60


class Hammer:
    """Random people at random cases, as fast as it goes."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told, self.random = told, random.Random(told["seed"])
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.wordless: list[str] = []
        self.failures: list[str] = []
        self.slowest = 0.0
        with reading() as db:
            logins = {row.login: row.id for row in db.execute(select(User.login, User.id))}
            units = {row.code: row.id for row in db.execute(select(Unit.code, Unit.id))}
        self.attempts = Attempts(World(logins), units, self.random.choice)

    def run(self) -> None:
        """Until the time is up and enough is done."""
        rounds = 0
        while time.time() < self.told["until"] or rounds < ROUNDS:
            rounds += 1
            self.attempts.world.now = self._now()
            if self.told["worker"] and rounds % 20 == 0:
                self._sweep()
            else:
                self._strike()

    def report(self) -> dict[str, Any]:
        """What was done and refused, and what must not have happened."""
        return {
            "done": self.done,
            "refused": self.refused,
            "wordless": self.wordless,
            "broken": self.failures,
            "slowest": self.slowest,
        }

    def _strike(self) -> None:
        name = self.random.choice((*NAMES, "go_on", "go_on", "go_on"))
        who, case = self.random.choice(LOGINS), self.random.choice(self.told["cases"])
        began = time.monotonic()
        try:
            if self.attempts.make(name, who, case):
                self.done[name] += 1
        except (DomainError, InvalidAnswers) as error:
            self._refusal(name, error)
        except Exception:
            self.failures.append(f"{name}: {traceback.format_exc()}"[-3000:])
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _refusal(self, name: str, error: DomainError | InvalidAnswers) -> None:
        self.refused[f"{name} {type(error).__name__}"] += 1
        if isinstance(error, InvalidAnswers):
            words = [text for texts in error.errors.values() for text in texts]
        else:
            words = [error.text]
        if not words or not all(text.zh and text.en for text in words):
            self.wordless.append(f"{name} {type(error).__name__}")

    def _sweep(self) -> None:
        try:
            for tick, report in ticks.run_once(self.attempts.world.now).items():
                self.done[f"worker {tick}"] += sum(report.values())
                if report.get("failed") or report.get("errors"):
                    self.failures.append(f"worker {tick}: {report}")
        except Exception:
            self.failures.append(f"worker: {traceback.format_exc()}"[-3000:])

    def _now(self) -> datetime:
        return FRIDAY_9AM + timedelta(seconds=HASTE * (time.time() - self.told["began"]))


def main() -> None:
    """Hammer as standard input says, when all who take part are there."""
    print("ready", flush=True)
    told = json.load(sys.stdin)
    with bare_app(told["url"]).app_context():
        hammer = Hammer(told)
        hammer.run()
        json.dump(hammer.report(), sys.stdout)


if __name__ == "__main__":
    main()
