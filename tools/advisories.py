"""Ask what is known against the locked packages: `make advisories`, where that can be reached.

0 when nothing is known, 1 when something is, 2 when one of the two could not be asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Ask for Python's packages and for npm's; the worse of the two answers."""
    return max(_of_python(), _of_npm())


def _of_python() -> int:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        tool = [*pip, "install", "--target", folder, "pip-audit"]
        if subprocess.run(tool, capture_output=True, check=False).returncode:
            return _unreached("Python")
        audit = [sys.executable, "-m", "pip_audit", "--format=json", "--disable-pip"]
        found = _json(
            [*audit, "--require-hashes", f"--requirement={ROOT / 'requirements.lock'}"],
            {"PYTHONPATH": folder},
        )
    parts = found.get("dependencies", [])
    if not parts or any("skip_reason" in part for part in parts):
        return _unreached("Python")
    known = [(part["name"], one["id"]) for part in parts for one in part["vulns"]]
    print(f"Python packages: {len(parts)} asked, known: {known or 'nothing'}")
    return 1 if known else 0


def _of_npm() -> int:
    found = _json(["npm", "audit", "--omit=dev", "--json", f"--prefix={ROOT / 'assets'}"], {})
    if "vulnerabilities" not in found:
        return _unreached("npm")
    known = sorted(found["vulnerabilities"])
    print(f"npm packages: known: {known or 'nothing'}")
    return 1 if known else 0


def _unreached(kind: str) -> int:
    print(f"{kind} packages: the advisories cannot be reached from here")
    return 2


def _json(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        return dict(json.loads(done.stdout))
    except (OSError, ValueError, TypeError):
        return {}


if __name__ == "__main__":
    sys.exit(main())
