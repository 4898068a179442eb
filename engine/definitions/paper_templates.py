"""Templates of papers as a definition: a Word file a kind, published like diagrams. Pure."""

from __future__ import annotations

import re

from engine.terms.papers import PAPERS
from feel.text import Text

PAPER_TEMPLATES = "papers"
NAMES = Text("文书模板", "Templates of papers")
FILE = re.compile(rf"{PAPER_TEMPLATES}/({'|'.join(PAPERS)})\.docx")


def path_of(key: str) -> str:
    """Return where the template of a kind of paper stands."""
    return f"{PAPER_TEMPLATES}/{key}.docx"
