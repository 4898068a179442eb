"""That the simulation's check sees: one county, simulated as it is and then with each mutant.

Each mutant is a child process of its own and begins with the same furnished county. A fault that
changes nothing that could be seen in so short a time, or that nobody notices, is one that the
check would let through.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import simulation
from bench.simulation import DAWN, NOON, SimulationOptions, mutants
from engine.storage.db import db as database

# When the worker looks at the clock in a short simulation, in hours of the day.
SELDOM_LOOKS = (DAWN, 9.0, NOON, 15.0, 18.0, 24.0)
# From a Friday on: a Sunday that is worked, and the Mid-Autumn Festival a week later.
FRIDAY = datetime(2026, 9, 17, 16, 0, tzinfo=UTC)
SHORT = SimulationOptions(
    days=10,
    cases_per_day=2,
    seed=3,
    kill_rate=0,
    in_house=True,
    steps=SELDOM_LOOKS,
    restless=3,
    sloth=4.0,
    leave=False,
    certain=True,
    begins=FRIDAY,
)


def prove(told: SimulationOptions = SHORT, names: Iterable[str] = ()) -> dict[str, Any]:
    """Run the product as it is, then every mutant; ``ok`` if it is right and all are caught."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fengqiao-mutants-") as name:
        county = Path(name) / "county"
        county.mkdir()
        found = in_a_child(_prove, county, told, list(names) or list(mutants.MUTANTS))
    right = found.pop("")
    missed = sorted(one for one, document in found.items() if document["ok"])
    return {
        "ok": right["ok"] and not missed,
        "as_it_is": right,
        "missed": missed,
        "caught": {one: _by_what(found[one]) for one in found if one not in missed},
        "days": told.days,
        "seed": told.seed,
        "seconds": round(time.monotonic() - began, 1),
    }


def _prove(county: Path, told: SimulationOptions, names: Sequence[str]) -> dict[str, Any]:
    """First the product as it is, here: what it has read and prepared its children need not."""
    url, file = f"sqlite:///{county}/simulation.db", county / "simulation.db"
    furnished = county / "furnished.db"
    with simulation.opened(url, county):
        simulation.prepare_county(told.begins)
        database.engine.dispose()
        shutil.copyfile(file, furnished)
        kept = set(county.rglob("*"))
        found = {"": simulation.lived(told, url, county)}
        for name in names:
            database.engine.dispose()
            for left in set(county.rglob("*")) - kept:
                if left.is_file():
                    left.unlink()
            shutil.copyfile(furnished, file)
            found[name] = in_a_child(_live, county, told, name)
    return found


def _by_what(document: dict[str, Any]) -> list[str]:
    if "broke" in document:
        return [document["broke"]]
    found = {one["what"] for one in (*document["off"], *document["findings"]) if "what" in one}
    return sorted({*found, *(["doctor"] if document["findings"] else [])})


def _live(county: Path, told: SimulationOptions, name: str) -> dict[str, Any]:
    """Return one simulation with a fault."""
    mutants.MUTANTS[name]()
    try:
        return simulation.lived(told, f"sqlite:///{county}/simulation.db", county)
    except Exception as error:
        return {"ok": False, "broke": f"{type(error).__name__}: {error}"[:200]}


def in_a_child(work: Callable[..., Any], *args: Any) -> Any:
    """Do it in a process of its own: what a mutant changed is gone with it."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            random.seed(0)
            answer = (True, work(*args))
        except BaseException:
            answer = (False, traceback.format_exc())
        with os.fdopen(writes, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        well, answer = pickle.load(pipe)  # noqa: S301 - from our own child
    os.waitpid(child, 0)
    if not well:
        raise RuntimeError(answer)
    return answer
