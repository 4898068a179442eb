"""A real server on loopback with a county of its own, for pages in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.serving import make_server

from engine.models import Setting, Unit, User
from engine.settings import Settings
from engine.storage.db import db, transaction
from engine.timing import calendars
from tests.engine.casework.world import World
from tests.webapp.site import PASSWORD, Site, make_site

SHOWN = ("worker", "grid_leader", "dispatcher", "handler", "town_leader", "county_supervisor")
ROLES = ("grid_worker", "grid_leader", "dispatcher", "handler", "leader", "supervisor")


@dataclass
class Live:
    """The running site: its address, its county, and a worker that is called by hand."""

    url: str
    site: Site

    def run(self, act: Callable[[World], Any], *, days_ago: int = 0) -> Any:
        """Do something in the county outside of any request, now or some working days ago."""
        with self.site.app.app_context():
            self.site.world.now = morning(days_ago) if days_ago else datetime.now(UTC)
            return act(self.site.world)

    def work(self) -> None:
        """Let the worker run once."""
        with self.site.app.app_context():
            self.site.world.work(datetime.now(UTC))


def morning(days_ago: int) -> datetime:
    """When the office opened that many working days before the one that is not over yet.

    Whatever today is, a holiday or late in the evening, the clocks of days stand the same.
    """
    calendar, now = calendars.cached_calendar(), datetime.now(UTC)
    today = calendar.local(now).date()
    if calendar.is_working(today) and calendar.closes(today) <= now:
        today += timedelta(days=1)
    return calendar.opens(calendar.add_working_days(today, -days_ago))


def make_county_of_today(settings: Settings) -> Site:
    """A county that has worked for three months."""
    site = make_site(settings, datetime.now(UTC) - timedelta(days=90))
    with site.app.app_context():
        _mark_as_demo()
    site.close()
    return site


@contextmanager
def serving(site: Site) -> Iterator[Live]:
    """Serve the county on a free port of this machine."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.server_port}", site)
    finally:
        server.shutdown()
        thread.join()
        with site.app.app_context():
            db.engine.dispose()


def _mark_as_demo() -> None:
    """The logins that the login page of a demo county lists."""
    with transaction() as session:
        rows = session.execute(select(User.login, User.name).where(User.login.in_(SHOWN)))
        names = dict(rows.tuples().all())
        unit = session.scalars(select(Unit.name).where(Unit.code == "620725")).one()
        logins = [
            {"login": login, "name": names[login], "role": role, "unit": unit}
            for login, role in zip(SHOWN, ROLES, strict=True)
        ]
        value = {"password": PASSWORD, "logins": logins}
        session.add(Setting(key="demo", value=value, changed_at=datetime.now(UTC)))
