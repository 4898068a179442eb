"""What a test finds: the database and the application as they were made, whatever was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, make_url, text

from engine.storage.db import db
from tests import applications
from tests.baseline import MOST_ROWS
from tests.databases import bare_app
from tests.webapp.site import settings_for
from webapp import create_app

SETTING = "INSERT INTO setting (key, value, note, changed_at) VALUES ('{}', '1', '', '2026-11-20')"


@pytest.fixture
def lent(
    backend: str, copies: Callable[[str], Any], ready: Callable[[str, str], Any]
) -> Iterator[Callable[[], str]]:
    """Lends a ready county's database; asked again, takes it back first."""
    maker, there = copies(backend), ready(backend, "ready_world").url
    given: list[str] = []

    def lend() -> str:
        if given:
            maker.take_back(given.pop())
        given.append(maker.lend(there))
        return given[0]

    yield lend
    maker.take_back(given.pop())


def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
            "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        }[engine.dialect.name]
        found = {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')).all()))
            for name in connection.scalars(text(names)).all()
        }
    engine.dispose()
    return found


def write(url: str, *statements: str) -> None:
    """Run statements, past what refuses to have history altered."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    "statements",
    [
        (SETTING.format("new"),),
        ("UPDATE post SET role = 'leader'",),
        ("DELETE FROM deputy", "DELETE FROM post"),
        ("DELETE FROM post", SETTING.format("both"), 'UPDATE "user" SET name = login'),
        ("ALTER TABLE setting ADD COLUMN more integer", "UPDATE setting SET more = 1"),
        ("CREATE TABLE extra (x integer)", "DROP TABLE saved_view"),
    ],
)
def test_it_holds_again_what_it_held(
    lent: Callable[[], str], backend: str, statements: tuple[str, ...]
) -> None:
    before = contents(lent())

    write(lent(), *statements)
    assert contents(lent()) == before


@pytest.mark.only("postgresql")
def test_it_is_the_same_database_unless_too_much_was_done(lent: Callable[[], str]) -> None:
    """Who is connected stays so; what costs more than a copy is copied."""
    oid = text("SELECT oid FROM pg_database WHERE datname = current_database()")
    engine = create_engine(lent())

    def database(of: Engine) -> int:
        with of.connect() as connection:
            return connection.execute(oid).scalar_one()

    first = database(engine)
    write(str(lent()), SETTING.format("x"))
    lent()
    assert database(engine) == first
    columns = "(key, value, note, changed_at)"
    rows = "SELECT n::text, '1', '', '2026-11-20' FROM generate_series(1, {}) n"
    many = f"INSERT INTO setting {columns} {rows}"
    write(lent(), many.format(MOST_ROWS + 1))
    engine.dispose()
    lent()
    assert database(engine) != first
    engine.dispose()


@pytest.mark.only("postgresql")
def test_it_waits_for_nobody_who_left_a_transaction_open(lent: Callable[[], str]) -> None:
    url = lent()
    before = contents(url)
    forgotten = create_engine(url).connect()
    forgotten.execute(text("UPDATE post SET role = 'leader'"))

    assert contents(lent()) == before
    forgotten.invalidate()


@pytest.mark.only("postgresql")
def test_it_leaves_no_setting_of_a_session_behind(lent: Callable[[], str]) -> None:
    url = lent()
    asked = text("SHOW enable_seqscan")
    with applications.bare(url, bare_app).app_context():
        with db.engine.begin() as connection:
            connection.execute(text("SET enable_seqscan = off"))
        lent()
        with db.engine.connect() as connection:
            assert connection.execute(asked).scalar_one() == "on"


def changed_by(change: Callable[[Flask], object], url: str, folder: Path) -> bool:
    """Whether the next test gets another application after this change."""
    settings = settings_for(url, folder)
    first = applications.whole(settings, create_app)
    change(first)
    applications.hand_back(url)
    # The next test has a folder of its own.
    second = applications.whole(settings_for(url, folder / "next"), create_app)
    applications.hand_back(url)
    with second.app_context():
        db.engine.dispose()
    return second is not first


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (lambda app: app.test_client().get("/login"), False),
        (lambda app: app.config.update(FENGQIAO=replace(app.config["FENGQIAO"], port=1)), False),
        (lambda app: app.add_url_rule("/more", "more", lambda: ""), True),
        (lambda app: app.before_request(lambda: None), True),
        (lambda app: app.config.update(MAX_FORM_PARTS=1), True),
        (lambda app: app.jinja_env.globals.update(asset=len), True),
        (lambda app: app.extensions.update(fault=len), True),
    ],
    ids=[
        "a page",
        "settings",
        "a route",
        "a hook",
        "configuration",
        "a word of templates",
        "an extension",
    ],
)
def test_it_passes_no_application_on_that_a_test_changed(
    copies: Callable[[str], Any],
    tmp_path: Path,
    change: Callable[[Flask], object],
    changed: bool,
) -> None:
    url = copies("sqlite").fresh()
    assert changed_by(change, url, tmp_path) is changed
    copies("sqlite").drop(url)


def test_it_keeps_the_engine_of_a_database(lent: Callable[[], str]) -> None:
    """Its statements stay compiled."""
    url = lent()
    with applications.bare(url, bare_app).app_context():
        engine = db.engine
    assert make_url(url).database == make_url(lent()).database
    with applications.bare(url, bare_app).app_context():
        assert db.engine is engine
