"""The tool that asks what the tests notice: which mutants it makes, and its verdicts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import mutants as command
from tools.mutation import covering, trials
from tools.mutation.operators import mutants

GUARD = '''"""What guards."""
from functools import lru_cache
LIMITS = {"day": 3}

def may(age, roles):
    """Return whether."""
    if age >= 18 and "clerk" in roles:
        return True
    return False

def unused():
    return LIMITS["day"]

@lru_cache
def most():
    return 40 + 2

def fits(n):
    return n <= most()

def waits(n):
    while n:
        n = n - 1
    return 1
'''
TESTS = """
import guard

def test_it_may():
    assert guard.may(18, ["clerk"]) and not guard.may(17, ["clerk"])

def test_it_knows_days():
    assert guard.unused() == 3

def test_it_waits():
    guard.waits(2)

def test_it_fits_first():
    assert guard.fits(2)

def test_it_fits():
    assert guard.fits(42)
"""


def changes(source: str) -> set[tuple[str, str, str]]:
    return {(one.kind, one.before, one.after) for one in mutants("m.py", source)}


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("a < b", ("comparison", "a < b", "a <= b")),
        ("a not in b", ("comparison", "a not in b", "a in b")),
        ("a and b", ("and/or", "a and b", "a or b")),
        ("a and b", ("operand", "a and b", "b")),
        ("x = not a", ("not", "not a", "a")),
        ("x = 3", ("constant", "3", "4")),
        ("x = True", ("constant", "True", "False")),
        ("def f():\n    return a", ("return", "return a", "return None")),
        ("f(a)", ("statement", "f(a)", "pass")),
        ("a.b = c", ("statement", "a.b = c", "pass")),
        ("raise A", ("statement", "raise A", "pass")),
        ("x = f(a=b)", ("keyword", "a=b", "nothing")),
        ("x = (a, b)", ("element", "(a, b)", "(b,)")),
        ("x = {a: b, c: d}", ("element", "{a: b, c: d}", "{c: d}")),
        ("x = q.where(a, b)", ("argument", "b", "nothing")),
        ("x = [a for a in b if a]", ("filter", "a", "nothing")),
        ("x = a if b else c", ("condition", "b", "not b")),
        ("x = min(a)", ("opposite", "min(a)", "max(a)")),
        ("x = f'{a[:3]}'", ("constant", "3", "4")),
    ],
)
def test_it_changes_one_thing(source: str, change: tuple[str, str, str]) -> None:
    assert change in changes(source)


@pytest.mark.parametrize(
    "source",
    ['"""Words."""', "import a", "x = Text('a', 'b')", "raise", "def f(a: 'b') -> 'c': ...", "..."],
)
def test_it_leaves_alone_what_no_rule_depends_on(source: str) -> None:
    assert changes(source) == set()


def test_it_names_those_that_read_the_same_apart() -> None:
    names = [one.name for one in mutants("m.py", "x = 1\ny = 1")]
    assert names == ["m.py: constant: 1 -> 2", "m.py: constant: 1 -> 2 #2"]


def test_what_is_accepted_is_still_there_and_has_a_reason() -> None:
    known: dict[str, set[str]] = {}
    reason = ""
    for line in command.ACCEPTED.read_text(encoding="utf-8").splitlines():
        reason = line if line.startswith("#") else reason if line else ""
        if line and not line.startswith("#"):
            module = line.partition(": ")[0].partition(":")[0]
            if module not in known:
                source = (ROOT / module).read_text(encoding="utf-8")
                known[module] = {one.name for one in mutants(module, source)}
            assert line in known[module], f"no such mutant any more: {line}"
            assert reason, f"accepted without a reason: {line}"


def test_every_listed_place_has_mutants() -> None:
    for place in command.GUARDS:
        files = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).glob("*.py"))
        assert any(mutants(place, one.read_text(encoding="utf-8")) for one in files), place


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A module that guards and its tests."""
    (tmp_path / "guard.py").write_text(GUARD)
    (tmp_path / "test_guard.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "kept").mkdir()
    return tmp_path


def run(project: Path, told: dict[str, str], *arguments: str) -> int:
    plain = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:playwright"]
    pytest = [sys.executable, "-m", "pytest", "-q", *plain, *arguments]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}{os.pathsep}.", **told}
    return subprocess.run(
        pytest, cwd=project, env=environment, check=False, capture_output=True
    ).returncode


def record(project: Path) -> covering.CoverageRecord:
    told = {covering.MODULES: "guard.py", covering.FOLDER: str(project / "kept")}
    (project / "test_other.py").write_text("def test_it_is_left_out(): pass\n")
    files = "test_guard.py", "test_other.py"
    chosen = "-k", "not left_out"
    assert run(project, told, "-p", "tools.mutation.covering", *chosen, *files) == 0
    assert covering.unrecorded(project, project / "kept", files) == []
    return covering.CoverageRecord(project, project / "kept").load(["test_guard.py"])


@pytest.mark.slow
def test_it_knows_which_tests_run_a_line(project: Path) -> None:
    known = record(project)

    def tests(text: str, source: str = GUARD) -> set[str]:
        (mutant,) = [one for one in mutants("guard.py", source) if one.name.endswith(text)]
        return {test.partition("::")[2] for test in known.tests_of(mutant, source)}

    assert tests("18 -> 19") == {"test_it_may"}
    assert tests("n - 1 -> n + 1") == {"test_it_waits"}
    # Run once, whoever asks: those who use it.
    assert tests("40 -> 41") == {"test_it_fits_first", "test_it_fits"}
    # At import: whoever runs a function that uses it.
    assert tests("constant: 3 -> 4") == {"test_it_knows_days"}
    # The module has changed since: whoever runs the function.
    assert tests("18 -> 19", f"# More.\n{GUARD}") == {"test_it_may"}
    assert covering.unrecorded(project, project / "kept", ["test_guard.py"]) == []
    (project / "test_guard.py").write_text(TESTS + "\n")
    assert covering.unrecorded(project, project / "kept", ["test_guard.py"]) == ["test_guard.py"]


@pytest.mark.slow
def test_it_tells_what_is_noticed_from_what_is_not(project: Path) -> None:
    known = record(project)
    found = [one for one in mutants("guard.py", GUARD) if one.function]
    plan = [{"mutant": asdict(one), "tests": known.tests_of(one, GUARD)} for one in found]
    (project / "plan.json").write_text(json.dumps(plan))

    assert run(project, {trials.PLAN: "plan.json"}, "-s", "-p", "tools.mutation.trials") == 0

    lines = map(json.loads, (project / "plan.out").read_text().splitlines())
    verdicts = {one["mutant"].partition(": ")[2]: one["verdict"] for one in lines}
    assert verdicts["constant: 18 -> 19"] == trials.KILLED
    assert verdicts["operand: age >= 18 and 'clerk' in roles -> age >= 18"] == trials.ALIVE
    assert verdicts["return: return 1 -> return None"] == trials.ALIVE
    assert len(verdicts) == len(found)


@pytest.mark.slow
@pytest.mark.parametrize(("test", "failed"), [("test_it_knows_days", 1), ("test_it_may", 0)])
def test_it_imports_what_takes_effect_at_import(project: Path, test: str, failed: int) -> None:
    (mutant,) = [one for one in mutants("guard.py", GUARD) if one.name.endswith("3 -> 4")]
    assert mutant.function is None
    told = {trials.FRESH: json.dumps(asdict(mutant))}
    assert run(project, told, "-p", "tools.mutation.trials", f"test_guard.py::{test}") == failed
