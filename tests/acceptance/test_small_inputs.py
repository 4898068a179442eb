"""Processes whose dates once went the wrong way, each with its right branch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.play import Play
from tests.engine.casework.world import World


@pytest.mark.parametrize("name", ["condition-0", "condition-2", "condition-6"])
def test_a_case_takes_the_branch_of_its_date(world: World, shared: Path, name: str) -> None:
    folder = shared / "cases/dates" / name
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    play = Play(world, files, begun="2026-11-30", at="2026-11-30 23:30")
    play.do("wait")

    assert play.open == ["o"]
