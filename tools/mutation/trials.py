"""A pytest plugin that tries mutants instead of running tests once.

The tests are collected and the session's fixtures made once; then each mutant gets a process of its
own, forked from there: the functions of the module get the mutant's code, and the tests run until
one fails. What takes effect at import cannot be put in afterwards: such a mutant's process is a
fresh one (``FENGQIAO_MUTANT``), in which the module is imported with the mutant in it.
"""

from __future__ import annotations

import functools
import gc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from sqlalchemy.util import LRUCache

from tools.mutation.operators import Mutant, mutated

PLAN, FRESH = "FENGQIAO_MUTANTS_PLAN", "FENGQIAO_MUTANT"
ALIVE, KILLED, ENDLESS, ABSENT = "alive", "killed", "endless", "absent"
# A mutant may take so much longer than its tests take without it, in seconds of CPU.
TIMES_LONGER, SECONDS_MORE = 8, 20
# Whoever has used no CPU for so long waits for something that does not come.
IDLE_SECONDS = 60
OUR_CODE = ("engine", "feel", "forms", "webapp")


@dataclass(frozen=True)
class MutantTrial:
    """A mutant and the tests to try it on, the likeliest to notice first."""

    mutant: Mutant
    tests: list[str]

    @classmethod
    def read(cls, plan: dict[str, Any]) -> MutantTrial:
        """From JSON."""
        return cls(Mutant(**plan["mutant"]), plan["tests"])


