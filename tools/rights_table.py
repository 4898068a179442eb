"""Writes the matrix of rights into docs/rights.md, from the rules of engine/roles/."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/rights.md"
MARKS = re.compile(r"(<!-- rights:[^\n]*-->\n).*?(<!-- end of rights -->)", re.DOTALL)


def with_table(text: str) -> str:
    """Return the page with the matrix as it is now."""
    from engine.roles.rights import table

    return MARKS.sub(lambda marks: f"{marks[1]}{table()}{marks[2]}", text)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
