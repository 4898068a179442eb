"""Find the tests of the web that need no PostgreSQL, because others send all that they send.

``python tools/alone.py`` runs them on SQLite, notes their statements, and writes
tests/webapp/sqlite-alone.txt: as many as can be left out on PostgreSQL while each statement is
still sent there, those that send most first. What the database refuses is tried on both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/webapp/sqlite-alone.txt"
FAILED = "failed"
# Many processes at one database; who finds a reporter, and who gives power to whom.
BOTH = (
    "test_publishing_meanwhile.py",
    "test_canary",
    "test_duties.py",
    "test_grants.py",
    "test_sessions.py",
)
HEAD = """\
# Tests that run on SQLite alone, unless one asks for both with --everywhere: each statement that
# they send is sent on PostgreSQL by another test. Written by tools/alone.py; new tests run on both.
"""


def main() -> int:
    """Write the list again."""
    with tempfile.NamedTemporaryFile() as told:
        command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "tests.statements"]
        command += ["--backend", "sqlite", "-k", "sqlite", "tests/webapp"]
        code = subprocess.call(
            command, cwd=ROOT, env={**os.environ, "FENGQIAO_STATEMENTS": told.name}
        )
        if code:
            return code
        lines = Path(told.name).read_text(encoding="utf-8").splitlines()
    write(alone(lines))
    return 0


def alone(lines: list[str]) -> list[str]:
    """Return the functions that can be left out, given a line for each test that was run."""
    sent: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        test, statements = json.loads(line)
        sent[test.partition("[")[0].rpartition("/")[2]] |= set(statements)
    by = Counter(statement for statements in sent.values() for statement in statements)
    found = []
    for name in sorted(sent, key=lambda name: (-len(sent[name]), name)):
        if FAILED in sent[name] or name.startswith(BOTH):
            continue
        if all(by[statement] > 1 for statement in sent[name]):
            by.subtract(sent[name])
            found.append(name)
    return sorted(found)


def write(names: list[str]) -> None:
    """Write the list."""
    LIST.write_text(HEAD + "".join(f"{name}\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
