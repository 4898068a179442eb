"""One thing that does not fit, with the case or row it was found at, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feel.text import Text


@dataclass(frozen=True)
class Discrepancy:
    """What a check found; ``kind`` is stable for programs, ``text`` is for people."""

    check: str
    kind: str
    text: Text
    case_id: int | None = None
    row_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``; ids as text, since JSON numbers lose the last digits of 63 bits."""
        return {
            "check": self.check,
            "kind": self.kind,
            "case": _text(self.case_id),
            "row": _text(self.row_id),
            "message": self.text.json(),
        }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
