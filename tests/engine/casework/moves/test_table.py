"""The table of docs/moves.zh-CN.md says of every move what the registry says."""

from __future__ import annotations

from pathlib import Path

from engine.casework.moves import MOVES
from engine.casework.moves.move_limits import PRESETS, REASONS
from engine.worktime import limit_text
from feel.text import Text

PAGE = Path(__file__).resolve().parents[4] / "docs/moves.zh-CN.md"


def rows() -> list[list[str]]:
    """The cells of every line of the page's table, without its head."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_it_tells_of_every_move_what_the_program_does() -> None:
    """A move that is added, or a rule that changes, has to be written down."""
    assert rows() == [
        [
            f"{move.name.zh} `{move.key}`",
            move.who.zh,
            move.when.zh,
            move.sign.zh,
            move.handle.zh,
            move.citizen.zh,
        ]
        for move in MOVES
    ]


def test_it_says_everything_in_both_languages() -> None:
    """Every word of the registry exists in Chinese and in English, and keys are unique."""
    for move in MOVES:
        for text in (move.name, move.who, move.when, move.sign, move.handle, move.citizen):
            assert isinstance(text, Text) and text.zh and text.en
    assert len({move.key for move in MOVES}) == len(MOVES)


def test_it_names_the_presets_that_the_program_has() -> None:
    """The allowances in the text are those of the code."""
    page = PAGE.read_text(encoding="utf-8")
    for reason, limit in PRESETS.pauses.items():
        assert f"{REASONS[reason].zh} {limit_text(limit).zh}" in page
    assert limit_text(PRESETS.reopen).zh in page
