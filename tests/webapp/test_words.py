"""Every word on the screens exists in both languages, and none is written past the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "webapp/templates").rglob("*.html"))
CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
LETTERS = re.compile(r"[A-Za-z]{2,}")
SAID_ATTRIBUTES = re.compile(r'\b(?:title|placeholder|aria-label|alt)="([^"]*)"')
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "gettext": None,
    "_l": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "_lp": ((1, "c"), 2),
}
# What is said (in both numbers, where a number is said), and for which end.
Message = tuple[str | tuple[str, ...], str | None]


@lru_cache
def wanted() -> frozenset[Message]:
    """Every message id that the program can say, with its context."""
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(str(ROOT / "webapp"), method_map=methods, keywords=KEYWORDS)
    return frozenset((message, context) for _file, _line, message, _comments, context in found)


@lru_cache
def words() -> frozenset[str]:
    """The same without the context, and each number by itself."""
    return frozenset(one for message, _context in wanted() for one in forms(message))


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """The text, or its singular and plural."""
    return [text] if isinstance(text, str) else list(text)


@lru_cache
def english() -> Catalog:
    with (ROOT / "webapp/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def pieces(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, kind and text of what a template is made of."""
    yield from Environment().lex(path.read_text(encoding="utf-8"))


def test_it_translates_every_message_and_none_is_fuzzy() -> None:
    catalogue = english()
    missing = [
        message
        for message, context in wanted()
        if not (known := catalogue.get(message, context)) or not all(forms(known.string))
    ]
    fuzzy = [message.id for message in catalogue if message.id and message.fuzzy]

    assert (missing, fuzzy) == ([], [])


def test_it_keeps_no_translation_that_nothing_says() -> None:
    kept = {(message.id, message.context) for message in english() if message.id}
    assert kept - wanted() == set()


def test_it_keeps_the_placeholders_of_every_message() -> None:
    for message in english():
        if message.id:
            for said, chinese in zip(forms(message.string), forms(message.id), strict=True):
                kept = sorted(PLACEHOLDER.findall(said))
                assert kept == sorted(PLACEHOLDER.findall(chinese)), message.id


def test_it_writes_no_chinese_into_english_words() -> None:
    assert [message.id for message in english() if CHINESE.search(str(message.string))] == []


def test_it_keeps_to_the_words_of_the_glossary() -> None:
    """No screen says what the table of the glossary sets aside for another word."""
    table = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").split("## Words of the screens")
    rows = [line.strip("|").split("|") for line in table[1].splitlines() if line[:1] == "|"][2:]
    aside = [word.strip() for row in rows for cell in row[2:] for word in re.split("[、,]", cell)]
    strays = re.compile("|".join(rf"(?<![a-z]){word}" for word in aside if word), re.IGNORECASE)
    said = [
        text
        for message in english()
        if message.id
        for text in (*forms(message.id), *forms(message.string))
    ]

    assert len(aside) > 10 and [text for text in said if strays.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_says_nothing_past_the_catalogue(path: Path) -> None:
    """No words in the markup itself, and no Chinese in an expression outside of ``_()``."""
    known = words()
    # The markup between expressions, joined: a tag may hold expressions.
    markup = "".join(
        text if kind == "data" else " " for _line, kind, text in pieces(path) if kind != "comment"
    )
    said = re.sub(r"<[^>]*>|&\w+;", " ", markup)
    said += " ".join(SAID_ATTRIBUTES.findall(markup))
    strings = [text[1:-1] for _line, kind, text in pieces(path) if kind == "string"]

    assert LETTERS.findall(said) == [] and CHINESE.findall(said) == []
    assert [text for text in strings if CHINESE.search(text) and text not in known] == []
