"""Eight processes at the same fifty cases: nothing lost, nobody stuck, every loser told why.

Some seconds in every run; `FENGQIAO_HAMMER_SECONDS=60` for the long form.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.models import Event
from engine.operations import doctor
from engine.storage.db import reading
from engine.worker import ticks
from tests.conftest import ROOT
from tests.engine.casework.moves import hammering, sight, trial
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.hammering import HASTE
from tests.engine.casework.world import FRIDAY_9AM, World
from tests.forks import Fork, Forks

SECONDS = float(os.environ.get("FENGQIAO_HAMMER_SECONDS", "2"))
PROCESSES, CASES = 8, 50
# Seconds that nobody waits for an answer, whatever else the machine does.
PATIENCE = 60
# What leaves exactly one event behind each time it succeeds; signing twice is once.
ONE_EVENT = {
    "release": "task.released",
    "return_task": "task.returned",
    "send_message": "message.sent",
    "transfer": "task.transferred",
    "assign": "task.assigned",
    "urge": "task.urged",
    "suspend": "task.suspended",
    "ask_extension": "extension.asked",
    "decide_extension": "extension.decided",
    "decide_pause": "pause.decided",
    "recall": "task.recalled",
    "ask_help": "help.asked",
    "answer_help": "help.answered",
    "withdraw_help": "help.withdrawn",
    "comment": "case.commented",
    "reopen": "case.reopened",
    "reclassify": "case.reclassified",
}


@pytest.mark.timeout(SECONDS + 500)
def test_it_bears_eight_processes_at_the_same_fifty_cases(
    world: World, database: str, tmp_path: Path, forks: Forks
) -> None:
    trial.publish(world)
    cases = [world.open() for _ in range(CASES // 2)]
    cases += [world.open(process=trial.KEY) for _ in range(CASES - len(cases))]
    opened = events()

    reports = hammer(forks, database, tmp_path, cases)

    done = sum((Counter(report["done"]) for report in reports), Counter())
    assert [one for report in reports for one in report["broken"]] == []
    assert [one for report in reports for one in report["wordless"]] == []
    assert not [key for report in reports for key in report["refused"] if key.endswith(" Busy")]
    assert max(report["slowest"] for report in reports) < PATIENCE
    assert sum(done.values()) > PROCESSES
    assert_nothing_lost(done, events() - opened)
    end = FRIDAY_9AM + timedelta(seconds=HASTE * (SECONDS + 600))
    ticks.run_once(end)
    assert_whole(now=end)
    with reading(snapshot=True) as db:
        assert doctor.examine(db, end).findings == []
        sight.assert_nobody_sees_too_much(db, world)


def hammer(forks: Forks, url: str, folder: Path, cases: list[int]) -> list[dict[str, Any]]:
    """Let the processes loose, wait for all of them and give what each reports."""
    running = [start(forks, folder) for _ in range(PROCESSES)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    began = time.time()
    told = {"url": url, "cases": cases, "began": began, "until": began + SECONDS}
    for number, process in enumerate(running):
        process.stdin.write(json.dumps({**told, "seed": number, "worker": number < 2}))
        process.stdin.close()
    said = [process.communicate(timeout=SECONDS + 300) for process in running]
    assert all(process.returncode == 0 for process in running), [
        err[-2000:] for _, err in said if err
    ]
    return [json.loads(out) for out, _ in said]


def start(forks: Forks, folder: Path) -> Fork:
    """One process that waits for the word; the files and secrets are the test's own."""
    environment = {**os.environ, "FENGQIAO_DATA_DIR": str(folder)}
    return forks.start(f"{hammering.__name__}:main", cwd=ROOT, env=environment)


def events() -> Counter[str]:
    """How many events of each kind the chains hold."""
    with reading() as db:
        rows = db.execute(select(Event.kind, func.count()).group_by(Event.kind))
        return Counter(dict(rows.tuples().all()))


def assert_nothing_lost(done: Counter[str], happened: Counter[str]) -> None:
    """What somebody was told is done stands in the chains, as often and no more."""
    for name, kind in ONE_EVENT.items():
        assert happened[kind] == done[name], (name, done, happened)
    completed = done["go_on"] + done["complete"] + done["complete_badly"] + done["complete_again"]
    assert happened["task.completed"] == completed, (done, happened)
