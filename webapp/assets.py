"""Where a built script or style is served: manifest lookup for templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

DIST = Path(__file__).resolve().parent / "static/dist"


class AssetsMissing(RuntimeError):
    """The scripts and styles were not built, or not with this name."""


def asset_path(name: str, dist: Path = DIST) -> str:
    """Return path below ``static/`` of the built file that is called ``name`` in the sources.

    Names are those of ``assets/entries`` with the built suffix: ``theme.css``, ``app.js``.
    Raises AssetsMissing when nothing was built or there is no such entry.
    """
    try:
        return f"{dist.name}/{manifest(dist)[name]}"
    except KeyError:
        known = ", ".join(manifest(dist))
        raise AssetsMissing(f"no built asset is called {name}; there are: {known}") from None


def manifest(dist: Path = DIST) -> Mapping[str, str]:
    """Return built names by source name; read again when a build has replaced the file."""
    path = dist / "manifest.json"
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetsMissing(
            "scripts and styles are not built; run `make setup` (Node 20+ or PyPI is enough)"
        ) from None


@lru_cache(maxsize=4)
def _manifest(path: Path, _changed: int) -> Mapping[str, str]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
