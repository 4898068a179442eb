"""The demo county in a browser, at a clock that the test moves: people log in and do their work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from werkzeug.serving import make_server

from engine.definitions import versions
from engine.intake import demo
from engine.settings import Settings
from engine.storage.db import db, transaction
from engine.timing import calendars
from engine.worker import ticks
from tests.browser.desk import Desk, Person
from tests.browser.live import Live
from tests.engine.casework.world import ROOT, World
from tests.webapp.site import Site
from webapp import create_app

AXE = ROOT / "assets/node_modules/axe-core/axe.min.js"
# Monday, 23 November 2026, 09:00 in Shanghai.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Town:
    """The demo county at work; ``later`` lets time pass and the worker run."""

    desk: Desk
    clock: Any
    pictures: str
    case: str = ""
    seen_titles: set[str] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        """The county's present moment."""
        return datetime.now(UTC)

    def later(self, **passed: float) -> dict[str, dict[str, int]]:
        """Let time pass, then let the worker run once."""
        self.clock.move_to(self.now + timedelta(**passed))
        with self.desk.live.site.app.app_context():
            return ticks.run_once(self.now)

    def day(self, days: int = 0) -> str:
        """A date as its field takes it, so many days from now."""
        return f"{self.now + timedelta(days=days):%Y-%m-%d}"

    def clock_time(self, hours: int = 0) -> str:
        """A moment as its field takes it, in the county's time."""
        return f"{self.now + timedelta(hours=8 + hours):%Y-%m-%dT%H:%M}"

    def person(self, login: str) -> Person:
        """Somebody logs in again, as people do in the morning."""
        return self.desk.after_another(login)

    def register(self, login: str, process: str, **answers: Any) -> None:
        """Open a case through its form."""
        somebody = self.person(login)
        somebody.go(f"/cases/new/{process}")
        fill(somebody, answers)
        somebody.look(f"{self.pictures}-register")
        somebody.press("提交登记")
        somebody.reads("已登记，编号")
        self.case = somebody.page.url.partition("?")[0].removeprefix(self.desk.live.url)

    def step(self, login: str, name: str, says: str, **answers: Any) -> Person:
        """Sign for the step that waits, fill in its form and submit it; ``says`` what follows.

        A step that came to the person signed for, as the diagram says, lies in hand already.
        """
        somebody = self.person(login)
        somebody.go("/?queue=to_sign")
        row = somebody.page.locator(f'a.row-link[href^="{self.case}"]')
        if row.count():
            row.first.click()
            somebody.press("签收")
            somebody.reads("已签收")
        else:
            somebody.go("/?queue=mine")
            row.first.click()
        fill(somebody, answers)
        picture = f"{self.pictures}-{name}"
        # The same form a level higher looks the same.
        if picture not in self.seen_titles:
            somebody.look(picture)
        self.seen_titles.add(picture)
        # The page that is left may say the same.
        with somebody.page.expect_navigation():
            somebody.press("提交")
        somebody.reads(says)
        return somebody

    def button(self, login: str, name: str, **answers: Any) -> Person:
        """Press a button that the diagram offers now, and fill in its form."""
        somebody = self.person(login)
        somebody.go(self.case)
        somebody.page.locator(".actions details.menu > summary").click()
        somebody.page.get_by_role("link", name=f"{name}…").click()
        fill(somebody, answers)
        somebody.look(f"{self.pictures}-{name}")
        somebody.press(f"确认：{name}")
        somebody.reads("已提交")
        return somebody


def fill(person: Person, answers: dict[str, Any], prefix: str = "") -> None:
    """Answer the questions of a form by their names, as a person clicks and types."""
    unfold(person)
    for name, value in answers.items():
        _answer(person, prefix + name, value)


def unfold(person: Person) -> None:
    """Open what a form asks only where it is needed."""
    person.page.locator("details.form-group-folded").evaluate_all(
        "parts => parts.forEach((part) => { part.open = true; })"
    )


def _answer(person: Person, name: str, value: Any) -> None:
    page = person.page
    control = page.locator(f'[name="{name}"]')
    if isinstance(value, Path):
        page.locator(f'[name="{name}-upload"]').set_input_files(str(value))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, row in enumerate(value):
            if page.locator(f'[name^="{name}-{number}-"]').count() == 0:
                page.locator(f'button[name="{name}-add"]').click()
                page.locator(f'[name^="{name}-{number}-"]').first.wait_for()
            fill(person, row, f"{name}-{number}-")
    elif isinstance(value, list):
        for one in value:
            page.locator(f'[name="{name}"][value="{one}"]').check()
    elif (kind := control.first.evaluate("control => control.type")) in ("radio", "checkbox"):
        page.locator(f'[name="{name}"][value="{value}"]').check()
    elif kind == "select-one":
        control.select_option(value)
    else:
        control.fill(str(value))


def make_demo_county(settings: Settings, start: datetime = MONDAY) -> None:
    """Load the demo county and publish what ships into a clean database."""
    app = create_app(settings)
    with time_machine.travel(start, tick=True), app.app_context():
        with transaction() as session:
            calendars.seed(session, start)
            demo.load(session, start)
        for process, found in versions.read_directory(ROOT).items():
            with transaction() as session:
                versions.publish(session, process, found, now=start)
        db.engine.dispose()


@contextmanager
def demo_county(settings: Settings, start: datetime = MONDAY) -> Iterator[tuple[Live, Any]]:
    """Serve a demo county on a free port, at a clock that begins at ``start``."""
    app = create_app(settings)
    with time_machine.travel(start, tick=True) as clock:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            yield Live(address, Site(app, World())), clock
        finally:
            server.shutdown()
            thread.join()
            with app.app_context():
                db.engine.dispose()


@contextmanager
def town_at(
    settings: Settings, browser: Any, options: dict[str, Any], pictures: str
) -> Iterator[Town]:
    """The demo county on Monday morning, with browsers of these options; nobody may complain."""
    with demo_county(settings) as (live, clock):
        axe = AXE.read_text(encoding="utf-8")
        desk = Desk(live, browser, options, axe, demo.PASSWORD)
        yield Town(desk, clock, pictures)
        desk.close()
        assert desk.problems == [], desk.problems
