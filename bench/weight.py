"""What a closed dispute weighs in the database, indexes included: `fengqiao bench weight`.

Generated disputes are copies of ones that were played through every rule of the product, up to
the close. Weighed is what they added to each table after a full vacuum; the floor is the bare
case of six tasks, which keeps its answers in clear and knows no deadline and no permission.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bench import generator
from bench.cases import STEPS, answers
from bench.floor import OnPostgres, Stock
from bench.site import COUNTIES, SEED, Site, site

CASES, PLAYS = 2000, 40
SIZES = text(
    "SELECT relname, pg_relation_size(relid), pg_indexes_size(relid)"
    " FROM pg_stat_user_tables WHERE pg_total_relation_size(relid) > 0"
)
# One row for all cases of a day or a county, not for each: it does not grow with them.
SHARED = frozenset({"tally", "unit", "user", "post", "case_number"})
Sizes = dict[str, tuple[int, int]]


def run(number: int = CASES) -> dict[str, Any]:
    """Bytes a closed dispute, and by table rows and indexes apart."""
    with site("postgresql") as here:
        with here.app.app_context():
            now = datetime.now(UTC)
            generator.generate(2, SEED, COUNTIES, now=now, open_share=0, plays=2)
            before = _sizes(here)
            generator.generate(
                number,
                SEED + 1,
                COUNTIES,
                now=now,
                open_share=0,
                plays=PLAYS,
                shares={"dispute": 1.0},
            )
        after = _sizes(here)
        parts = {
            name: {
                "rows": round((rows - before.get(name, (0, 0))[0]) / number),
                "indexes": round((indexes - before.get(name, (0, 0))[1]) / number),
            }
            for name, (rows, indexes) in after.items()
            if name not in SHARED
        }
        parts = {name: part for name, part in parts.items() if sum(part.values()) > 0}
        heaviest = sorted(parts, key=lambda name: -sum(parts[name].values()))
        return {
            "bytes": sum(sum(part.values()) for part in parts.values()),
            "floor_bytes": _floor(here, min(number, 500)),
            "cases": number,
            "tables": {name: parts[name] for name in heaviest},
        }


def _floor(here: Site, number: int) -> int:
    floor = OnPostgres(here.url, Stock())
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
