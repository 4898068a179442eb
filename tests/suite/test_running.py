"""How the suite runs: nothing left out in silence, what measures time comes last and alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import left_out, summary
from tests.left_out import leave_out
from tests.test_architecture import ROOT, python_files, relative, tree

CONFTEST = """
import json, os, time
import pytest
from tests.sharing import AloneLast

def pytest_xdist_make_scheduler(config, log):
    return AloneLast(config, log)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    began = time.monotonic()
    yield
    line = [item.nodeid, os.environ["PYTEST_XDIST_WORKER"], began, time.monotonic()]
    with open("ran", "a") as file:
        file.write(json.dumps(line) + "\\n")
"""
MANY = "import pytest\n\n@pytest.mark.parametrize('n', range({}))\ndef test_it(n): pass\n"


@pytest.mark.slow
@pytest.mark.parametrize(("others", "alone"), [(23, 4), (0, 3), (5, 1), (1, 2)])
def test_it_runs_what_measures_time_when_the_others_are_done(
    tmp_path: Path, others: int, alone: int
) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(MANY.format(others))
    (tmp_path / "test_speed_some.py").write_text(MANY.format(alone))
    plugins = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:playwright"]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *plugins]

    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)

    ran = [json.loads(line) for line in (tmp_path / "ran").read_text().splitlines()]
    timed = [one for one in ran if "speed" in one[0]]
    rest = [one for one in ran if one not in timed]
    assert (len(timed), len(rest)) == (alone, others)
    assert len({worker for _name, worker, *_times in timed}) == 1
    assert not rest or max(one[3] for one in rest) <= min(one[2] for one in timed)


def test_it_leaves_out_in_ci_what_the_list_names_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.skip.Exception):
        leave_out("no systemd here", "systemd")
    with pytest.raises(pytest.fail.Exception):
        leave_out("PostgreSQL is not installed")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception):
        leave_out("PostgreSQL is not installed")


def test_it_counts_what_was_left_out() -> None:
    assert left_out.too_many(["systemd: no systemd here"]) == []
    (line,) = left_out.too_many(["systemd: no systemd here"] * 2)
    assert "2 of the kind systemd, at most 1" in line


def test_it_leaves_nothing_out_by_another_way() -> None:
    """Whoever skips goes through ``leave_out``, which knows what CI allows."""
    ways = {"skip", "skipif", "importorskip"}
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("tests")
        if relative(path) != "tests/left_out.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ways
        and ast.unparse(node.value) in {"pytest", "pytest.mark"}
        and not _is_only_expected(node, path)
    ]
    assert not found


def _is_only_expected(node: ast.Attribute, path: Path) -> bool:
    """Whether it is ``pytest.skip.Exception``, which a test expects of others."""
    return any(
        isinstance(one, ast.Attribute) and one.value is node and one.attr == "Exception"
        for one in ast.walk(tree(path))
    )


def report(test: str, outcome: str, seconds: float, reason: str = "") -> pytest.TestReport:
    """What pytest reports of one phase of a test."""
    why: Any = ("file", 1, f"Skipped: {reason}") if reason else None
    return pytest.TestReport(test, ("", 0, ""), {}, outcome, why, "call", duration=seconds)  # type: ignore[arg-type]


def test_it_says_what_was_done_by_file_and_database() -> None:
    stats = {
        "passed": [report(f"a.py::test_it[sqlite-{n}]", "passed", 0.5) for n in range(40)],
        "skipped": [report("b.py::test_it[postgresql]", "skipped", 0, "systemd: none")],
        "failed": [report("c.py::test_it", "failed", 99)],
    }
    lines: list[str] = []
    reporter = SimpleNamespace(
        stats=stats, verbosity=0, write_line=lines.append, write_sep=lambda _sign, _title: None
    )

    summary.write(reporter)

    assert lines[0] == "  99.00 s  c.py::test_it"
    assert "   20.0 s    40  a.py" in lines
    assert "sqlite     passed 40, failed 0, left out 0, 20 s of work" in lines
    assert "   1  systemd: none" in lines
    assert lines[-1].startswith("Passed 40, failed 1, left out 1 (CI allows at most ")


# Who may sleep: not to wait for something of this process's own, and never to be quick enough.
SLEEPERS = {
    "tests/browser/test_scripts.py": "a server that is slow",
    "tests/deploy/test_deploy.py": "asks again what another process has done",
    "tests/engine/notices/channels/servers.py": "a server that is slow",
    "tests/engine/intake/test_interrupted.py": "asks again what another process has done",
    "tests/engine/org/test_at_once.py": "keeps a transaction open that the other runs into",
    "tests/faults/gated.py": "asks again whether the gate is open",
    "tests/faults/serving.py": "asks again what another process has done",
    "tests/webapp/completing.py": "a person's pause",
    "tests/webapp/test_run.py": "asks again what another process has done",
    "tests/webapp/test_supervisor.py": "asks again what another process has done",
}


def test_it_sleeps_nowhere_else() -> None:
    found = {
        relative(path)
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    }
    assert found == set(SLEEPERS)


# Who may ask what time it is: what they try asks for itself, or is a page of today.
CLOCK_READERS = {
    "tests/conftest.py": "ids grow from the present",
    "tests/engine/casework/moves/hammering.py": "how long the hammering goes on",
    "tests/engine/casework/moves/test_hammer.py": "how long the hammering goes on",
    "tests/engine/casework/test_audit.py": "a moment that is ahead on any day",
    "tests/engine/casework/test_uploads.py": "uploads are stamped by the view",
    "tests/webapp/test_deploying.py": "deploying asks for itself",
    "tests/webapp/test_first_admin.py": "the command asks for itself",
    "tests/webapp/test_metrics.py": "room on the disk, now",
}
# Their servers show the present, and their stories begin so many days before it.
TODAYS = ("tests/browser/", "tests/faults/")


def test_it_reads_the_clock_nowhere_else() -> None:
    clocks = {"datetime.now", "datetime.utcnow", "date.today", "time.time"}
    found = {
        relative(path)
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in clocks
    }
    assert {one for one in found if not one.startswith(TODAYS)} == set(CLOCK_READERS)
