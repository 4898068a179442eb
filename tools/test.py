"""Run the whole suite: on SQLite and PostgreSQL and in the browser.

On Debian as root it first installs the system packages that the tests use. Elsewhere it says
in one line which tests it leaves out, and in CI it fails rather than leave any out.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import pg  # noqa: E402

NO_TESTS_SELECTED = 5
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Need:
    """Something of the system's: the tests that use it, its packages, whether it is here."""

    tests: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


NEEDS = (
    Need(
        "the browser tests (no Chromium)",
        ("chromium",),
        lambda: any(shutil.which(name) for name in CHROMIUM),
    ),
    Need("the tests on PostgreSQL (no server)", ("postgresql",), lambda: bool(pg.binaries())),
    Need(
        "screenshots with Chinese text (no font)",
        ("fontconfig", "fonts-noto-cjk"),
        lambda: has_chinese_font(),
    ),
    Need("uploads (no libmagic)", ("libmagic1",), lambda: has_library("magic")),
    Need(
        "printed documents (no Pango)",
        ("libpango-1.0-0", "libpangoft2-1.0-0"),
        lambda: has_library("pango-1.0") and has_library("pangoft2-1.0"),
    ),
)


def main(arguments: list[str]) -> int:
    """Install what may be installed, say what is left out, run pytest; its exit code."""
    missing = [need for need in NEEDS if not need.present()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install([package for need in missing for package in need.packages])
        missing = [need for need in missing if not need.present()]
    if missing:
        left_out = "; ".join(need.tests for need in missing)
        if os.environ.get("CI"):
            print(f"error: CI must leave nothing out, but cannot run {left_out}", file=sys.stderr)
            return 1
        print(f"Left out: {left_out}", flush=True)
    if arguments:
        return pytest(*arguments)
    # Side by side on all processors; what measures time comes last, when the others are done.
    return pytest("-n", str(os.cpu_count() or 1), "--dist", "worksteal", "--summary")


def pytest(*arguments: str) -> int:
    """Run pytest in this environment; its exit code, with none selected counting as fine."""
    code = subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=ROOT)
    return 0 if code == NO_TESTS_SELECTED else code


def install(packages: list[str]) -> None:
    """Install Debian packages: all at once, else one by one, so that one does not lose the rest."""
    print(f"Installing {' '.join(packages)} ...", flush=True)
    apt("update")
    if not apt("install", *packages):
        for package in packages:
            apt("install", package)


def apt(command: str, *packages: str) -> bool:
    """Run apt-get; whether it went well, with what it said shown if not."""
    options = ["-y", "--no-install-recommends"] if packages else []
    done = subprocess.run(
        ["apt-get", "-qq", command, *options, *packages],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-10:]), file=sys.stderr)
    return done.returncode == 0


def has_library(name: str) -> bool:
    """Return whether the dynamic linker knows the library."""
    return ctypes.util.find_library(name) is not None


def has_chinese_font() -> bool:
    """Return whether any font here can draw Chinese; without one screenshots show boxes."""
    if not shutil.which("fc-list"):
        return False
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
