"""The pages of docs/ that people read: which there are, their text, their headings.

Both languages of a page have the same headings in the same order (tests/test_docs.py), so a
heading is known by its English name in either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown.extensions.toc import slugify_unicode, unique

DOCS = Path(__file__).resolve().parents[2] / "docs"
SUFFIXES = {"zh_CN": ".zh-CN.md", "en": ".md"}
# One page for both languages.
SHARED = frozenset({"glossary"})
PICTURES = frozenset({".svg", ".png"})


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its text, its level, the name under which links find it."""

    text: str
    level: int
    name: str


@dataclass(frozen=True)
class GuideSection:
    """A heading and the text below it, up to the next one."""

    heading: Heading
    text: str


@lru_cache
def names() -> frozenset[str]:
    """Return the pages that stand in both languages, and those that serve both."""
    folded = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.zh-CN.md")}
    return frozenset(one.removesuffix(".zh-CN.md") for one in folded) | SHARED


def text(name: str, language: str) -> str:
    """Return a page's Markdown. Raises KeyError for a page that there is not."""
    if name not in names():
        raise KeyError(name)
    suffix = ".md" if name in SHARED else SUFFIXES[language]
    return (DOCS / f"{name}{suffix}").read_text(encoding="utf-8")


def picture(name: str) -> Path | None:
    """Return the file of a picture of the guide; None where there is none."""
    path = (DOCS / name).resolve()
    known = path.suffix in PICTURES and path.is_relative_to(DOCS) and path.is_file()
    return path if known else None


@lru_cache(maxsize=256)
def headings(name: str, language: str) -> tuple[Heading, ...]:
    """Return the headings of a page, in order, each with its English name."""
    here = list(_headings(text(name, language)))
    english = here if language == "en" else list(_headings(text(name, "en")))
    found: list[Heading] = []
    taken: set[str] = set()
    for (level, title), (_level, told) in zip(here, english, strict=True):
        found.append(Heading(title, level, unique(slugify_unicode(_plain(told), "-"), taken)))
    return tuple(found)


def title(name: str, language: str) -> str:
    """Return the name of a page: its first heading."""
    return headings(name, language)[0].text


def anchor(name: str, language: str, fragment: str) -> str:
    """Return the name of the heading that a link of a page in this language means."""
    for one in headings(name, language):
        if fragment in (one.name, slugify_unicode(one.text, "-")):
            return one.name
    return ""


@lru_cache(maxsize=256)
def sections(name: str, language: str) -> tuple[GuideSection, ...]:
    """Return the sections of a page."""
    known = iter(headings(name, language))
    found: list[tuple[Heading, list[str]]] = []
    for line, is_heading in _lines(text(name, language)):
        if is_heading:
            found.append((next(known), []))
        elif found:
            found[-1][1].append(line)
    return tuple(GuideSection(heading, "\n".join(lines)) for heading, lines in found)


def _headings(page: str) -> Iterator[tuple[int, str]]:
    for line, is_heading in _lines(page):
        if is_heading:
            marks, _, said = line.partition(" ")
            yield len(marks), said.strip()


def _lines(page: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a page and whether each is a heading: not within code."""
    fenced = False
    for line in page.splitlines():
        fenced ^= line.startswith("```")
        yield line, not fenced and line.startswith("#")


def _plain(said: str) -> str:
    return re.sub(r"[`*]", "", said)
