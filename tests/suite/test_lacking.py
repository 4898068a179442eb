"""A machine that lacks something says what it leaves out; in CI it fails, but for shared data."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.test_architecture import ROOT

# A test that needs each.
NEEDS = {
    "no shared data here": "tests/feel/test_tck.py::test_it_finds_all_folders_of_the_kit",
    "Node is not installed": "tests/feel/test_oracle.py::test_both_refuse_what_is_no_feel",
    "PostgreSQL is not installed": "tests/suite/test_databases.py::"
    "test_it_keeps_the_engine_of_a_database[postgresql]",
    "Chromium is not installed": "tests/browser/test_scripts.py::"
    "test_it_keeps_a_draft_while_one_types",
}
# With it the samples that stand in for shared data.
SAMPLES = "tests/feel/test_tck.py"
SHARED, *OTHERS = NEEDS


def run(**environment: str) -> tuple[int, str]:
    """Exit code and words of a run on a machine that lacks all of them."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "--tb=line", "-p", "no:cacheprovider"]
    command += ["-p", "tests.suite.hiding", "-p", "no:schemathesis", SAMPLES, *NEEDS.values()]
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTHONPATH")}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**kept, "FENGQIAO_SHARED": "/nowhere", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
def test_it_says_what_it_leaves_out() -> None:
    code, said = run()
    lines = [line for line in said.splitlines() if line.startswith("SKIPPED")]

    assert code == 0, said
    assert all(any(why in line for line in lines) for why in NEEDS), said
    # The samples, which need nothing.
    assert "7 passed" in said


@pytest.mark.slow
def test_it_leaves_out_nothing_but_shared_data_in_ci() -> None:
    code, said = run(CI="1")
    (skipped,) = [line for line in said.splitlines() if line.startswith("SKIPPED")]

    assert code == 1 and SHARED in skipped
    assert all(f"{why}, and CI leaves nothing of the kind out" in said for why in OTHERS), said
    assert "7 passed" in said
