"""A write transaction on a clean database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from engine.storage.db import transaction


@pytest.fixture
def db(database: str, own_settings: None) -> Iterator[Session]:
    """What fails inside rolls back."""
    with transaction() as session:
        yield session
