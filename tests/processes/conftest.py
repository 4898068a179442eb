"""What the walks through the desk share: settings of their own and the county's database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import settings
from tests.processes.desk import Desk, make_desk


@pytest.fixture
def own_settings(tmp_path: Path) -> Iterator[None]:
    """Settings of the test's own, with secrets and files in its own folder."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    yield


@pytest.fixture
def dispute(own_settings: None, database: str) -> Desk:
    """A county where disputes are mediated."""
    return make_desk("dispute")


@pytest.fixture
def hotline(own_settings: None, database: str) -> Desk:
    """A county that answers its hotline."""
    return make_desk("hotline")


@pytest.fixture
def ticket(own_settings: None, database: str) -> Desk:
    """A county whose grid workers report what they see."""
    return make_desk("ticket")
