"""The web application on a small county, on both databases."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def quick_logins(quick_hashes: None) -> None:
    """Nobody waits for a password here."""
