"""What the sweep costs beside a million open clocks: `fengqiao bench sweep`.

Some tickets are opened for real, each with its sign-for clock and the citizen's; the database
copies their rows until there are as many clocks as asked for, spread over the month to come.
Then: a tick at which nothing is due, and ten thousand rungs that are, worked off by one worker
and by two, each a process of its own.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from bench import simulation
from bench.databases import POSTGRESQL, database
from bench.generator.desk import GeneratorDesk
from bench.simulation.crew import OFTEN, WorkerProcess, environment
from bench.simulation.people import Crowd, county_id
from engine import settings
from engine.models import Case, CaseAccess, CaseState, Due, Task
from engine.storage.db import db as database_object
from engine.storage.db import transaction
from engine.worker import ticks

CLOCKS, DUE = 1_000_000, 20_000
# Both of a ticket that has just been opened: for signing, and the citizen's.
CLOCKS_A_CASE = 2
OPENED, TICKS, PATIENCE = 40, 50, 5.0
NOW = simulation.BEGINS + timedelta(hours=10)
# Rows of a case by table; a step of ids leaves room for all of them.
COPIED: Sequence[type[Any]] = (Case, CaseState, Task, CaseAccess, Due)
STEP, FIRST = 256, 1 << 40
MONTH_OF_MINUTES = 43_200


def run(clocks: int = CLOCKS) -> dict[str, Any]:
    """Measure on a throw-away PostgreSQL that keeps its promises to the disk."""
    with database(POSTGRESQL) as url:
        began = time.perf_counter()
        rows = _fill(clocks)
        filled = time.perf_counter() - began
        sys.stderr.write(f"{rows} rows of {clocks} clocks in {filled:.0f} s\n")
        idle = _idle()
        due = min(DUE, clocks // CLOCKS_A_CASE // 4)
        one, two = (_fire(url, workers, due) for workers in (1, 2))
    return {
        "clocks": clocks,
        "due_rows": rows,
        "fill_seconds": round(filled, 1),
        "idle_tick_ms": idle["sweep"],
        "idle_ticks_ms": idle,
        "due": due,
        "rungs_per_s": {"one": one.per_second, "two": two.per_second},
        "worker_cpu_ms_per_rung": {"one": one.cpu_ms, "two": two.cpu_ms},
        "rss_mb": two.rss_mb,
        "rss_growth_mb": max(one.growth_mb, two.growth_mb),
        "failed": one.failed + two.failed,
    }


@dataclass(frozen=True)
class SweepResult:
    """How a number of workers worked off what was due."""

    per_second: float
    # The workers' own, without the database's; unlike the rate it says little of the machine.
    cpu_ms: float
    rss_mb: float
    growth_mb: float
    failed: int


def _fill(clocks: int) -> int:
    """Open tickets for real, and copy them; return how many due rows there are."""
    simulation.prepare_county()
    crowd = Crowd(GeneratorDesk(county_id()), random.Random(1))
    for _ in range(OPENED):
        crowd.open(NOW)
    with transaction() as db:
        # Copies are right because their originals are: nothing has to be looked up again.
        db.execute(text("SET LOCAL session_replication_role = replica"))
        originals = _tickets(db)
        copies = max(1, clocks // CLOCKS_A_CASE // len(originals))
        for number, case_id in enumerate(originals):
            _copy(db, case_id, FIRST + number * copies * STEP, copies)
        count = db.scalar(text("SELECT count(*) FROM due")) or 0
    with database_object.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    return count


def _tickets(db: Session) -> list[int]:
    """Open tickets that nobody has signed for."""
    wait = text(
        "SELECT DISTINCT task.case_id FROM task JOIN due ON due.task_id = task.id"
        " WHERE task.done_at IS NULL AND due.kind = 'sign_due' ORDER BY 1"
    )
    return list(db.scalars(wait))


def _copy(db: Session, case_id: int, first: int, copies: int) -> None:
    """Write a case's rows again and again, with ids of their own and other moments."""
    rank = 1
    ids = {case_id: 0}
    for model in COPIED:
        table: Any = model.__table__
        key = table.c.id if model is Case else table.c.case_id
        for row in db.execute(table.select().where(key == case_id)).mappings():
            if "id" in row and row["id"] not in ids:
                ids[row["id"]], rank = rank, rank + 1
            _copy_row(db, table, dict(row), ids, first, copies)


