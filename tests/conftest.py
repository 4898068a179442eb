"""What all tests share: databases on both backends, a browser, where shared data lies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import pg

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("FENGQIAO_SHARED", ROOT.parent / "shared"))
SCREENS = ROOT / "test-results/screens"
BACKENDS = ("sqlite", "postgresql")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox; the rest keeps the browser from calling home.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--backend sqlite`` runs the database tests on one of the two."""
    parser.addoption("--backend", action="append", choices=BACKENDS, help="default: both")


def pytest_configure(config: pytest.Config) -> None:
    """Property tests: the same examples every time, unless a developer asks for new ones."""
    from hypothesis import HealthCheck, settings

    patient: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("ci", derandomize=True, **patient)
    settings.register_profile("explore", max_examples=1000, **patient)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that touches a database runs once on each."""
    if "backend" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("backend") or BACKENDS
        metafunc.parametrize("backend", chosen, scope="session", indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes a page drives a browser; one of a test_speed file wants to be alone."""
    for item in items:
        if item.path.name.startswith("test_speed"):
            item.add_marker(pytest.mark.alone)
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def leave_out(reason: str) -> None:
    """Skip with a reason; in CI everything must be there, so fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI leaves nothing out", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Data that lies beside the repository and is not part of it."""
    if not SHARED.is_dir():
        pytest.skip("no shared data here; FENGQIAO_SHARED names the folder")
    return SHARED


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """Name of the database system that the test runs on."""
    return request.param


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the run's own PostgreSQL."""
    if pg.binaries() is None:
        leave_out("PostgreSQL is not installed")
    with pg.server() as url:
        yield url


@pytest.fixture(scope="session")
def copies(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Backend name -> the maker of clean databases on it; each made once a run."""
    from tests.databases import PostgresCopies, SqliteCopies

    made: dict[str, Any] = {}

    def of(backend: str) -> Any:
        if backend not in made and backend == "sqlite":
            folder = request.getfixturevalue("tmp_path_factory").mktemp("sqlite")
            made[backend] = SqliteCopies(folder)
        elif backend not in made:
            made[backend] = PostgresCopies(request.getfixturevalue("postgres_server"))
        return made[backend]

    return of


@pytest.fixture
def database_url(backend: str, copies: Callable[[str], Any]) -> Iterator[str]:
    """A database of the test's own: the whole schema, no rows."""
    maker = copies(backend)
    url = maker.fresh()
    yield url
    maker.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    """``engine.storage.db`` bound to a clean database: ``transaction()`` and ``reading()`` work."""
    from engine.storage.db import db
    from tests.databases import bare_app

    with bare_app(database_url).app_context():
        yield database_url
        db.engine.dispose()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; Playwright's own is never downloaded."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        leave_out("Chromium is not installed")
    return {**browser_type_launch_args, "executable_path": program, "args": [*CHROMIUM_FLAGS]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Chinese office screen."""
    place = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    return {**browser_context_args, **place, "viewport": {"width": 1366, "height": 768}}


@pytest.fixture
def page_problems(page: Any) -> list[str]:
    """What the page's console, scripts and security policy complained of; should stay empty."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def listen(line: Any) -> None:
        if line.type == "error":
            problems.append(line.text)

    page.on("console", listen)
    return problems


@pytest.fixture
def screenshot(page: Any) -> Callable[[str], Path]:
    """``screenshot("case-page")`` keeps the whole page in test-results/screens."""

    def take(name: str) -> Path:
        path = SCREENS / f"{name}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    return take
