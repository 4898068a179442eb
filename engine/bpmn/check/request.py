"""What goes to the child process and what comes back, as bytes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from engine.bpmn.check.check_context import CheckContext, RoleGap

Names = Collection[str] | None


@dataclass(frozen=True)
class CheckRequest:
    """Files to check. ``unseen`` are those that proved too heavy: known to exist, never read."""

    files: Mapping[str, bytes]
    reported_files: tuple[str, ...]
    unseen: frozenset[str] = frozenset()
    context: CheckContext = CheckContext()

    def write(self, stream: BinaryIO) -> None:
        """One line of JSON, then the files' bytes one after the other."""
        sent = {file: data for file, data in self.files.items() if file not in self.unseen}
        head = {
            "files": [[file, len(data)] for file, data in sent.items()],
            "reported": self.reported_files,
            "unseen": sorted(self.unseen),
            "forms": _sorted(self.context.forms),
            "roles": sorted(self.context.roles),
            "units": _sorted(self.context.units),
            "gaps": _plain(self.context.gaps),
        }
        stream.write(json.dumps(head).encode() + b"\n")
        for data in sent.values():
            stream.write(data)

    @classmethod
    def read(cls, stream: BinaryIO) -> CheckRequest:
        """Read what ``write`` has written."""
        head = json.loads(stream.readline())
        files = {file: stream.read(size) for file, size in head["files"]}
        forms, roles, units = _set(head["forms"]), frozenset(head["roles"]), _set(head["units"])
        known = CheckContext(forms, roles, units, _gaps(head["gaps"]))
        return cls(files, tuple(head["reported"]), frozenset(head["unseen"]), known)


def _sorted(names: Names) -> list[str] | None:
    return None if names is None else sorted(names)


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _plain(gaps: Mapping[str, Mapping[str, RoleGap]] | None) -> Any:
    if gaps is None:
        return None
    return {
        role: {level: [gap.lacking, gap.of, gap.names] for level, gap in levels.items()}
        for role, levels in gaps.items()
    }


def _gaps(plain: Any) -> Mapping[str, Mapping[str, RoleGap]] | None:
    if plain is None:
        return None
    return {
        role: {
            level: RoleGap(lacking, total, tuple(names))
            for level, (lacking, total, names) in levels.items()
        }
        for role, levels in plain.items()
    }