def _copy_row(
    db: Session, table: Table, row: dict[str, Any], ids: dict[int, int], first: int, copies: int
) -> None:
    cells, values = [], {"first": first, "step": STEP, "copies": copies}
    for column, value in row.items():
        if column in ("id", "case_id", "task_id") and value is not None:
            cells.append(f"CAST(:first + i * :step + {ids[value]} AS bigint)")
        elif column == "number":
            cells.append(f"CAST('{first}-' || i AS varchar)")
        elif column == "fire_at":
            cells.append(f"source.\"{column}\" + (i % {MONTH_OF_MINUTES}) * interval '1 minute'")
        else:
            cells.append(f'source."{column}"')
    names = ", ".join(f'"{column}"' for column in row)
    keys = [column.name for column in table.primary_key]
    values |= {f"source_{name}": row[name] for name in keys}
    this = " AND ".join(f'source."{name}" = :source_{name}' for name in keys)
    db.execute(
        text(
            f'INSERT INTO "{table.name}" ({names}) SELECT {", ".join(cells)}'
            f' FROM "{table.name}" source, generate_series(1, :copies) i'
            f" WHERE {this}"
        ),
        values,
    )


def _idle() -> dict[str, float]:
    """Return milliseconds of each frequent tick that finds nothing to do, its bookkeeping
    included.
    """
    for name in OFTEN:
        ticks.tick(name, NOW)
    found = {}
    for name in OFTEN:
        taken: list[float] = []
        while len(taken) < TICKS and sum(taken) < PATIENCE:
            began = time.perf_counter()
            ticks.tick(name, NOW)
            taken.append(time.perf_counter() - began)
        found[name] = round(statistics.median(taken) * 1000, 2)
    return found


def _fire(url: str, workers: int, due: int) -> SweepResult:
    """Make rungs due and measure the workers that fire them."""
    with transaction() as db:
        db.execute(
            text(
                "UPDATE due SET fire_at = :now WHERE id IN (SELECT id FROM due"
                " WHERE mark LIKE 'sign:0' AND fire_at > :now ORDER BY id LIMIT :due)"
            ),
            {"now": NOW, "due": due},
        )
    with ExitStack() as stack:
        told = environment(url, settings.current().data_dir)
        hands = [stack.enter_context(WorkerProcess(told)) for _ in range(workers)]
        for hand in hands:
            hand.work(NOW - timedelta(days=1), ["sweep"])
        first, cpu = [hand.rss_mb for hand in hands], sum(hand.cpu_seconds for hand in hands)
        began, fired, failed = time.perf_counter(), 0, 0
        while fired < due:
            reports = _together(hands, NOW)
            fired += sum(report["sweep"]["fired"] for report in reports)
            failed += sum(report["sweep"]["failed"] for report in reports)
            if failed:
                break
        taken = time.perf_counter() - began
        last, cpu = [hand.rss_mb for hand in hands], sum(hand.cpu_seconds for hand in hands) - cpu
    growth = max(b - a for a, b in zip(first, last, strict=True))
    return SweepResult(
        per_second=round(fired / taken, 1),
        cpu_ms=round(cpu * 1000 / max(fired, 1), 3),
        rss_mb=round(max(last), 1),
        growth_mb=round(growth, 1),
        failed=failed,
    )


def _together(hands: Sequence[WorkerProcess], now: datetime) -> list[dict[str, Any]]:
    for hand in hands:
        hand.tell(now, ["sweep"])
    return [hand.hear() for hand in hands]
