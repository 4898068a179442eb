"""A county, processes that die in it, and what must hold after whatever happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.mortals import Mortals, mortals
from tests.webapp.site import Site, make_site, reopened, settings_for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test-faults` takes all of these, in their long form."""
    for item in items:
        if "/tests/faults/" in item.path.as_posix():
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def dying() -> Iterator[Mortals]:
    """Processes that can be told when to die."""
    with mortals() as found:
        yield found


@pytest.fixture
def again(
    site: Site,
    backend: str,
    copies: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], Site]]:
    """Copies of the site as it is now, each with its own database and its own folder."""
    made: list[Site] = []

    def copy() -> Site:
        # Each holds connections, and the server has a hundred.
        for one in (site, *made):
            one.close()
        url = copies(backend).fresh(site.url)
        folder = tmp_path_factory.mktemp("again")
        shutil.copytree(site.app.config["FENGQIAO"].data_dir, folder, dirs_exist_ok=True)
        made.append(reopened(site, settings_for(url, folder)))
        return made[-1]

    yield copy
    for one in made:
        one.close()
        copies(backend).drop(one.url)


@pytest.fixture
def present(
    copies: Callable[[str], Any],
    backend: str,
    quick_hashes: None,
    tmp_path: Path,
) -> Iterator[Site]:
    """A county of today: for services, which have no other clock."""
    url = copies(backend).fresh()
    made = make_site(settings_for(url, tmp_path / "data"), datetime.now(UTC))
    yield made
    made.close()
    copies(backend).drop(url)
