"""Use a template: what it may name, what its check finds, and a paper filled into it."""

from __future__ import annotations

import base64
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.documents.papers.catalogue import PaperKind
from engine.documents.papers.facts import CaseFacts, PaperPerson
from engine.documents.papers.spoken_words import LINES, of_words
from engine.documents.templates.package import LARGEST, TemplateFinding
from engine.errors import InvalidInput
from engine.isolation import child
from engine.isolation.places import ChildPlaces, NoChildPlace
from feel.text import Text
from forms.definition import Field

CHILD = "engine.documents.templates.template_child"
SECONDS, PATIENCE = 75.0, 0.5
BUSY = Text(
    "正在处理的模板太多，请稍后再试。", "Too many templates are being read; try again soon."
)
FAILED = Text("这个模板读不出来。", "This template cannot be read.")
_PLACES = ChildPlaces(1, 3, PATIENCE)
_PERSON = {one.name: "" for one in fields(PaperPerson) if one.name != "agents"}
# Without these a paper of its kind says less than it must.
_PEOPLE = Text("当事人（parties）", "the parties (parties)")
_NUMBER = Text("编号（number）", "the number (number)")


@dataclass(frozen=True)
class FilledTemplate:
    """A paper as its template says it: a page for the typesetter, and the file of Word."""

    html: str
    word: bytes


def names_for(kind: PaperKind) -> dict[str, Any]:
    """Return the names that templates of a kind may use, as ``language`` reads them."""
    person = {**_PERSON, "agents": [dict(_PERSON)]}
    words = {field.name: _shape(field) for field in kind.words.fields if field.asks}
    plain = dict.fromkeys(("number", "unit", "case_number", "case_title", "title"), "")
    return {**plain, "parties": [person], "mediators": [""], "words": {**words, "capitals": ""}}


def case_of(
    kind: PaperKind, words: Mapping[str, Any], facts: CaseFacts, number: str
) -> dict[str, Any]:
    """Return what a template of a kind is filled with."""
    return {
        "title": kind.title.zh,
        "number": number,
        "unit": facts.unit,
        "case_number": facts.case_number,
        "case_title": facts.case_title,
        "parties": [one.printed_values() for one in facts.parties],
        "mediators": list(facts.mediators),
        "words": of_words(kind, words),
    }


def check(kind: PaperKind, data: bytes) -> list[TemplateFinding]:
    """Return what is wrong with a template of a kind. Raises InvalidInput where nobody has time."""
    if len(data) > LARGEST:
        whole = Text("文件", "the file")
        return [TemplateFinding(whole, Text("文件超过 2 MB。", "The file is larger than 2 MB."))]
    return findings_of(kind, _ask(kind, data, None))


def findings_of(kind: PaperKind, answer: Mapping[str, Any] | None) -> list[TemplateFinding]:
    """Return what the child's answer says; None is one that it did not give."""
    if answer is None:
        return [TemplateFinding(Text("文件", "the file"), FAILED)]
    found = [TemplateFinding.from_json(one) for one in answer["findings"]]
    return found or _left_out(kind, set(answer["used"]))


def fill(
    kind: PaperKind,
    data: bytes,
    words: Mapping[str, Any],
    facts: CaseFacts,
    number: str = "",
    made: str = "",
) -> FilledTemplate:
    """Fill a template. Raises InvalidInput where it cannot be read, or too many are at it."""
    about = {"case": case_of(kind, words, facts, number), "made": made, "unit": facts.unit}
    answer = _ask(kind, data, {**about, "title": f"{kind.title.zh} {number}".strip()})
    if answer is None or answer["findings"]:
        raise InvalidInput({"": FAILED})
    return FilledTemplate(str(answer["html"]), base64.b64decode(answer["filled"]))


def _left_out(kind: PaperKind, used: set[str]) -> list[TemplateFinding]:
    """What a paper of the kind cannot do without, and the template never prints."""
    labels = {field.name: field.label for field in kind.words.fields}
    missing = [
        Text(f"{labels[name].zh}（words.{name}）", f"{labels[name].en} (words.{name})")
        for name in kind.required_words
        if f"words.{name}" not in used
    ]
    missing += [_PEOPLE] if kind.sides and "parties" not in used else []
    missing += [_NUMBER] if kind.numbered and "number" not in used else []
    whole = Text("全文", "the whole template")
    return [
        TemplateFinding(whole, Text(f"没有印出：{one.zh}。", f"It does not print: {one.en}."))
        for one in missing
    ]


def _shape(field: Field) -> Any:
    if field.kind == "list":
        return [{inner.name: "" for inner in field.fields if inner.asks}]
    return [""] if field.name in LINES else ""


def question(kind: PaperKind, data: bytes) -> dict[str, Any]:
    """Return what the child is asked about a template."""
    return {"template": base64.b64encode(data).decode(), "known": names_for(kind), "case": None}


def _ask(kind: PaperKind, data: bytes, about: Mapping[str, Any] | None) -> dict[str, Any] | None:
    written = json.dumps({**question(kind, data), **(about or {})}).encode()
    try:
        with _PLACES.take(time.monotonic() + SECONDS), tempfile.TemporaryFile() as given:
            given.write(written)
            given.seek(0)
            return child.answer(CHILD, given, SECONDS)
    except NoChildPlace:
        raise InvalidInput({"": BUSY}) from None
