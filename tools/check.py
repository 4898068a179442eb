"""The quick gate before a commit: ruff, mypy and the fast tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ["ruff", "check", "."],
    ["mypy"],
    ["pytest", "-q", "--backend", "sqlite", "-m", "not browser and not slow and not alone"],
)


def main() -> int:
    """Run every check, also after one has failed; 1 when any did."""
    failed = []
    for name, *arguments in CHECKS:
        print(f"{name} {' '.join(arguments)}", flush=True)
        if subprocess.call([sys.executable, "-m", name, *arguments], cwd=ROOT):
            failed.append(name)
    if failed:
        print(f"error: {', '.join(failed)} found something; see above", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
