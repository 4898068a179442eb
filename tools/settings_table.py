"""Writes the table of settings into README.md, from the fields of engine/settings.py."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
MARKS = re.compile(r"(<!-- settings:[^\n]*-->\n).*?(<!-- end of settings -->)", re.DOTALL)


def table() -> str:
    """Markdown: the variable, its default, what it is for."""
    from engine.settings import Settings

    rows = [
        f"| `FENGQIAO_{field.name.upper()}` | {field.metadata['default']} | "
        f"{field.metadata['doc']} |\n"
        for field in fields(Settings)
        if "doc" in field.metadata
    ]
    return "| variable | default | meaning |\n|---|---|---|\n" + "".join(rows)


def with_table(text: str) -> str:
    """Return the README with the table as it is now."""
    return MARKS.sub(lambda marks: f"{marks[1]}{table()}{marks[2]}", text)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
