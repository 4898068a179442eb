"""The tables of docs/moves say of every move what the registry says, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.casework.moves import MOVES
from engine.casework.moves.move_limits import PRESETS, REASONS
from engine.worktime import limit_text
from feel.text import Text

DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGES = {"zh_CN": DOCS / "moves.zh-CN.md", "en": DOCS / "moves.md"}


def rows(language: str) -> list[list[str]]:
    """The cells of every line of the page's table, without its head."""
    page = PAGES[language].read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("language", PAGES)
def test_it_tells_of_every_move_what_the_program_does(language: str) -> None:
    """A move that is added, or a rule that changes, has to be written down."""
    assert rows(language) == [
        [
            f"{move.name.to(language)} `{move.key}`",
            *(
                text.to(language)
                for text in (move.who, move.when, move.sign, move.handle, move.citizen)
            ),
        ]
        for move in MOVES
    ]


def test_it_says_everything_in_both_languages() -> None:
    """Every word of the registry exists in Chinese and in English, and keys are unique."""
    for move in MOVES:
        for text in (move.name, move.who, move.when, move.sign, move.handle, move.citizen):
            assert isinstance(text, Text) and text.zh and text.en
    assert len({move.key for move in MOVES}) == len(MOVES)


@pytest.mark.parametrize("language", PAGES)
def test_it_names_the_presets_that_the_program_has(language: str) -> None:
    """The allowances in the text are those of the code."""
    page = PAGES[language].read_text(encoding="utf-8")
    for reason, limit in PRESETS.pauses.items():
        said = f"{REASONS[reason].to(language)} {limit_text(limit).to(language)}"
        assert said in page
    assert limit_text(PRESETS.reopen).to(language) in page
