"""A paper as HTML from its sheet, then as PDF and as a picture, in a child process.

Setting a page takes a third of a second and much memory, and its words come from people: the
child has neither the database nor the keys, and little of the machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.documents.papers.catalogue import PaperKind
from engine.documents.papers.facts import CaseFacts
from engine.documents.papers.spoken_words import of_words
from engine.errors import InvalidInput
from engine.isolation import child
from engine.isolation.places import ChildPlaces, NoChildPlace
from feel.text import Text

# By the clock; a busy machine is slow, and the child has its own limit of processor time.
CHILD = "engine.documents.papers.typesetting"
SECONDS, PATIENCE = 75.0, 0.5
BUSY = Text("正在排版的文书太多，请稍后再试。", "Too many papers are being set; try again soon.")
FAILED = Text("这份文书排不出来，请检查内容。", "This paper cannot be set; look over its words.")
# Setting is heavy: of all threads of a process one sets a paper, and few wait.
_MARK = (
    "<style>@page :first { @bottom-right-corner { content: element(mark) } }"
    " .mark { position: running(mark) } .mark svg { width: 17mm; height: 17mm }</style>"
)
_PLACES = ChildPlaces(1, 3, PATIENCE)


@dataclass(frozen=True)
class PaperPrint:
    """A paper as it was set: its PDF, and its pages below each other as one picture.

    ``places`` are where people sign: page from 0, left, bottom, right and top in points.
    """

    pdf: bytes
    picture: bytes
    pages: int
    places: Mapping[str, Sequence[float]] = field(default_factory=dict)


def as_html(
    kind: PaperKind, words: Mapping[str, Any], facts: CaseFacts, number: str = "", made: str = ""
) -> str:
    """Return a paper as one HTML page; every word is escaped."""
    return (
        _environment()
        .get_template(kind.sheet)
        .render(
            title="调解卷宗" if kind.key == "cover" else kind.title.zh,
            head=facts.unit if kind.key == "cover" else "",
            number=number,
            number_line=kind.numbered and kind.key != "cover",
            made=made,
            unit=facts.unit,
            case_number=facts.case_number,
            case_title=facts.case_title,
            parties=[one.printed_values() for one in facts.parties],
            mediators=list(facts.mediators),
            words=of_words(kind, words),
        )
    )


def with_mark(page: str, mark: str) -> str:
    """Return a page with a picture in the margin of its first sheet, where it moves nothing."""
    return page.replace("<body>", f'<body>{_MARK}<div class="mark">{mark}</div>', 1)


def printed(html: str, *, picture: bool) -> PaperPrint:
    """Set a paper. Raises InvalidInput where it cannot be set, or too many are being set."""
    return _set({"html": html, "picture": picture})


def pictured(pdf: bytes) -> bytes:
    """Return the pages of a paper that was set as one picture. Raises InvalidInput as above."""
    return _set({"pdf": base64.b64encode(pdf).decode(), "picture": True}).picture


def _set(question: Mapping[str, Any]) -> PaperPrint:
    asked = json.dumps(question).encode()
    deadline = time.monotonic() + SECONDS
    try:
        with _PLACES.take(deadline), tempfile.TemporaryFile() as given:
            given.write(asked)
            given.seek(0)
            answer = child.answer(CHILD, given, SECONDS)
    except NoChildPlace:
        raise InvalidInput({"": BUSY}) from None
    if answer is None:
        raise InvalidInput({"": FAILED})
    found = {key: base64.b64decode(answer[key]) for key in ("pdf", "picture")}
    return PaperPrint(found["pdf"], found["picture"], int(answer["pages"]), answer["places"])


@cache
def sheet_digest(kind: PaperKind) -> str:
    """Return the hash of a kind's sheet with everything that it is made of."""
    names = ("base.html", "parts.html", "letter.html", kind.sheet)
    return hashlib.sha256("".join(_source(name) for name in names).encode()).hexdigest()


def _source(name: str) -> str:
    return (files(__package__) / "sheets" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined
    )
