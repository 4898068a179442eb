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
KEYWORDS = {"_": None, "gettext": None, "_l": None, "lazy_gettext": None}


@lru_cache
def wanted() -> frozenset[str]:
    """Every message id that the program can say."""
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(str(ROOT / "webapp"), method_map=methods, keywords=KEYWORDS)
    return frozenset(str(message) for _file, _line, message, _comments, _context in found)


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
        message for message in wanted() if not (known := catalogue.get(message)) or not known.string
    ]
    fuzzy = [message.id for message in catalogue if message.id and message.fuzzy]

    assert (missing, fuzzy) == ([], [])


def test_it_keeps_no_translation_that_nothing_says() -> None:
    assert {message.id for message in english() if message.id} - wanted() == set()


def test_it_keeps_the_placeholders_of_every_message() -> None:
    for message in english():
        if message.id:
            kept = sorted(PLACEHOLDER.findall(str(message.string)))
            assert kept == sorted(PLACEHOLDER.findall(str(message.id))), message.id


def test_it_writes_no_chinese_into_english_words() -> None:
    assert [message.id for message in english() if CHINESE.search(str(message.string))] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_says_nothing_past_the_catalogue(path: Path) -> None:
    """No words in the markup itself, and no Chinese in an expression outside of ``_()``."""
    known = wanted()
    # The markup between expressions, joined: a tag may hold expressions.
    markup = "".join(
        text if kind == "data" else " " for _line, kind, text in pieces(path) if kind != "comment"
    )
    said = re.sub(r"<[^>]*>|&\w+;", " ", markup)
    said += " ".join(SAID_ATTRIBUTES.findall(markup))
    strings = [text[1:-1] for _line, kind, text in pieces(path) if kind == "string"]

    assert LETTERS.findall(said) == [] and CHINESE.findall(said) == []
    assert [text for text in strings if CHINESE.search(text) and text not in known] == []