class Session:
    """Tries the mutants of a plan on the tests that were collected, and writes down verdicts."""

    def __init__(self, root: Path, trials: list[MutantTrial], out: Path) -> None:
        self.root, self.trials, self.out = root, trials, out
        self.functions: dict[tuple[str, str], list[FunctionType]] = {}
        self.caches: list[Callable[[], None]] = []
        self.killers: dict[str, list[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of the tests, in order: warm up, prove that a fork can run them, try."""
        items = {item.nodeid: item for item in session.items}
        _warm_up(session)
        self._find_functions()
        sound = self._sound(session, items)
        with self.out.open("a", encoding="utf-8") as out:
            for trial in self.trials:
                tests = [one for one in self._order(trial) if one in sound]
                verdict, by = self._try(session, [items[one] for one in tests], trial.mutant, sound)
                if verdict == KILLED:
                    self.killers.setdefault(_place(trial.mutant), []).insert(0, by)
                line = {"mutant": trial.mutant.name, "verdict": verdict, "by": by}
                out.write(json.dumps({**line, "tests": len(tests)}) + "\n")
                out.flush()
        return True

    def _order(self, trial: MutantTrial) -> list[str]:
        """Return what noticed the mutants beside it comes first."""
        known = [one for one in self.killers.get(_place(trial.mutant), ()) if one in trial.tests]
        first = list(dict.fromkeys(known))
        return first + [one for one in trial.tests if one not in first]

    def _sound(self, session: pytest.Session, items: dict[str, pytest.Item]) -> dict[str, float]:
        """Return the tests that pass in a forked process without any mutant, with their seconds."""
        note = self.out.with_suffix(".sound")
        note.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            _run(session, items.values(), note)
        _wait(child, None)
        lines = note.read_text().splitlines() if note.exists() else []
        return dict(json.loads(line) for line in lines)

    def _try(
        self, session: pytest.Session, items: list[pytest.Item], mutant: Mutant, sound: Any
    ) -> tuple[str, str]:
        note = self.out.with_suffix(".run")
        note.unlink(missing_ok=True)
        allowed = sum(sound[item.nodeid] for item in items) * TIMES_LONGER + SECONDS_MORE
        child = os.fork()
        if child == 0:
            if not self._put_in(mutant):
                os._exit(3)
            _run(session, items, note, stop=True)
        code = _wait(child, allowed)
        ran = len(note.read_text().splitlines()) if note.exists() else 0
        last = items[ran].nodeid if ran < len(items) else ""
        verdicts = {0: ALIVE, 1: KILLED, 3: ABSENT}
        return verdicts.get(code, ENDLESS), last

    def _find_functions(self) -> None:
        gc.unfreeze()
        wanted = {str(self.root / trial.mutant.module) for trial in self.trials}
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename in wanted:
                place = one.__code__.co_filename, one.__code__.co_qualname
                self.functions.setdefault(place, []).append(one)
            elif isinstance(one, functools._lru_cache_wrapper) and _is_ours(one):
                self.caches.append(one.cache_clear)
            elif isinstance(one, LRUCache):
                # Statements that were compiled before.
                self.caches.append(one.clear)
        gc.freeze()

    def _put_in(self, mutant: Mutant) -> bool:
        """Return the live functions the mutant's code; False where there is no such function."""
        path = str(self.root / mutant.module)
        tree = mutated(Path(path).read_text(encoding="utf-8"), mutant)
        code = compile(tree, path, "exec", dont_inherit=True)
        (new,) = [one for one in _codes(code) if one.co_qualname == mutant.function][:1] or (None,)
        functions = self.functions.get((path, mutant.function or ""), [])
        for function in functions:
            if new is None or len(new.co_freevars) != len(function.__code__.co_freevars):
                return False
            function.__code__ = new
        for forget in self.caches:
            forget()
        return bool(functions)


def _is_ours(cached: Any) -> bool:
    return (cached.__module__ or "").partition(".")[0] in OUR_CODE


def _place(mutant: Mutant) -> str:
    return f"{mutant.module}:{mutant.function}"


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


class _Between:
    """Stands for the next test: what belongs to the session stays, the rest is taken down."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[Any]:
        return [self.session]


def _warm_up(session: pytest.Session) -> None:
    """Run one test for every set of the session's fixtures, so that forks find them made."""
    seen: set[frozenset[str]] = set()
    for item in session.items:
        known: Any = getattr(item, "_fixtureinfo", None)
        names = frozenset(
            name
            for name, found in (known.name2fixturedefs if known else {}).items()
            if found[-1].scope == "session"
        )
        if names not in seen and not any(names <= others for others in seen):
            seen.add(names)
            runtestprotocol(item, log=False, nextitem=_Between(session))  # type: ignore[arg-type]


def _run(
    session: pytest.Session, items: Iterable[pytest.Item], note: Path, stop: bool = False
) -> None:
    """In a forked process: run tests, note each that passes with its seconds, exit."""
    code = 2
    try:
        os.setsid()
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        code = _run_all(session, list(items), note, stop)
    finally:
        os._exit(code)


def _run_all(session: pytest.Session, items: list[pytest.Item], note: Path, stop: bool) -> int:
    # What waits from before the fork would be written once more in every child.
    with note.open("w") as out:
        for number, item in enumerate(items):
            following: Any = items[number + 1] if number + 1 < len(items) else _Between(session)
            before = time.process_time()
            reports = runtestprotocol(item, log=False, nextitem=following)
            if any(report.failed for report in reports):
                if stop:
                    return 1
            elif not any(report.skipped for report in reports):
                out.write(json.dumps([item.nodeid, time.process_time() - before]) + "\n")
                out.flush()
    return 0


def _wait(child: int, allowed: float | None) -> int:
    """Return the exit code of a child; -1 when it used more CPU than allowed, or none for long."""
    if allowed is not None:
        limit = int(allowed) + 1
        resource.prlimit(child, resource.RLIMIT_CPU, (limit, limit + 5))
    used, since = -1.0, time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if (now := _cpu_of(child)) != used:
            used, since = now, time.monotonic()
        elif time.monotonic() - since > IDLE_SECONDS:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return -1
        time.sleep(0.02)


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(float(one) for one in fields[11:15])


class _Loader(importlib.machinery.SourceFileLoader):
    """Imports one module with the mutant in it."""

    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        return compile(mutated(source, self.mutant), self.path, "exec", dont_inherit=True)


class _Finder:
    def __init__(self, root: Path, mutant: Mutant) -> None:
        self.mutant, self.path = mutant, str(root / mutant.module)
        self.name = mutant.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        if name != self.name:
            return None
        loader = _Loader(name, self.path, self.mutant)
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything of ours is imported: have the mutant imported in its module's place."""
    if FRESH in os.environ:
        mutant = Mutant(**json.loads(os.environ.pop(FRESH)))
        sys.meta_path.insert(0, _Finder(early_config.rootpath, mutant))


def pytest_configure(config: pytest.Config) -> None:
    """Try the plan that the environment names."""
    if PLAN in os.environ:
        plan = Path(os.environ.pop(PLAN))
        trials = [MutantTrial.read(one) for one in json.loads(plan.read_text(encoding="utf-8"))]
        config.pluginmanager.register(Session(config.rootpath, trials, plan.with_suffix(".out")))
