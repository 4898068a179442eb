"""A running county and a real browser for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from playwright.sync_api import expect

from tests.browser.desk import PATIENCE_MS, Desk
from tests.browser.live import Live, make_county_of_today, serving
from tests.browser.town import AXE, make_demo_county
from tests.conftest import BACKENDS
from tests.webapp.site import Site, reopened, settings_for

expect.set_options(timeout=PATIENCE_MS / 2)


@pytest.fixture(scope="session")
def county_of_today(
    quick_hashes: None, copies: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Site]:
    """Backend -> a county that has worked for three months; made once a run and copied."""
    made: dict[str, Site] = {}

    def of(backend: str) -> Site:
        if backend not in made:
            settings = settings_for(copies(backend).fresh(), tmp_path_factory.mktemp("today"))
            made[backend] = make_county_of_today(settings)
        return made[backend]

    return of


@pytest.fixture(scope="session")
def demo_of_monday(
    quick_hashes: None, copies: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Backend -> the URL of a demo county on a Monday morning; made once a run, to be copied."""
    made: dict[str, str] = {}

    def of(backend: str) -> str:
        if backend not in made:
            made[backend] = copies(backend).fresh()
            folder = tmp_path_factory.mktemp("demo")
            make_demo_county(settings_for(made[backend], folder))
        return made[backend]

    return of


def database_of_story(request: pytest.FixtureRequest) -> str:
    """The database that the test asks for; of all others a third is on PostgreSQL.

    Always the same: a story fails again on the database that it failed on.
    """
    chosen = request.config.getoption("backend") or ["sqlite", "sqlite", "postgresql"]
    asked = getattr(request, "param", None)
    if asked in BACKENDS:
        return asked
    return chosen[crc32(request.node.name.encode()) % len(chosen)]


@pytest.fixture
def live(
    county_of_today: Callable[[str], Site],
    copies: Callable[[str], Any],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Live]:
    """The application on loopback."""
    backend = database_of_story(request)
    maker, county = copies(backend), county_of_today(backend)
    url = maker.fresh(like=county.url)
    with serving(reopened(county, settings_for(url, tmp_path))) as running:
        yield running
    maker.drop(url)


@pytest.fixture
def desk(live: Live, browser: Any, browser_context_args: dict[str, Any]) -> Iterator[Desk]:
    """Opens browsers for people of the county; afterwards nothing may have complained."""
    made = Desk(live, browser, browser_context_args, AXE.read_text(encoding="utf-8"))
    yield made
    made.close()
    assert made.problems == [], made.problems
