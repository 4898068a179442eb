"""What pages cost at different numbers of cases: `fengqiao bench inbox` and `bench pages`.

A page is asked for in process, through the whole application: session, authorisation, queries,
template. Its floor is a page of the same frame without any list, the profile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.complete import counted
from bench.site import Site, site

SIZES = (10_000, 1_000_000)
Visit = tuple[int, str]


@dataclass(frozen=True)
class Effort:
    """How much is asked: people at their desks, and how often each asks for a page."""

    people: int = 40
    rounds: int = 5


PLENTY = Effort()


def inbox(
    sizes: Sequence[int] = SIZES, backend: str = "postgresql", effort: Effort = PLENTY
) -> dict[str, Any]:
    """Return the workbench alone; at the top the figures of the largest size, and their growth."""
    found = {
        size: {"cases": int(size), **pages["workbench"], "floor_ms": pages["frame"]["p50_ms"]}
        for size, pages in _at_sizes(sizes, backend, ("frame", "workbench"), effort).items()
    }
    return {**found[str(max(sizes))], "p95_growth": _growth(found), "sizes": found}


def run(
    sizes: Sequence[int] = SIZES, backend: str = "postgresql", effort: Effort = PLENTY
) -> dict[str, Any]:
    """Return every page at each size, and how much slower its slow end is at the largest one."""
    found = _at_sizes(sizes, backend, tuple(PAGES), effort)
    by_page = {name: {size: pages[name] for size, pages in found.items()} for name in PAGES}
    growth = {name: _growth(sizes) for name, sizes in by_page.items()}
    return {"sizes": found, "p95_growth": growth}


def _at_sizes(
    sizes: Sequence[int], backend: str, names: Sequence[str], effort: Effort
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the named pages at each size, in one database that grows."""
    found = {}
    with site(backend) as here:
        for size in sorted(sizes):
            here.fill(size)
            found[str(size)] = {
                name: measure(here, PAGES[name](here, effort.people), effort.rounds)
                for name in names
            }
    return found


def _growth(sizes: Mapping[str, Mapping[str, Any]]) -> float:
    """Return the slow end at the largest size, in times of that at the smallest."""
    smallest, largest = min(sizes, key=int), max(sizes, key=int)
    return round(float(sizes[largest]["p95_ms"] / sizes[smallest]["p95_ms"]), 2)


def measure(here: Site, visits: Sequence[Visit], rounds: int) -> dict[str, Any]:
    """Ask for each page several times, after once for warming up; milliseconds, statements."""
    taken: list[float] = []
    statements = 0
    # Outside of any context of the application: each request has one of its own.
    with counted(here.engine) as counts:
        for turn in range(rounds + 1):
            for user_id, path in visits:
                client = here.client(user_id)
                counts.clear()
                began = time.perf_counter()
                answer = client.get(path)
                seconds = time.perf_counter() - began
                if answer.status_code != 200:
                    raise RuntimeError(f"{path} answered {answer.status_code}")
                if turn:
                    taken.append(seconds * 1000)
                    statements = max(statements, counts.statements)
    return {**percentiles(taken), "statements": statements, "pages": len(taken)}


def percentiles(taken: Iterable[float]) -> dict[str, float]:
    """Return the middle and the slow ends, in milliseconds."""
    found = sorted(taken)
    return {
        f"p{share}_ms": round(found[min(len(found) - 1, len(found) * share // 100)], 2)
        for share in (50, 95, 99)
    }


def _inbox(here: Site, people: int) -> list[Visit]:
    queues = ("/", "/?queue=to_sign", "/?queue=late")
    return [(who, path) for who, _task, _case in here.workers(people) for path in queues]


def _case_page(here: Site, people: int) -> list[Visit]:
    found = here.workers(people)
    return [(who, f"/cases/{case_id}?task={task_id}") for who, task_id, case_id in found]


def _late_list(here: Site, people: int) -> list[Visit]:
    return [(who, "/supervision") for who in _overseers(here)[:people]]


def _board(here: Site, people: int) -> list[Visit]:
    """Return the figures of a county and of a township: whoever leads and supervises looks at
    them.
    """
    return [(who, "/reports") for who in _overseers(here)[:people]]


def _overseers(here: Site) -> list[int]:
    county = here.holders("supervisor", "leader", level="county")
    return county + here.holders("supervisor", "leader", level="township")


def _by_number(here: Site, people: int) -> list[Visit]:
    holders = here.holders("dispatcher", "supervisor", level="county")
    numbers = here.numbers(people)
    return [(holders[at % len(holders)], f"/cases?q={one}") for at, one in enumerate(numbers)]


def _by_words(here: Site, people: int) -> list[Visit]:
    holders = here.holders("dispatcher", "supervisor", level="county")[:people]
    words = ("井盖松动", "水渠漏水", "夜间施工", "暖气不热")
    return [(who, f"/cases?q={word}") for who in holders for word in words]


def _frame(here: Site, people: int) -> list[Visit]:
    """Return the floor: the same frame, session and menus, without a list."""
    return [(who, "/profile") for who, _task, _case in here.workers(people)]


PAGES: dict[str, Callable[[Site, int], list[Visit]]] = {
    "frame": _frame,
    "workbench": _inbox,
    "case_page": _case_page,
    "late_list": _late_list,
    "board": _board,
    "search_number": _by_number,
    "search_words": _by_words,
}
