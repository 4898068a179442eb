"""Benchmarks: each figure beside its floor from the same run. Prints through the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True)
class BenchOptions:
    """What a run was asked for; what is left out is the benchmark's own choice."""

    backend: str | None = None
    # Numbers of cases to measure at.
    sizes: tuple[int, ...] = ()
    # Number of open clocks to sweep beside.
    clocks: int | None = None


def run(name: str, asked: BenchOptions | None = None) -> Figures:
    """Run one benchmark, or all under their names, with the machine that they ran on."""
    wanted = asked or BenchOptions()
    return _all(wanted) if name == "all" else BENCHMARKS[name](wanted)


def _all(asked: BenchOptions) -> Figures:
    """Each once; the sizes are those of the pages, of which the workbench is the inbox."""
    from bench.machine import machine

    found: Figures = {"machine": machine()}
    for name, measure in BENCHMARKS.items():
        # The inbox is one of the pages; searching a million cases is asked for by itself.
        if name not in ("inbox", "search", "places", "insight"):
            found[name] = measure(asked if name == "pages" else replace(asked, sizes=()))
    return found


def _feel(_asked: BenchOptions) -> Figures:
    from bench import feel

    return feel.run()


def _complete(asked: BenchOptions) -> Figures:
    """Return the figures of each backend, and at the top those of the most demanding one."""
    from bench import complete

    measured = complete.run(asked.backend, *asked.sizes[:1])
    return {**list(measured.values())[-1], **measured}


def _inbox(asked: BenchOptions) -> Figures:
    from bench import pages

    return pages.inbox(asked.sizes or pages.SIZES, asked.backend or "postgresql")


def _pages(asked: BenchOptions) -> Figures:
    from bench import pages

    return pages.run(asked.sizes or pages.SIZES, asked.backend or "postgresql")


def _http(asked: BenchOptions) -> Figures:
    from bench import http

    return http.run(*asked.sizes[:1])


def _sweep(asked: BenchOptions) -> Figures:
    from bench import sweep

    return sweep.run(asked.clocks or sweep.CLOCKS)


def _weight(asked: BenchOptions) -> Figures:
    from bench import weight

    return weight.run(*asked.sizes[:1])


def _outbox(asked: BenchOptions) -> Figures:
    from bench import outbox

    return outbox.run(*asked.sizes[:1])


def _launch(_asked: BenchOptions) -> Figures:
    from bench import launch

    return launch.run()


def _search(asked: BenchOptions) -> Figures:
    from bench import search

    return search.run(asked.sizes, asked.backend)


def _places(asked: BenchOptions) -> Figures:
    from bench import places

    return places.run(*asked.sizes[:1])


def _insight(asked: BenchOptions) -> Figures:
    from bench import insight

    return insight.run(asked.sizes or insight.SIZES, asked.backend or "postgresql")


# Imported when they run: a benchmark needs packages that the product does not.
BENCHMARKS: Mapping[str, Callable[[BenchOptions], Figures]] = {
    "feel": _feel,
    "complete": _complete,
    "inbox": _inbox,
    "pages": _pages,
    "http": _http,
    "weight": _weight,
    "outbox": _outbox,
    "sweep": _sweep,
    "launch": _launch,
    "search": _search,
    "places": _places,
    "insight": _insight,
}
NAMES = (*BENCHMARKS, "all")
