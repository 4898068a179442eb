"""What a closed dispute weighs in the database, indexes included: `fengqiao bench weight`.

The case of `bench complete`, walked to its end through the product, its notices delivered and
its counters folded; weighed is what was added to each table after a full vacuum: on the day on
which the cases close, and at rest, when the messages about them are no longer kept
(`FENGQIAO_MESSAGE_DAYS`). The floor is the bare case with the same answers, in clear, with no
deadlines, permissions or notices.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bench.cases import STEPS, answers
from bench.complete import NOW, complete, open_case, open_task, settle
from bench.floor import OnPostgres, StockEngine
from bench.site import Site, empty
from engine import settings
from engine.storage.db import transaction
from engine.worker import ticks

CASES = 400
SIZES = text(
    "SELECT relname, pg_table_size(relid), pg_indexes_size(relid)"
    " FROM pg_stat_user_tables WHERE pg_total_relation_size(relid) > 0"
)
Sizes = dict[str, tuple[int, int]]
Parts = dict[str, dict[str, int]]


def run(number: int = CASES) -> dict[str, Any]:
    """Return bytes a closed dispute at rest, and by table rows and indexes apart."""
    with empty("postgresql") as here:
        with here.app.app_context(), transaction() as db:
            mediator = settle(db, ("mediator",), "x", NOW)[0]
        _walk(here, mediator, 0, 10)
        before = _sizes(here)
        _walk(here, mediator, 10, number)
        closed = _parts(before, _sizes(here), number)
        with here.app.app_context():
            days = settings.current().message_days
            ticks.tick("messages", NOW + timedelta(days=days + 1))
        rest = _parts(before, _sizes(here), number)
        return {
            "bytes": _sum(rest),
            "when_closed_bytes": _sum(closed),
            "message_days": days,
            "floor_bytes": _floor(here, number),
            "cases": number,
            "tables": rest,
            "tables_when_closed": closed,
        }


def _parts(before: Sizes, after: Sizes, number: int) -> Parts:
    """Return what a case added to each table, the heaviest first."""
    parts = {
        name: {
            "rows": round((rows - before.get(name, (0, 0))[0]) / number),
            "indexes": round((indexes - before.get(name, (0, 0))[1]) / number),
        }
        for name, (rows, indexes) in after.items()
    }
    heaviest = sorted(parts, key=lambda name: -sum(parts[name].values()))
    return {name: parts[name] for name in heaviest if sum(parts[name].values()) > 0}


def _sum(parts: Parts) -> int:
    return sum(sum(part.values()) for part in parts.values())


def _walk(here: Site, mediator: int, first: int, number: int) -> None:
    """So many cases to their ends, and the worker after them."""
    with here.app.app_context():
        for case in range(first, first + number):
            actor, case_id = open_case(mediator, case)
            for step in STEPS[1:]:
                complete(actor, open_task(case_id), answers(step, case))
        ticks.run_once(NOW + timedelta(minutes=1))


def _floor(here: Site, number: int) -> int:
    floor = OnPostgres(here.url, StockEngine())
    for case in range(number):
        task: str | None = floor.start(case)
        for step in STEPS:
            assert task is not None
            task = floor.complete(case, task, answers(step, case))
    floor.connection.close()
    sizes = _sizes(here)
    return round(sum(sum(sizes[f"floor_{one}"]) for one in ("case", "task", "event")) / number)


def _sizes(here: Site) -> Sizes:
    with here.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("VACUUM FULL"))
        return {name: (rows, indexes) for name, rows, indexes in alone.execute(SIZES)}
