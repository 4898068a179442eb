"""One file of a definition and its successor: sentences, and lines for what has no sentence."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache

from engine.bpmn.errors import XmlRefused
from engine.bpmn.nodes import ParsedFile
from engine.bpmn.parsing import xml
from engine.bpmn.parsing.processes import extract
from engine.bpmn.trial import BadScenario, Scenario
from engine.definitions.differences import content, diagrams, lines, questions, tables
from engine.definitions.differences.conditions import fields_of
from engine.definitions.differences.content import Content
from engine.definitions.differences.elements import DiagramWords
from engine.definitions.differences.sentences import DifferenceNote
from feel.text import Text

_SCENARIO = "/scenarios/"


def names_of_definition(files: Mapping[str, bytes]) -> DiagramWords:
    """Return what the questions, forms and tables of a definition are called."""
    forms = questions.forms_of(files)
    titles = {key: form.title for key, form in forms.items()}
    named: dict[str, str] = {}
    for path, data in files.items():
        read = _content(path, data) if path.endswith(".dmn") else None
        for key, entry in read.entries.items() if read else ():
            if entry.kind == "decision":
                named[key] = entry.values.get("@name", key)
    return DiagramWords(fields_of(forms), titles, named)


def compared(
    path: str, old: bytes | None, new: bytes | None, words: tuple[DiagramWords, DiagramWords]
) -> list[DifferenceNote]:
    """Return what is to be said of one file; nothing only where it is the same byte for byte."""
    if old == new:
        return []
    data = new if new is not None else old
    assert data is not None
    called = _name_of_file(path, data)
    before = Content() if old is None else _content(path, old)
    after = Content() if new is None else _content(path, new)
    if before is None or after is None:
        return [DifferenceNote("other", _file(called, old, new))]
    if _SCENARIO in path:
        return _scenario(called, old, new)
    topic = _topic(path)
    notes = list(_sentences(path, (old, new), (before, after), words))
    if None in (old, new) and not notes:
        notes.append(DifferenceNote("other", _file(called, old, new)))
    if new is not None:
        told = frozenset(place for note in notes for place in note.tells)
        left = lines.untold(content.changes(before, after), told, fresh=old is None)
        notes += lines.line_changes(left, (before, after), topic, called)
        if old is not None and content.redrawn(before, after):
            notes.append(DifferenceNote("other", _redrawn(called)))
    return notes or [DifferenceNote("other", _same(called))]


def _sentences(
    path: str,
    data: tuple[bytes | None, bytes | None],
    contents: tuple[Content, Content],
    words: tuple[DiagramWords, DiagramWords],
) -> Iterator[DifferenceNote]:
    if path.endswith(".bpmn"):
        old, new = (_source(path, one) for one in data)
        yield from diagrams.between(old, new, words)
    elif path.endswith(".dmn"):
        yield from tables.between(*contents)
    elif path.startswith("forms/"):
        before, after = (questions.form_of(path, one) if one is not None else None for one in data)
        # Of a broken one nothing is known: its values are reported one by one.
        if (before is None) == (data[0] is None) and (after is None) == (data[1] is None):
            yield from questions.between(before, after, (words[0].fields, words[1].fields))


@lru_cache(maxsize=16)
def _source(path: str, data: bytes | None) -> ParsedFile | None:
    if data is None:
        return None
    try:
        return extract(xml.load(data), path)
    except XmlRefused:
        return None


@lru_cache(maxsize=16)
def _content(path: str, data: bytes) -> Content | None:
    """Return the content of a file; None for one that cannot be read."""
    try:
        if path.endswith((".bpmn", ".dmn")):
            return content.of_xml(data)
    except XmlRefused:
        return None
    return content.of_json(data, form=path.startswith("forms/"))


def _topic(path: str) -> str:
    if path.endswith(".bpmn"):
        return "flow"
    return "tables" if path.endswith(".dmn") else "forms"


def _name_of_file(path: str, data: bytes) -> Text:
    """Return what people know a file by: a scenario by its name, others by their path."""
    if _SCENARIO in path:
        try:
            name = Scenario.read(json.loads(data)).name
            return Text(f"用例“{name.zh}”", f"scenario “{name.en}”")
        except (ValueError, BadScenario):
            pass
    return Text(f"文件 {path} ", f"file {path}")


def _file(called: Text, old: bytes | None, new: bytes | None) -> Text:
    if old is None:
        return Text(f"新增{called.zh.rstrip()}。", f"The {called.en} is new.")
    if new is None:
        return Text(f"删除{called.zh.rstrip()}。", f"The {called.en} is gone.")
    return Text(f"{called.zh}有改动。", f"The {called.en} has changed.")


def _redrawn(called: Text) -> Text:
    return Text(
        f"{called.zh}调整了图的排布（位置、大小、走线或颜色），走向和内容不受影响。",
        f"The picture of the {called.en} is rearranged; its content is not affected.",
    )


def _same(called: Text) -> Text:
    return Text(
        f"{called.zh}只是写法不同（空白、注释或次序），内容没有变化。",
        f"The {called.en} is only written otherwise (white space, comments, order).",
    )


def _scenario(called: Text, old: bytes | None, new: bytes | None) -> list[DifferenceNote]:
    """Return a scenario by the lines that differ."""
    if old is None or new is None:
        return [DifferenceNote("other", _file(called, old, new))]
    before, after = (_json_lines(one) for one in (old, new))
    notes = []
    for kind, *at in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            one, other = "\n".join(before[at[0] : at[1]]), "\n".join(after[at[2] : at[3]])
            text = Text(f"{called.zh}有改动：{one} → {other}",
                        f"The {called.en} has changed: {one} → {other}")  # fmt: skip
            where = _file(called, old, new)
            notes.append(
                DifferenceNote("other", text, where=where, before=one or None, after=other or None)
            )
    return notes or [DifferenceNote("other", _same(called))]


def _json_lines(data: bytes) -> list[str]:
    text = json.dumps(json.loads(data), ensure_ascii=False, indent=1, sort_keys=True)
    return [line.strip() for line in text.splitlines()]
