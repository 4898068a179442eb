"""The small county at work, and its doctor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.operations import doctor
from engine.storage.db import reading
from tests.engine.casework.world import World

Look = Callable[..., list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""


@pytest.fixture
def look(world: World) -> Look:
    """What the doctor finds now: check and kind of each finding."""

    def examine(*, contents: bool = False) -> list[tuple[str, str]]:
        with reading(snapshot=True) as db:
            report = doctor.examine(db, world.now, contents=contents)
        return [(finding.check, finding.kind) for finding in report.findings]

    return examine
