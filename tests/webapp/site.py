"""A county with its web application: clients that log in, and pages that are easy to read."""

from __future__ import annotations

import html
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update
from werkzeug.test import TestResponse

from engine.models import User
from engine.settings import Settings
from engine.storage.db import db, transaction
from tests.engine.casework.world import FRIDAY_9AM, World, make_world
from webapp import create_app, passwords

PASSWORD = "correct-horse-7"
# A Fernet key, which the other secrets may be as well.
SECRET = "3Jx0Yw9vQm1n8bqkz5cR2tUe7hLpA4sDfG6iKoXyZaM="
SECRETS = ("SECRET_KEY", "VAULT_KEYS", "INDEX_KEY", "AUDIT_KEY")
Result = TypeVar("Result")


@dataclass
class Browser:
    """One person's browser: keeps cookies, sends the token of the page it is on."""

    site: Site
    client: FlaskClient
    last: TestResponse | None = None
    proves: bool = True

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page at the county's time."""
        with self.site.at_its_time():
            self.last = self.client.get(path, **options)
        return self.last

    def post(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a form with the token of the page that was opened last."""
        fields = {"csrf_token": self.token() if token is None else token, **(data or {})}
        self.last = self._send(path, fields, **options)
        if self.proves and self.last.status_code == 403 and "data-proof" in self.last.text:
            # Whoever is asked again who sits there says so, as people do.
            proof = {"csrf_token": fields["csrf_token"], "password": PASSWORD}
            assert self._send("/proof", proof).status_code == 303
            self.last = self._send(path, fields, **options)
        return self.last

    def _send(self, path: str, fields: Mapping[str, Any], **options: Any) -> TestResponse:
        headers = {"Sec-Fetch-Site": "same-origin"}
        with self.site.at_its_time():
            return self.client.post(path, data=fields, headers=headers, **options)

    def token(self) -> str:
        """The form token of this session."""
        page = self.get("/profile").text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        if found is None:
            page = self.get("/login").text
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        return found[1]


@dataclass
class Site:
    """The application, its county, and whoever is logged in."""

    app: Flask
    world: World
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of the site's database."""
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"])

    def browser(self, login: str | None = None) -> Browser:
        """A browser of that person, logged in once; without a name, a stranger's."""
        if login is None:
            return Browser(self, self.app.test_client())
        if login not in self.browsers:
            self.browsers[login] = self.fresh(login)
        return self.browsers[login]

    def fresh(self, login: str) -> Browser:
        """One more browser of that person, logged in."""
        browser = Browser(self, self.app.test_client())
        answer = browser.post("/login", {"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    def configure(self, **changes: Any) -> None:
        """Change settings of the running site."""
        self.app.config["FENGQIAO"] = replace(self.app.config["FENGQIAO"], **changes)

    def run(self, act: Callable[[World], Result]) -> Result:
        """Do something in the county outside of any request."""
        with self.app.app_context():
            return act(self.world)

    def open(self, login: str = "worker", **answers: Any) -> int:
        """Open a ticket through the use case; returns its id."""
        return self.run(lambda world: world.open(login, **answers))

    @contextmanager
    def at_its_time(self) -> Iterator[None]:
        """The clock of the process stands at the county's time."""
        with time_machine.travel(self.world.now, tick=False):
            yield

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Every SQL statement that runs in the block."""
        seen: list[str] = []
        with self.app.app_context():
            engine = db.engine

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def close(self) -> None:
        """Give the database's connections back."""
        with self.app.app_context():
            db.engine.dispose()


def own_secrets() -> dict[str, str]:
    """What a deployment has to set in production: a secret of its own each."""
    made = (sha256(name.encode()).digest() for name in SECRETS)
    return {
        f"FENGQIAO_{name}": urlsafe_b64encode(one).decode()
        for name, one in zip(SECRETS, made, strict=True)
    }


def settings_for(url: str, folder: Path) -> Settings:
    """Settings of a test: its database and folder, and the same secrets for all."""
    return Settings.from_environment(
        {
            "FENGQIAO_DATA_DIR": str(folder),
            "FENGQIAO_DATABASE_URL": url,
            "FENGQIAO_LOG_LEVEL": "INFO",
            # Tests move their clock; that somebody was away meanwhile has tests of its own.
            "FENGQIAO_SESSION_IDLE_MINUTES": "0",
            # The gateways that tests start are on this machine.
            "FENGQIAO_OUTGOING_ALLOW": "127.0.0.0/8",
            **{f"FENGQIAO_{name}": SECRET for name in SECRETS},
        }
    )


def reopened(
    site: Site, settings: Settings, application: Callable[..., Flask] | None = None
) -> Site:
    """The same county in a copy of its database, with an application of its own, or a kept one."""
    app = application(settings, create_app) if application else create_app(settings)
    return Site(app, World(dict(site.world.logins), site.world.now))


def make_site(settings: Settings, now: datetime = FRIDAY_9AM) -> Site:
    """Build the application and the county, with one password for everybody."""
    app = create_app(settings)
    with app.app_context():
        world = make_world(now)
        hashed = passwords.hashed(PASSWORD)
        with transaction() as session:
            session.execute(update(User).values(password_hash=hashed, must_change=False))
    return Site(app, world)


def plain(page: TestResponse) -> str:
    """A page's text without tags."""
    text = re.sub(r"<script.*?</script>|<style.*?</style>", "", page.text, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden field on a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, f"no field {name}"
    return html.unescape(found[1])
