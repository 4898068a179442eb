"""What the walks through the desk share: settings of their own and the county's database."""

from __future__ import annotations

import pytest

from tests.engine.casework.world import World
from tests.processes.desk import Desk


@pytest.fixture
def dispute(people: World) -> Desk:
    """A county where disputes are mediated."""
    return Desk(people, "dispute")


@pytest.fixture
def hotline(people: World) -> Desk:
    """A county that answers its hotline."""
    return Desk(people, "hotline")


@pytest.fixture
def ticket(people: World) -> Desk:
    """A county whose grid workers report what they see."""
    return Desk(people, "ticket")


@pytest.fixture
def centre(people: World) -> Desk:
    """A county with a single door."""
    return Desk(people, "centre")
