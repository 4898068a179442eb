"""What changes between two definitions, in words and on the diagram. Pure.

Every difference of content is said: in a sentence that names what people know it by, else as the
lines before and after. Moving something on the picture changes nothing and is one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.definitions.differences import files
from engine.definitions.differences.sentences import DifferenceNote
from feel.text import Text

__all__ = ["Difference", "DifferenceNote", "between"]

FLOW, LIMITS, TABLES, FORMS, OTHER = "flow", "limits", "tables", "forms", "other"
HEADINGS = {
    FLOW: Text("走向和人员", "Flow and people"),
    LIMITS: Text("时限", "Limits"),
    TABLES: Text("决策表", "Decision tables"),
    FORMS: Text("表单", "Forms"),
    OTHER: Text("测试用例和其他文件", "Scenarios and other files"),
}


@dataclass(frozen=True)
class Difference:
    """The notes by heading, and the state of each element that the picture marks."""

    notes: tuple[DifferenceNote, ...]

    def __bool__(self) -> bool:
        return bool(self.notes)

    @property
    def sections(self) -> list[tuple[Text, list[DifferenceNote]]]:
        """Headings with their notes; headings without any are left out."""
        found = []
        for topic, heading in HEADINGS.items():
            notes = [note for note in self.notes if note.topic == topic]
            if notes:
                found.append((heading, notes))
        return found

    @property
    def marks(self) -> dict[str, str]:
        """Element id -> added, changed or removed."""
        found: dict[str, str] = {}
        for note in self.notes:
            if note.element:
                found[note.element] = _graver(found.get(note.element), note.state)
        return found


def between(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Difference:
    """Compare two sets of files. Nothing is said only of files that are equal byte for byte."""
    words = files.names_of_definition(old), files.names_of_definition(new)
    notes: list[DifferenceNote] = []
    for path in sorted({*old, *new}, key=_rank):
        notes += files.compared(path, old.get(path), new.get(path), words)
    return Difference(tuple(notes))


def _rank(path: str) -> tuple[int, str]:
    """Return diagrams first, then tables, forms and scenarios."""
    ends = (path.endswith(".bpmn"), path.endswith(".dmn"), path.startswith("forms/"), True)
    return ends.index(True), path


def _graver(one: str | None, other: str) -> str:
    return "changed" if one is None and other == "changed" else other if one is None else one
