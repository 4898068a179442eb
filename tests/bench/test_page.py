"""The page of the figures is written from what the benchmarks print, with everything in it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from bench.page import render
from webapp.cli import main

FIGURES = {
    "machine": {"processor": "Xeon", "cores": 2, "load_before": 0.1},
    "feel": {"evaluations": 1000, "table_ms": 0.1},
    "complete": {
        "median_ms": 3.0,
        "postgresql": {
            "median_ms": 3.0,
            "p95_ms": 4.0,
            "floor_ms": 2.0,
            "ratio": 1.5,
            "engine_ms": 0.4,
            "statements": 3,
            "commits": 1,
        },
    },
    "http": {
        **{
            part: {
                "requests": 20_000,
                "per_second": 120.5,
                "p50_ms": 50.0,
                "p95_ms": 90.0,
                "p99_ms": 99.0,
                "wal_bytes": 5000,
                "cpu_ms": {"web": 8.0, "database": 2.0},
            }
            for part in ("complete", "start", "sign", "floor")
        },
        "all_statements": {"start": 15, "sign": 8, "complete": 10},
        "web_mb": [130.0, 130.5],
        "clients": 8,
    },
    "pages": {
        "sizes": {
            size: {
                page: {"p50_ms": 9.0, "p95_ms": 12.5, "p99_ms": 14.0, "statements": 8}
                for page in (
                    "frame",
                    "workbench",
                    "case_page",
                    "late_list",
                    "board",
                    "search_number",
                    "search_words",
                )
            }
            for size in ("10000", "1000000")
        },
        "p95_growth": dict.fromkeys(
            (
                "frame",
                "workbench",
                "case_page",
                "late_list",
                "board",
                "search_number",
                "search_words",
            ),
            1.0,
        ),
    },
    "weight": {
        "bytes": 10040,
        "when_closed_bytes": 17040,
        "message_days": 90,
        "floor_bytes": 7946,
        "cases": 400,
        "tables": {"event": {"rows": 3604, "indexes": 819}},
        "tables_when_closed": {
            "event": {"rows": 3604, "indexes": 819},
            "outbox": {"rows": 1700, "indexes": 451},
        },
    },
    "outbox": {"workers": {"1": {"per_second": 300.0, "floor_per_second": 900.0}}},
    "launch": {"first_page_s": 60.5, "setup_s": 50.5, "restart_s": 3.5, "floor_s": 0.5},
    "sweep": {
        "clocks": 10**6,
        "idle_tick_ms": 1.5,
        "rungs_per_s": {"one": 90, "two": 150},
        "rss_mb": 120.5,
        "rss_growth_mb": 1.5,
        "due": 20_000,
        "worker_cpu_ms_per_rung": {"one": 0.61, "two": 0.64},
    },
}


def test_it_says_every_figure_beside_its_floor() -> None:
    """And what bounds the completions, calculated from the processor time."""
    page = render(FIGURES)

    assert "| complete a task | 120.5 | 50.0 | 90.0 | 99.0 | 5000 | 8.0 | 2.0 | 10 |" in page
    assert "200 a second at most" in page
    assert "1,000,000 cases: p50 / p95" in page
    assert "10,040 bytes with indexes" in page and "(90 days); 17,040 bytes on the day" in page
    assert "| `outbox` | 0 | 0 | 1700 | 451 |" in page
    assert "17,040 bytes" in page and "7,946 bytes" in page
    assert "| 1 | 300.0 | 900.0 |" in page


def test_it_warns_of_a_busy_machine() -> None:
    """Where more programs ran than there are cores, before anything was measured."""
    busy = {**FIGURES, "machine": {"cores": 2, "load_before": 9.5}}

    assert "kept this machine busy" in render(busy)
    assert "kept this machine busy" not in render(FIGURES)


def test_it_writes_the_page_by_a_command(tmp_path: Path) -> None:
    """From figures that were measured before; only of all of them."""
    figures, page = tmp_path / "figures.json", tmp_path / "performance.md"
    figures.write_text(json.dumps(FIGURES), encoding="utf-8")
    asked = ["bench", "all", "--figures", str(figures), "--page", str(page), "--json"]
    done = CliRunner().invoke(main, asked)

    assert done.exit_code == 0, done.output
    assert page.read_text(encoding="utf-8") == render(FIGURES)
    assert CliRunner().invoke(main, ["bench", "feel", "--page", str(page)]).exit_code == 2
