"""Definitions as files, written from the database byte for byte.

``versions.json`` beside the files names the decision that each process was written from, so
that a later deploy knows what it changes, and what staff changed in the browser meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import rollouts, versions
from engine.errors import Conflict
from engine.models import Rollout, Version
from feel.text import Text

MANIFEST = "versions.json"


class NotDeployed(Conflict):
    """The folder holds files that were never published; writing would lose them."""

    def __init__(self, processes: list[str]) -> None:
        names = ", ".join(processes)
        text = Text(
            f"目录中有尚未部署的改动（{names}），导出会覆盖它们，已拒绝。",
            f"The folder holds changes that were never deployed ({names}); the export would "
            "overwrite them.",
        )
        super().__init__(*processes, text=text)


def export(db: Session, folder: Path, *, overwrite: bool = False) -> dict[str, int]:
    """Write what holds of every process under ``folder``; return version numbers by process.

    Raises NotDeployed, or OSError for a folder that cannot be written.
    """
    there = versions.read_directory(folder)
    own = [key for key, files in there.items() if not versions.was_published(db, key, files)]
    if own and not overwrite:
        raise NotDeployed(own)
    written = {}
    for process in db.scalars(select(Version.process).distinct().order_by(Version.process)):
        version = versions.lasting(db, process)
        assert version is not None
        _replace(folder, there.get(process, {}), versions.files_of(db, version.id))
        written[process] = _entry(db, version)
    _write(folder, written)
    return {process: entry["number"] for process, entry in written.items()}


def exported(db: Session, folder: Path, process: str) -> Rollout | None:
    """Return the decision that the files of a process under ``folder`` were written from, if
    known.
    """
    noted = _noted(folder).get(process)
    decision = noted.get("decision") if isinstance(noted, dict) else None
    if not isinstance(decision, str) or not (decision.isascii() and decision.isdigit()):
        return None
    query = select(Rollout).where(Rollout.id == int(decision), Rollout.process == process)
    return db.scalar(query) if len(decision) < 20 else None


def note(db: Session, folder: Path, process: str) -> None:
    """Remember that the files under an exported folder are now what holds."""
    version = versions.lasting(db, process)
    if version is not None and (folder / MANIFEST).exists():
        _write(folder, {**_noted(folder), process: _entry(db, version)})


def _entry(db: Session, version: Version) -> dict[str, Any]:
    decided = rollouts.last_for_all(db, version.process)
    # As text: the id has more digits than a number in JSON keeps.
    decision = str(decided.id) if decided is not None else None
    return {"number": version.number, "digest": version.digest, "decision": decision}


def _replace(folder: Path, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> None:
    for path in old.keys() - new.keys():
        (folder / path).unlink()
    for path, content in new.items():
        if old.get(path) != content:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def _noted(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(folder: Path, noted: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(noted, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
