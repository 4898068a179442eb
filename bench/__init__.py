"""Benchmarks: each figure beside its floor from the same run. Prints through the command."""

from __future__ import annotations

from typing import Any

NAMES = ("feel", "complete", "all")


def run(name: str, backend: str | None = None) -> dict[str, Any]:
    """Run one benchmark, or all under their names; ``backend`` restricts those with a database.

    The figures of `complete` stand under each backend's name; at the top of the document are
    those of the most demanding one, PostgreSQL where it is measured.
    """
    from bench import complete, feel

    if name == "feel":
        return feel.run()
    if name == "complete":
        measured = complete.run(backend)
        return {**list(measured.values())[-1], **measured}
    return {"feel": feel.run(), "complete": complete.run(backend)}
