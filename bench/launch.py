"""How long a new colleague waits: `fengqiao bench launch`.

A fresh clone of this checkout, what it needs, and the demo county's first page; then the same
again with everything in place. The floor is a bare gunicorn's first answer.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bench import processes

ROOT = Path(__file__).resolve().parent.parent
BARE = "werkzeug.testapp:test_app"


def run() -> dict[str, Any]:
    """Return seconds to the first page of a fresh clone, and of a restart. Raises RuntimeError."""
    if not (ROOT / ".git").exists():
        raise RuntimeError("a checkout is needed: this installation is not one")
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        began = time.perf_counter()
        _call("git", "clone", "--quiet", str(ROOT), str(clone))
        _call("make", "--directory", str(clone), "setup")
        ready = time.perf_counter() - began
        first, again = _first_page(clone), _first_page(clone)
    return {
        "first_page_s": round(ready + first, 1),
        "setup_s": round(ready, 1),
        "restart_s": round(again, 1),
        "floor_s": round(_floor(), 1),
    }


def _call(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-500:]}")


def _first_page(clone: Path) -> float:
    port = _free_port()
    told = {"FENGQIAO_PORT": str(port), "FENGQIAO_DATABASE_URL": "", "FENGQIAO_DATA_DIR": ""}
    return _until_served(["make", "--directory", str(clone), "run"], told, port)


def _floor() -> float:
    began = time.perf_counter()
    with processes.web(sys.executable, BARE, {}):
        return time.perf_counter() - began


def _until_served(command: list[str], environment: Mapping[str, str], port: int) -> float:
    began = time.perf_counter()
    with processes.program(command, environment):
        processes.wait_for(port)
        return time.perf_counter() - began


def _free_port() -> int:
    with closing(socket.create_server((processes.HOST, 0))) as probe:
        return int(probe.getsockname()[1])
