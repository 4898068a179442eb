"""Imports in any order: parts of a ledger, again, broken off, tried; each row once, no gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import select

from engine.intake import load
from engine.models import Case
from engine.records import anchors
from engine.storage.db import reading
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World
from tests.engine.intake.ledger import bring, refused, row, write

PREFIX = "小台账:"
# How a row can be wrong, and what the report calls a row that is not.
WRONG = ({"上报时间": "第三天"}, {"办结时间": "2026-11-01 09:00"}, {"编号": ""})
numbers = st.integers(1, 12)
lines = st.lists(st.tuples(numbers, st.sampled_from([None, None, None, 0, 1, 2])), max_size=12)


class Imports(Walk):
    """One ledger of twelve numbers, of which any rows come in any file."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.known: set[str] = set()
        self.trials = 0

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()

    @rule(lines=lines, dry=st.booleans(), after=st.sampled_from([None, None, 1, 2]))
    def bring_in(self, lines: list[tuple[int, int | None]], dry: bool, after: int | None) -> None:
        """The outcome of each row, worked out beside; ``after`` so many batches it is stopped."""
        self.trials += 1
        rows = [row(f"W{number}", **(WRONG[wrong] if wrong is not None else {}))
                for number, wrong in lines]  # fmt: skip
        path = write(Path(self.folder.name) / f"{self.trials}.csv", *rows)
        asked = iter(range(1, 100))
        stop = (lambda: next(asked) >= after) if after else None
        report = bring(path, dry_run=dry, stop=stop)

        read = lines if after is None else lines[: after * load.BATCH]
        outcomes = self._outcomes(read, dry)
        assert report.read == len(read) == sum(outcomes.values())
        assert (report.added, report.closed, report.open) == (outcomes["new"], outcomes["new"], 0)
        assert (report.known, report.repeated) == (outcomes["known"], outcomes["repeated"])
        assert report.rejected == outcomes["rejected"] == sum(report.reasons.values())
        assert report.stopped == (len(read) < len(lines))
        if dry:
            assert report.rows is not None and len(report.rows) == len(read)
        elif outcomes["rejected"]:
            assert len(refused(path)) == outcomes["rejected"]

    @invariant()
    def each_row_is_one_case(self) -> None:
        with reading() as db:
            sources = list(db.scalars(select(Case.source)))
        assert sorted(filter(None, sources)) == sorted(PREFIX + one for one in self.known)

    @invariant()
    def the_numbers_have_no_gap(self) -> None:
        with reading() as db:
            found = sorted(db.scalars(select(Case.number)))
        assert [number[-4:] for number in found] == [f"{n:04}" for n in range(1, len(found) + 1)]

    @invariant()
    def the_chains_are_whole(self) -> None:
        with reading(snapshot=True) as db:
            assert anchors.verify(db) == []

    def _outcomes(self, lines: list[tuple[int, int | None]], dry: bool) -> dict[str, int]:
        outcomes = dict.fromkeys(("new", "known", "repeated", "rejected"), 0)
        first: dict[int, int | None] = {}
        new: set[str] = set()
        for number, wrong in lines:
            outcomes[self._outcome(number, wrong, first, new)] += 1
        if not dry:
            self.known |= new
        return outcomes

    def _outcome(
        self, number: int, wrong: int | None, first: dict[int, int | None], new: set[str]
    ) -> str:
        name = f"W{number}"
        if wrong == 2:
            return "rejected"
        if number in first:
            return "repeated" if first[number] == wrong else "rejected"
        first[number] = wrong
        if name in self.known:
            return "known"
        if wrong is not None:
            return "rejected"
        new.add(name)
        return "new"


@pytest.fixture
def walks(
    world: World,
    database: str,
    backend: str,
    copies: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> type[Imports]:
    """Three rows are a batch, so that a file has several."""
    monkeypatch.setattr(load, "BATCH", 3)
    return on_copies(Imports, world, copies(backend), database)


@pytest.mark.slow
def test_imports_hold_in_any_order(walks: type[Imports]) -> None:
    take(walks, examples=60 if EXPLORING else 4, steps=40 if EXPLORING else 12)
