"""The benchmark of the sweep at a small size: what it says, and that nothing failed."""

from __future__ import annotations

import pytest

from bench import BenchOptions, run
from tests.conftest import leave_out
from tests.pg import binaries


@pytest.mark.timeout(400)
def test_it_measures_an_idle_tick_and_rungs_beside_open_clocks() -> None:
    """Four hundred clocks instead of a million; the rungs that are due ring, by one and by two."""
    if binaries() is None:
        leave_out("PostgreSQL is not installed")
    found = run("sweep", BenchOptions(clocks=400))

    assert found["due_rows"] > found["clocks"] == 400
    assert found["idle_tick_ms"] > 0
    assert found["due"] == 50
    assert min(found["rungs_per_s"].values()) > 0
    assert 0 < found["worker_cpu_ms_per_rung"]["one"] < 1000
    assert found["failed"] == 0
    assert found["rss_mb"] > 20
