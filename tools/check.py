"""The gate before a commit, in under a minute: ruff, mypy, and the tests that what changed needs.

Run are the tests without a database or a browser and those that, directly or through others,
import a file that changed since ``main``. ``--all`` runs every test but those of the browser.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINTERS = (["ruff", "check", "."], ["ruff", "format", "--check", "--quiet", "."], ["mypy"])
QUICK = "not browser and not slow and not alone"
# Tests of pure functions, and of the layout.
PURE = (
    "tests/feel",
    "tests/forms",
    "tests/engine/worktime",
    "tests/engine/bpmn",
    "tests/engine/definitions",
    "tests/test_architecture.py",
    "tests/webapp/test_words.py",
)
MAIN = ("origin/main", "main", "HEAD")
# Many files import these; what they break shows in the tests of any of them.
EVERYBODYS = 60


def main(arguments: list[str]) -> int:
    """Run every check, also after one has failed; 1 when any did."""
    failed = [name for name, *rest in LINTERS if run(name, *rest)]
    everything = "--all" in arguments
    chosen = ["tests"] if everything else [*PURE, *affected(changed())]
    backends = [] if everything else ["--backend", "sqlite"]
    workers = ["-n", str(os.cpu_count() or 1), "--dist", "worksteal"]
    marks = "not browser and not alone" if everything else QUICK
    if run("pytest", "-q", *workers, *backends, "-m", marks, *chosen):
        failed.append("pytest")
    if failed:
        print(f"error: {', '.join(failed)} found something; see above", file=sys.stderr)
    return 1 if failed else 0


def run(name: str, *arguments: str) -> int:
    """Run a module of this environment; its exit code."""
    print(f"{name} {' '.join(arguments)}", flush=True)
    return subprocess.call([sys.executable, "-m", name, *arguments], cwd=ROOT)


def changed() -> set[str]:
    """Python files that differ from ``main``, or that git does not know yet."""
    base = next((name for name in MAIN if git("rev-parse", "--verify", "--quiet", name)), "HEAD")
    names = git("diff", "--name-only", base) + git("ls-files", "--others", "--exclude-standard")
    return {name for name in names if name.endswith(".py") and (ROOT / name).is_file()}


def git(*arguments: str) -> list[str]:
    """Return lines that git says; none where it fails."""
    done = subprocess.run(
        [shutil.which("git") or "git", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


def affected(names: set[str]) -> list[str]:
    """Test files that import a changed one: directly, else through the fewest others."""
    importers = imported_by(git("ls-files", "*.py"))
    found = {name for name in names if is_test(name)}
    for name in names:
        found |= nearest_tests(name, importers)
    return sorted(found)


def nearest_tests(name: str, importers: dict[str, set[str]]) -> set[str]:
    """Return the tests that import a file through the fewest others; none where that is
    everybody.
    """
    level, seen = {name}, {name}
    while level:
        level = {one for file in level for one in importers.get(file, ())} - seen
        seen |= level
        if tests := {one for one in level if is_test(one)}:
            return tests if len(tests) < EVERYBODYS else set()
    return set()


def imported_by(paths: Iterable[str]) -> dict[str, set[str]]:
    """File -> the files that import it."""
    found: dict[str, set[str]] = {}
    for path in paths:
        if not (ROOT / path).is_file():
            continue
        for name in imports(path):
            base = name.replace(".", "/")
            for target in (f"{base}.py", f"{base}/__init__.py"):
                found.setdefault(target, set()).add(path)
    return found


def imports(path: str) -> set[str]:
    """Dotted names that a file imports, ``from a import b`` as both a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def is_test(name: str) -> bool:
    """Return whether pytest collects this file."""
    return name.startswith("tests/") and name.rpartition("/")[2].startswith("test_")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
