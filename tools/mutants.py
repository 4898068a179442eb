"""Which small faults in the modules that guard data do the tests notice? `make mutants`.

Tried are the mutants of listed modules that changed since ``main``; ``ARGS=--all`` tries those of
all, ``ARGS=engine/records/vault.py`` of one. Each is tried on the tests that run its line, the
likeliest to notice first, until one fails or ``--budget`` seconds of tests have passed. Which
test runs which line is recorded once, under ``.cache/mutants``, and again for files of tests that
change. Survivors that are as good as the original stand in ``tests/mutants-accepted.txt``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import check  # noqa: E402
from tools.mutation import covering, trials  # noqa: E402
from tools.mutation.operators import Mutant, mutants  # noqa: E402

FOLDER = ROOT / ".cache/mutants"
ACCEPTED = ROOT / "tests/mutants-accepted.txt"
GUARDS = (
    "engine/access",
    "engine/casework",
    "engine/intake",
    "engine/records",
    "engine/storage",
    "engine/timing",
    "engine/worker",
    "feel",
    "forms",
    "webapp/security.py",
)
# Invented people and their cases guard nothing.
LEFT_ALONE = ("engine/intake/demo/",)
GOAL = 90
SUITE = ["-p", "no:cacheprovider", "-o", "timeout=0", "--backend", "sqlite", "-q", "--no-header"]
MARKS = "not browser and not alone and not faults"


def main(arguments: list[str]) -> int:
    """Try the mutants, print what came out; 1 when fewer than the goal were noticed."""
    options = _options(arguments)
    chosen = _modules(options)
    if not chosen:
        print("No listed module has changed; ARGS=--all tries all, ARGS=FILE one.")
        return 0
    tests = [name for name in check.git("ls-files", "tests") if check.is_test(name)]
    _record(covering.unrecorded(ROOT, FOLDER, tests) if not options.no_recording else [])
    wanted = _selected(chosen, options)
    verdicts = _tried(wanted, covering.CoverageRecord(ROOT, FOLDER).load(tests), options.budget)
    return _report(verdicts)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="files, or folders of them")
    parser.add_argument("--all", action="store_true", help="every listed module")
    parser.add_argument("--sample", type=int, help="so many, chosen by chance, of what there is")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--only", default="", help="those whose name contains this")
    parser.add_argument("--budget", type=float, default=20, help="seconds of tests for each")
    parser.add_argument("--no-recording", action="store_true", help="take the record as it is")
    return parser.parse_args(arguments)


def _modules(options: argparse.Namespace) -> list[str]:
    """Return the files whose mutants are tried."""
    listed = _within(GUARDS)
    if options.modules:
        return _within(options.modules)
    return listed if options.all else [name for name in listed if name in check.changed()]


def _within(places: Iterable[str]) -> list[str]:
    names = check.git("ls-files", *places)
    return [one for one in names if one.endswith(".py") and not one.startswith(LEFT_ALONE)]


def _selected(chosen: list[str], options: argparse.Namespace) -> list[Mutant]:
    accepted = set(_accepted())
    found = [
        mutant
        for module in chosen
        for mutant in mutants(module, _source(module))
        if mutant.name not in accepted and options.only in mutant.name
    ]
    if options.sample:
        found = sorted(found, key=lambda one: covering.digest(f"{options.seed} {one.name}"))
    return found[: options.sample]


def _accepted() -> Iterator[str]:
    if ACCEPTED.exists():
        for line in ACCEPTED.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                yield line


def _source(module: str) -> str:
    return (ROOT / module).read_text(encoding="utf-8")


def _record(files: list[str]) -> None:
    """Run these files of tests once, to see which lines each of their tests runs."""
    if not files:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    print(f"Recording which lines the tests of {len(files)} files run ...", flush=True)
    modules = os.pathsep.join(_within(GUARDS))
    told = {covering.MODULES: modules, covering.FOLDER: str(FOLDER)}
    _pytest(["-p", "tools.mutation.covering", "-m", MARKS, *files], told)


def _pytest(arguments: list[str], told: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *SUITE, *arguments]
    environment = {**os.environ, **told, "PYTHONPATH": str(ROOT)}
    with (FOLDER / "log.txt").open("w") as log:
        return subprocess.call(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def _tried(
    wanted: list[Mutant], known: covering.CoverageRecord, budget: float
) -> list[tuple[Mutant, str, str]]:
    """Return each mutant with its verdict and the test that noticed it."""
    plans = {one.name: _tests(one, known, budget) for one in wanted}
    print(f"Trying {len(wanted)} mutants ...", flush=True)
    verdicts = [(one, "unreached", "") for one in wanted if not plans[one.name]]
    warm = [one for one in wanted if plans[one.name] and one.function]
    told = _forked(warm, plans)
    for one in wanted:
        if plans[one.name]:
            verdict, by = told.get(one.name, (trials.ABSENT, ""))
            if verdict == trials.ABSENT:
                verdict, by = _fresh(one, plans[one.name])
            verdicts.append((one, verdict, by))
    return verdicts


def _tests(mutant: Mutant, known: covering.CoverageRecord, budget: float) -> list[str]:
    """Return the tests to try a mutant on, as many as fit the budget; always one.

    First those of files that import the module, then the quickest of every other file in turn.
    """
    files: dict[str, list[str]] = defaultdict(list)
    found = known.tests_of(mutant, _source(mutant.module))
    for test in sorted(found, key=lambda one: known.seconds[one]):
        name = test.partition("::")[0]
        files["" if name in _importers(mutant.module) else name].append(test)
    own = files.pop("", [])
    return _within_budget([own, *_in_turn(files)], known, budget)


@lru_cache
def _importers(module: str) -> frozenset[str]:
    """Return the files of tests that import a module by its name."""
    return frozenset(_imported_by().get(module, ()))


@lru_cache
def _imported_by() -> dict[str, set[str]]:
    return check.imported_by(one for one in check.git("ls-files", "tests") if check.is_test(one))


def _in_turn(files: dict[str, list[str]]) -> Iterator[list[str]]:
    for turn in range(max(map(len, files.values()), default=0)):
        yield [tests[turn] for tests in files.values() if turn < len(tests)]


def _within_budget(
    turns: Iterable[list[str]], known: covering.CoverageRecord, budget: float
) -> list[str]:
    chosen: list[str] = []
    seconds = 0.0
    for test in (test for turn in turns for test in turn):
        if not chosen or seconds + known.seconds[test] < budget:
            chosen.append(test)
            seconds += known.seconds[test]
    return chosen


def _forked(wanted: list[Mutant], plans: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    """Verdicts of the mutants that a warm session can try."""
    if not wanted:
        return {}
    plan, names = FOLDER / "plan.json", FOLDER / "tests.txt"
    lines = [{"mutant": asdict(one), "tests": plans[one.name]} for one in wanted]
    plan.write_text(json.dumps(lines), encoding="utf-8")
    names.write_text("\n".join(sorted({test for one in wanted for test in plans[one.name]})))
    out = plan.with_suffix(".out")
    out.unlink(missing_ok=True)
    _pytest(["-s", "-p", "tools.mutation.trials", f"@{names}"], {trials.PLAN: str(plan)})
    if not out.exists():
        raise SystemExit(f"The tests did not run:\n{(FOLDER / 'log.txt').read_text()[-2000:]}")
    told = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {one["mutant"]: (one["verdict"], one["by"]) for one in told}


def _fresh(mutant: Mutant, tests: list[str]) -> tuple[str, str]:
    """Return the verdict on one that takes effect at import, in a process of its own."""
    names = FOLDER / "tests.txt"
    names.write_text("\n".join(tests), encoding="utf-8")
    told = {trials.FRESH: json.dumps(asdict(mutant))}
    code = _pytest(["-x", "-p", "tools.mutation.trials", f"@{names}"], told)
    return (trials.ALIVE, "") if code == 0 else (trials.KILLED, "")


def _report(verdicts: list[tuple[Mutant, str, str]]) -> int:
    """Survivors, then a line for each module; 1 when fewer than the goal were noticed."""
    unnoticed = (trials.ALIVE, "unreached")
    for mutant, verdict, _by in verdicts:
        if verdict in unnoticed:
            print(f"{verdict:9s} line {mutant.line:4d}  {mutant.name}")
    counted: dict[str, Counter[bool]] = defaultdict(Counter)
    for mutant, verdict, _by in verdicts:
        counted[mutant.module][verdict not in unnoticed] += 1
    for module, found in [
        *sorted(counted.items()),
        ("altogether", sum(counted.values(), Counter())),
    ]:
        print(
            f"{module:48s} {found[True]:5d} of {found.total():5d} noticed, {_share(found):3.0f} %"
        )
    return 0 if _share(sum(counted.values(), Counter())) >= GOAL else 1


def _share(found: Counter[bool]) -> float:
    return 100 * found[True] / found.total() if found else 100


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
