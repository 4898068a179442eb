"""The figures as a page of the documentation: `fengqiao bench all --page docs/performance.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

HEAD = """# Performance

Written by `fengqiao bench all --page docs/performance.md`; nothing here was typed by hand. Each
figure stands beside its floor from the same run: the least that the same work could cost on the
same machine. `fengqiao bench NAME --json` measures one of them alone.
"""
PAGE_NAMES = {
    "frame": "floor: a page's frame, without a list",
    "workbench": "workbench (queues of 40 people)",
    "case_page": "case page",
    "late_list": "late list of an area",
    "board": "board of figures",
    "search_number": "search by number",
    "search_words": "search by words",
}
Row = Sequence[object]


def render(figures: Mapping[str, Any]) -> str:
    """Return the whole page."""
    sections = (_machine, _completion, _http, _pages, _weight, _outbox, _sweep, _feel, _launch)
    parts = [part for section in sections for part in section(figures)]
    return "\n".join([HEAD, *parts]).rstrip("\n") + "\n"


def _machine(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Machine\n"
    rows = [(name.replace("_", " "), value) for name, value in figures["machine"].items()]
    yield _table(("what", "here"), rows)
    if figures["machine"]["load_before"] > figures["machine"]["cores"]:
        yield (
            "**Other programs kept this machine busy during the run**: times and rates are several "
            "times worse than on a quiet one. Statements, bytes and what stands beside its own "
            "floor can be relied on; run it again on a quiet machine for the rest.\n"
        )


def _completion(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## One completion, in process\n"
    columns = ("median_ms", "p95_ms", "floor_ms", "ratio", "engine_ms", "statements", "commits")
    backends = {name: one for name, one in figures["complete"].items() if isinstance(one, dict)}
    rows = [(name, *(one[column] for column in columns)) for name, one in backends.items()]
    yield _table(("database", *columns), rows)


def _http(figures: Mapping[str, Any]) -> Iterator[str]:
    found = figures["http"]
    yield "## Over HTTP\n"
    yield (
        f"gunicorn with two workers, {found['clients']} people at browsers with their sessions, "
        "tokens and kept connections, PostgreSQL with fsync, all on this machine. The floor is "
        "the bare completion behind the same gunicorn for the same browsers.\n"
    )
    names = {"complete": "complete a task", "start": "start a case", "sign": "sign for a task"}
    columns = ("per_second", "p50_ms", "p95_ms", "p99_ms", "wal_bytes")
    rows = []
    for key, name in {**names, "floor": "floor"}.items():
        one = found[key]
        asked = found["all_statements"].get(key, "")
        used = (one["cpu_ms"]["web"], one["cpu_ms"]["database"])
        rows.append((name, *(one[column] for column in columns), *used, asked))
    heads = ("what", *columns, "web cpu ms", "database cpu ms", "statements")
    yield _table(heads, rows)
    used = found["complete"]["cpu_ms"]
    cores = figures["machine"]["cores"]
    most = round(1000 * cores / (used["web"] + used["database"]))
    yield (
        f"What bounds it is processor time: {used['web']} ms of Python and {used['database']} ms "
        f"of PostgreSQL a completion, so that {cores} cores that did nothing else could give "
        f"{most} a second at most.\n"
    )
    memory, done = found["web_mb"], found["complete"]["requests"]
    yield (
        f"Memory of the larger web process after each fifth of {done:,} completions: "
        f"{', '.join(map(str, memory))} MB.\n"
    )


def _pages(figures: Mapping[str, Any]) -> Iterator[str]:
    found = figures["pages"]
    sizes = sorted(found["sizes"], key=int)
    yield "## Pages at different numbers of cases\n"
    yield "Milliseconds at the middle and at the slow end (p95), through the whole application.\n"
    heads = ["page", *(f"{int(size):,} cases: p50 / p95" for size in sizes), "growth", "statements"]
    rows = []
    for key, name in PAGE_NAMES.items():
        each = [found["sizes"][size][key] for size in sizes]
        taken = [f"{one['p50_ms']} / {one['p95_ms']}" for one in each]
        rows.append((name, *taken, found["p95_growth"][key], each[-1]["statements"]))
    yield _table(heads, rows)


def _weight(figures: Mapping[str, Any]) -> Iterator[str]:
    found = figures["weight"]
    yield "## What a closed dispute weighs\n"
    yield (
        f"{found['bytes']:,} bytes with indexes after a full vacuum, of {found['cases']} cases of "
        f"six tasks and 2.7 KB of answers, once the messages about them are no longer kept "
        f"({found['message_days']} days); {found['when_closed_bytes']:,} bytes on the day they "
        f"close. The floor is {found['floor_bytes']:,} bytes.\n"
    )
    parts, none = found["tables"], {"rows": 0, "indexes": 0}
    rows = [
        (f"`{name}`", *parts.get(name, none).values(), one["rows"], one["indexes"])
        for name, one in found["tables_when_closed"].items()
    ]
    columns = ("rows", "indexes", "rows when closed", "indexes when closed")
    yield _table(("table", *columns), rows)


def _outbox(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Outbox\n"
    workers = figures["outbox"]["workers"].items()
    rows = [(count, one["per_second"], one["floor_per_second"]) for count, one in workers]
    yield _table(("workers", "messages a second", "bare commits of one row a second"), rows)


def _sweep(figures: Mapping[str, Any]) -> Iterator[str]:
    found = figures["sweep"]
    yield "## Sweep\n"
    yield (
        f"Beside {found['clocks']:,} open clocks a tick at which nothing is due takes "
        f"{found['idle_tick_ms']} ms; {found['rungs_per_s']['one']} rungs a second by one worker, "
        f"{found['rungs_per_s']['two']} by two, with {found['worker_cpu_ms_per_rung']['one']} ms "
        f"of the worker's processor time for each. A worker holds {found['rss_mb']} MB after "
        f"{found['due']:,} of them, {found['rss_growth_mb']} MB more than before.\n"
    )


def _feel(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Expressions\n"
    yield _table(("figure", "value"), list(figures["feel"].items()))


def _launch(figures: Mapping[str, Any]) -> Iterator[str]:
    found = figures["launch"]
    yield "## From nothing to the first page\n"
    yield (
        f"`make run` in a fresh clone shows its first page after {found['first_page_s']} s, "
        f"{found['setup_s']} s of them for packages, scripts and styles; a restart after "
        f"{found['restart_s']} s. The floor, a bare gunicorn's first answer, is "
        f"{found['floor_s']} s.\n"
    )


def _table(heads: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"
