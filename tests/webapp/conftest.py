"""The web application on a small county, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.webapp.site import Site, make_site, reopened, settings_for
from webapp import passwords


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Real argon2 hashes, made in a millisecond: nobody attacks the tests."""
    kept, passwords._hasher = passwords._hasher, PasswordHasher(1, 8, 1)
    yield
    passwords._hasher = kept


@pytest.fixture(scope="session")
def county(
    backend: str,
    copies: Callable[[str], Any],
    quick_hashes: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """The county as it is before a test begins; made once a run and copied from then on."""
    url = copies(backend).fresh()
    made = make_site(settings_for(url, tmp_path_factory.mktemp("county")))
    made.close()
    return made


@pytest.fixture
def site(
    backend: str, county: Site, copies: Callable[[str], Any], tmp_path: Path
) -> Iterator[Site]:
    """The county at work, with a browser for each of its people."""
    url = copies(backend).fresh(county.url)
    made = reopened(county, settings_for(url, tmp_path))
    yield made
    made.close()
    copies(backend).drop(url)
