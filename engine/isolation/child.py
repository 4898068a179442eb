"""A child process for hostile input: what it is started with, and what it takes from itself."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1


def start(module: str, *arguments: str, stdin: IO[bytes]) -> subprocess.Popen[bytes]:
    """Run a module of ours in a child that reads ``stdin`` and can be listened to."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(),
    )


def answer(module: str, question: IO[bytes], seconds: float) -> dict[str, Any] | None:
    """Return what a module of ours answers in a child, as JSON; None where it fails or is slow."""
    process = start(module, stdin=question)
    try:
        written, _ = process.communicate(timeout=seconds)
        read: dict[str, Any] = json.loads(written) if process.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        return None
    finally:
        end(process)
    return read or None


def environment() -> dict[str, str]:
    """Return nothing of the server's: its environment holds secrets."""
    return {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "PATH": os.defpath}


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child, whatever it is doing."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def limit_self(*, memory: int, cpu: int, nice: int = 0) -> None:
    """Take away what reading needs not: memory beyond so many bytes, processor time beyond so
    many seconds, files, and life beyond the parent's. Called by the child, first of all.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with suppress(OSError):
        os.nice(nice)
