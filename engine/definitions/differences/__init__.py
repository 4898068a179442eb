"""What changes between two definitions, in words and on the diagram. Pure.

Moving something on the picture changes nothing; every sentence names what people know it by.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn import BadDiagram
from engine.bpmn.dependencies import read_files
from engine.bpmn.nodes import ParsedFile
from engine.bpmn.trial import BadScenario, Scenario
from engine.definitions.differences import diagrams, questions, tables
from engine.definitions.differences.conditions import Fields, fields_of
from engine.definitions.differences.sentences import Note
from feel import Decision
from feel.text import Text

__all__ = ["Difference", "Note", "between"]

FLOW, LIMITS, TABLES, FORMS, OTHER = "flow", "limits", "tables", "forms", "other"
HEADINGS = {
    FLOW: Text("走向和人员", "Flow and people"),
    LIMITS: Text("时限", "Limits"),
    TABLES: Text("决策表", "Decision tables"),
    FORMS: Text("表单", "Forms"),
    OTHER: Text("演练和其他文件", "Scenarios and other files"),
}


@dataclass(frozen=True)
class Difference:
    """The notes by heading, and the state of each element that the picture marks."""

    notes: tuple[Note, ...]

    def __bool__(self) -> bool:
        return bool(self.notes)

    @property
    def sections(self) -> list[tuple[Text, list[Text]]]:
        """Headings with their sentences; headings without any are left out."""
        found = []
        for topic, heading in HEADINGS.items():
            texts = [note.text for note in self.notes if note.topic == topic]
            if texts:
                found.append((heading, texts))
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
    """Compare two sets of files; what cannot be read is told as a changed file."""
    try:
        before, after = _read(old), _read(new)
    except BadDiagram:
        return Difference(tuple(_files(old, new, frozenset())))
    known = frozenset(path for path in {*old, *new} if not path.startswith("processes/"))
    notes = [
        *diagrams.between(before[0], after[0], (_asked(old), _asked(new))),
        *tables.between(before[1], after[1]),
        *questions.between(old, new),
        *_files(old, new, known | _drawn(old, new) | _told(before) | _told(after)),
    ]
    return Difference(tuple(notes))


def _read(files: Mapping[str, bytes]) -> tuple[list[ParsedFile], dict[str, Decision]]:
    drawn = {path: data for path, data in files.items() if path.endswith((".bpmn", ".dmn"))}
    return read_files(drawn)


def _drawn(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> frozenset[str]:
    """Diagrams and tables on both sides: their content is told, and a picture may move."""
    return frozenset(path for path in old.keys() & new.keys() if path.endswith((".bpmn", ".dmn")))


def _asked(files: Mapping[str, bytes]) -> Fields:
    return fields_of(questions.forms_of(files))


def _told(read: tuple[list[ParsedFile], dict[str, Decision]]) -> frozenset[str]:
    """Diagrams that hold something: what is in them is told, whether they are new or gone."""
    return frozenset(source.file for source in read[0] if source.nodes)


def _files(old: Mapping[str, bytes], new: Mapping[str, bytes], told: frozenset[str]) -> list[Note]:
    notes = []
    for path in sorted({*old, *new} - told):
        called = _called(path, new[path] if path in new else old[path])
        if path not in old:
            text = Text(f"新增{called.zh.rstrip()}。", f"The {called.en} is new.")
        elif path not in new:
            text = Text(f"删除{called.zh.rstrip()}。", f"The {called.en} is gone.")
        elif old[path] != new[path]:
            text = Text(f"{called.zh}有改动。", f"The {called.en} has changed.")
        else:
            continue
        notes.append(Note(OTHER, text))
    return notes


def _called(path: str, content: bytes) -> Text:
    """What people know a file by: a scenario by its name, others by their path."""
    if "/scenarios/" in path:
        try:
            name = Scenario.read(json.loads(content)).name
            return Text(f"演练“{name.zh}”", f"scenario “{name.en}”")
        except (ValueError, BadScenario):
            pass
    return Text(f"文件 {path} ", f"file {path}")


def _graver(one: str | None, other: str) -> str:
    return "changed" if one is None and other == "changed" else other if one is None else one
