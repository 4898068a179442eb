"""The pages for developers name files that exist, and say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.page_structure import blocks, codes, numbers, worded
from tests.test_architecture import ENGINE_FLOORS

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("docs/architecture.md", "CONTRIBUTING.md", "docs/security.md")
NAMED = re.compile(
    r"`((?:engine|webapp|forms|feel|bench|tests|migrations|processes|assets|tools|docs)/[\w./-]+)`"
)
FEWEST = 25
# Pages for whoever reads the code, in one language: the words of the code are English.
DEVELOPERS = "architecture decisions glossary performance rights security testing"
FOR_DEVELOPERS = frozenset(DEVELOPERS.split())
GUIDES = sorted(
    str(path.relative_to(ROOT)).removesuffix(".md").removesuffix(".zh-CN")
    for path in (ROOT / "docs").rglob("*.zh-CN.md")
)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_it_names_only_files_that_exist() -> None:
    missing = {
        (name, path)
        for name in PAGES
        for path in NAMED.findall(page(name))
        if not (ROOT / path).exists()
    }
    assert not missing


def test_it_promises_security_only_with_tests_beside_it() -> None:
    """Every test that is named is there, or a folder of some; every part names some."""
    parts = page("docs/security.md").split("\n## ")[2:]
    for part in parts:
        named = set(re.findall(r"\btests/[\w./-]+", part))
        empty = {one for one in named if not [*(ROOT / one).rglob("test_*.py"), *_itself(one)]}
        assert not empty, part[:40]
        assert named or not part.partition("\n")[2].strip(), part[:40]


def _itself(name: str) -> list[Path]:
    path = ROOT / name
    return [path] if path.is_file() and path.name.startswith("test_") else []


def test_it_says_for_many_changes_which_file_to_open() -> None:
    section = page("docs/architecture.md").split("## To change X, open Y")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?!to change|---)(.+?) \| `(.+?)` \|$", section, re.MULTILINE)

    assert len(rows) >= FEWEST
    assert len({change for change, _file in rows}) == len(rows)


def test_it_draws_every_room_on_its_floor() -> None:
    picture = page("docs/architecture.md").split("## Rooms of the engine")[1].split("```")[1]
    floors = re.split(r"^ ?(?=\d)", picture, flags=re.MULTILINE)[1:]
    drawn = {int(text.split()[0]): set(re.findall(r"\w+", text)) for text in floors}

    assert len(drawn) == len(ENGINE_FLOORS)
    for number, rooms in enumerate(ENGINE_FLOORS, 1):
        assert rooms <= drawn[number], number


def test_it_explains_no_word_twice() -> None:
    words = re.findall(r"^\| ([\w :,-]+?) \|", page("docs/glossary.md"), re.MULTILINE)
    assert len(words) == len(set(words)) > FEWEST


def test_every_page_for_people_stands_in_both_languages() -> None:
    """A page in one language alone is one that the other half of the readers cannot read."""
    english = {
        str(path.relative_to(ROOT)).removesuffix(".md")
        for path in (ROOT / "docs").rglob("*.md")
        if not path.name.endswith(".zh-CN.md") and path.stem not in FOR_DEVELOPERS
    }
    assert english == set(GUIDES)


@pytest.mark.parametrize("name", [*GUIDES, "README"])
def test_both_languages_of_a_page_have_the_same_parts(name: str) -> None:
    """Headings, tables, lists, code and pictures agree one by one, and so do their numbers."""
    chinese, english = blocks(page(f"{name}.zh-CN.md")), blocks(page(f"{name}.md"))
    for zh, en in zip(chinese, english, strict=False):
        where = f"{name}: line {zh.line} in Chinese, line {en.line} in English"
        assert zh.shape == en.shape, where
        if zh.kind == "code":
            continue
        for said, told in zip(zh.parts, en.parts, strict=False):
            assert codes(said) <= codes(told), where
            # The page of rules is written from pairs of sentences, which word numbers freely.
            if name != "docs/check":
                assert numbers(said) <= numbers(told) | worded(told), where
    assert len(chinese) == len(english), name
