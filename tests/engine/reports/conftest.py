"""A small county with people and the shipped processes, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import settings
from tests.engine.casework.world import World, make_world


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> Iterator[None]:
    """Settings of the test's own, with secrets and files in its own folder."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    yield


@pytest.fixture
def world(database: str) -> World:
    """The county at work."""
    return make_world()
