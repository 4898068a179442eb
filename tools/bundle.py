"""Pack what a machine without network needs to install the product: `make bundle`.

The wheel of this tree, the wheels of the lock file for this kind of machine and Python, the list
of parts, and a script that installs them by their hashes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import sbom  # noqa: E402

INSTALL = """#!/bin/sh
# Installs into the environment whose Python is given: sh install.sh /opt/fengqiao/0.1.0/bin/python
set -e
cd "$(dirname "$0")"
sha256sum --quiet --check SHA256SUMS
PIP="$1 -m pip install --no-index --no-deps"
$PIP --require-hashes --find-links wheels --requirement requirements.lock
$PIP fengqiao-*.whl
"$1" -m pip check
"""


def main() -> int:
    """Make dist/fengqiao-offline.tar; 0 when it is there."""
    target = ROOT / "dist/fengqiao-offline.tar"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "fengqiao-offline")
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        lock = ROOT / "requirements.lock"
        _pip("download", "--no-deps", "--require-hashes", "--only-binary=:all:",
             f"--requirement={lock}", f"--dest={wheels}")  # fmt: skip
        _pip("wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}", str(ROOT))
        shutil.copy(lock, folder)
        sbom.main([str(folder / "fengqiao.cdx.json")])
        (folder / "install.sh").write_text(INSTALL)
        _sum_up(folder)
        with tarfile.open(target, "w") as archive:
            archive.add(folder, folder.name)
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB")
    return 0


def _sum_up(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in files
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    subprocess.run(command, check=True, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})


if __name__ == "__main__":
    sys.exit(main())
