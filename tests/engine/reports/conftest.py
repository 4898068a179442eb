"""A small county with people and the shipped processes, on both databases."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""
