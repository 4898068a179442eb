"""The small county at work, and its doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import settings
from engine.operations import doctor
from engine.storage.db import reading
from tests.engine.casework.world import World, make_world

Look = Callable[..., list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> Iterator[None]:
    """Settings of the test's own, with secrets and files in its own folder."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    yield


@pytest.fixture
def world(database: str) -> World:
    """The county at work."""
    return make_world()


@pytest.fixture
def look(world: World) -> Look:
    """What the doctor finds now: check and kind of each finding."""

    def examine(*, contents: bool = False) -> list[tuple[str, str]]:
        with reading(snapshot=True) as db:
            report = doctor.examine(db, world.now, contents=contents)
        return [(finding.check, finding.kind) for finding in report.findings]

    return examine
