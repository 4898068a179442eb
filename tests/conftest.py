"""What all tests share: databases on both backends, a browser, where shared data lies."""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import pg, summary
from tests.left_out import leave_out

__all__ = ["leave_out"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("FENGQIAO_SHARED", ROOT.parent / "shared"))
# What stands in for shared data where there is none, in the same shape.
SAMPLES = ROOT / "tests/samples"
SCREENS = ROOT / "test-results/screens"
# Examples that broke a property, found by `make explore`.
FOUND = ROOT / ".cache/hypothesis"
BACKENDS = ("sqlite", "postgresql")
SQLITE_ALONE = ROOT / "tests/webapp/sqlite-alone.txt"
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
    parser.addoption("--everywhere", action="store_true", help="on both also what is the same")
    parser.addoption("--summary", action="store_true", help="say what was done, by database")


def pytest_configure(config: pytest.Config) -> None:
    """Property tests: the same examples every time, unless a developer asks for new ones."""
    from hypothesis import HealthCheck, settings
    from hypothesis.database import DirectoryBasedExampleDatabase

    patient: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("ci", derandomize=True, **patient)
    # What was found once is tried first the next time.
    found = DirectoryBasedExampleDatabase(FOUND)
    settings.register_profile("explore", max_examples=1000, database=found, **patient)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that touches a database runs once on each."""
    if "backend" in metafunc.fixturenames:
        asked = metafunc.config.getoption("backend")
        chosen = asked or (BACKENDS[:1] if is_alone(metafunc) else BACKENDS)
        if only := metafunc.definition.get_closest_marker("only"):
            chosen = [name for name in chosen if name in only.args]
        metafunc.parametrize("backend", chosen, scope="session", indirect=True)


def is_alone(metafunc: pytest.Metafunc) -> bool:
    """Whether other tests send PostgreSQL all that this one would; see ``tools/alone.py``."""
    path = metafunc.definition.path
    if path.parent != SQLITE_ALONE.parent or metafunc.config.getoption("everywhere"):
        return False
    return f"{path.name}::{metafunc.function.__name__}" in names_alone()


@cache
def names_alone() -> frozenset[str]:
    """The tests of the list."""
    return frozenset(SQLITE_ALONE.read_text(encoding="utf-8").splitlines())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes a page drives a browser; one of a test_speed file wants to be alone."""
    for item in items:
        if item.path.name.startswith("test_speed"):
            item.add_marker(pytest.mark.alone)
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Workers take tests from each other; what measures time comes last and alone."""
    from tests.sharing import AloneLast

    return AloneLast(config, log) if config.getoption("dist") == "worksteal" else None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Passed, left out, slowest, by database."""
    if config.getoption("summary"):
        summary.write(terminalreporter)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run of CI that left too much out has failed."""
    summary.judge(session)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Data that lies beside the repository and is not part of it."""
    if not SHARED.is_dir():
        leave_out("no shared data here; FENGQIAO_SHARED names the folder", "shared")
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


@pytest.fixture(scope="session")
def ready(
    copies: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Any]:
    """Backend and name -> the county of that name, made at first use and copied from then on."""
    from tests import counties

    made: dict[tuple[str, str], counties.Ready] = {}

    def of(backend: str, name: str) -> counties.Ready:
        if (backend, name) not in made:
            url, folder = copies(backend).fresh(), tmp_path_factory.mktemp(name)
            made[backend, name] = counties.prepare(name, url, folder)
        return made[backend, name]

    return of


@pytest.fixture
def ready_world() -> None:
    """The test's database begins with the small county; see ``world``."""


@pytest.fixture
def ready_for_all_processes() -> None:
    """The test's database begins with the small county and people for all three processes."""


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest,
    backend: str,
    copies: Callable[[str], Any],
    ready: Callable[[str, str], Any],
) -> Iterator[str]:
    """A database of the test's own: the whole schema, and no rows but those of a ready county."""
    from tests.counties import MAKERS

    _ids_of_today()
    wanted = [name for name in MAKERS if name in request.fixturenames]
    maker = copies(backend)
    url = maker.lend(ready(backend, wanted[0]).url if wanted else None)
    yield url
    maker.take_back(url)


def _ids_of_today() -> None:
    """Ids grow from the present again, though an earlier test moved the clock ahead.

    Else a process that the test forks gives ids that seem hours older than the test's own.
    """
    from engine.models.base import EPOCH_MS, new_id

    new_id.last = int(time.time() * 1000) - EPOCH_MS << 10


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    """``engine.storage.db`` bound to a clean database: ``transaction()`` and ``reading()`` work."""
    from tests import applications
    from tests.counties import forget_versions
    from tests.databases import bare_app

    with applications.bare(database_url, bare_app).app_context():
        yield database_url
    forget_versions()


@pytest.fixture(autouse=True)
def settings_of_before() -> Iterator[None]:
    """No test leaves its settings to the next."""
    from engine import settings

    before = settings._current
    yield
    settings._current = before


@pytest.fixture
def own_settings(tmp_path: Path) -> None:
    """Settings of the test's own, with files in its own folder."""
    from engine import settings
    from tests.counties import settings_in

    settings.use(settings_in(tmp_path))


@pytest.fixture
def world(
    ready_world: None,
    own_settings: None,
    backend: str,
    database: str,
    ready: Callable[[str, str], Any],
) -> Any:
    """The small county at work: people in posts, the shipped tickets, the escalation table."""
    return ready(backend, "ready_world").copy()


@pytest.fixture
def people(
    ready_for_all_processes: None,
    own_settings: None,
    backend: str,
    database: str,
    ready: Callable[[str, str], Any],
) -> Any:
    """The county with everybody whom the three processes need."""
    return ready(backend, "ready_for_all_processes").copy()


@pytest.fixture(scope="session")
def forks() -> Iterator[Any]:
    """Programs of ours, started in no time; see ``tests.forks``."""
    from tests.forks import forks

    with forks() as made:
        yield made


@pytest.fixture(scope="session")
def quick_hashes() -> Iterator[None]:
    """Real argon2 hashes, made in a millisecond: nobody attacks the tests."""
    from argon2 import PasswordHasher

    from webapp import passwords

    kept, passwords._hasher = passwords._hasher, PasswordHasher(1, 8, 1)
    yield
    passwords._hasher = kept


@pytest.fixture(scope="session")
def county(
    backend: str,
    copies: Callable[[str], Any],
    quick_hashes: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The county with its web application, before a test begins; made once a run."""
    from tests.counties import parse_all
    from tests.webapp.site import make_site, settings_for

    url = copies(backend).fresh()
    made = make_site(settings_for(url, tmp_path_factory.mktemp("county")))
    made.run(lambda _world: parse_all())
    made.close()
    return made


@pytest.fixture
def site(backend: str, county: Any, copies: Callable[[str], Any], tmp_path: Path) -> Iterator[Any]:
    """The county at work, with a browser for each of its people."""
    from tests import applications
    from tests.counties import forget_versions
    from tests.webapp.site import reopened, settings_for

    maker = copies(backend)
    url = maker.lend(county.url)
    yield reopened(county, settings_for(url, tmp_path), applications.whole)
    applications.hand_back(url)
    maker.take_back(url)
    forget_versions()


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
