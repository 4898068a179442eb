"""Applications that outlive a test: building one costs more than most tests that use it.

Kept by the address of their database, with their engine: its statements stay compiled and, on
PostgreSQL, prepared. Whoever changes an application leaves it to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine

from engine import settings as configuration
from engine.settings import Settings
from engine.storage.db import db

# What differs from test to test.
CHANGING = ("_got_first_request", "config/FENGQIAO", "jinja/globals/config")


class CompiledTemplates(BytecodeCache):
    """Templates compiled once a process, whichever application asks."""

    def __init__(self) -> None:
        self.sources: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.sources:
            bucket.bytecode_from_string(self.sources[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.sources[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}

_bare: dict[str, Flask] = {}
_whole: dict[str, tuple[Flask, dict[str, Any]]] = {}


def bare(url: str, make: Callable[[str], Flask]) -> Flask:
    """The application that knows nothing but this database."""
    if url not in _bare:
        _bare[url] = make(url)
    return _bare[url]


def whole(settings: Settings, make: Callable[[Settings], Flask]) -> Flask:
    """The application of these settings; an earlier one's may differ in the folder alone."""
    if settings.database_url not in _whole:
        app = make(settings)
        # Made at first use; templates stay compiled in it.
        assert app.jinja_env is not None and app.jinja_loader is not None
        _whole[settings.database_url] = app, dict(_parts("", vars(app)))
    app, _parts_then = _whole[settings.database_url]
    configuration.use(settings)
    app.config["FENGQIAO"] = settings
    app._got_first_request = False
    return app


def hand_back(url: str) -> None:
    """A test is over: forget the application of this database if it is not as it was made."""
    app, before = _whole[url]
    now = dict(_parts("", vars(app)))
    if now.keys() != before.keys() or any(now[key] is not before[key] for key in now):
        _dispose(app)
        del _whole[url]


def rest(url: str) -> None:
    """A test is over: its connections stay, but not what it set on them."""
    for app in (_bare.get(url), _whole.get(url, (None,))[0]):
        if app is not None:
            with app.app_context():
                _reset(db.engine)


def close(url: str) -> None:
    """Give the connections to this database back."""
    for app in (_bare.get(url), _whole.get(url, (None,))[0]):
        if app is not None:
            _dispose(app)


def forget(url: str) -> None:
    """This database will never be used again."""
    close(url)
    _bare.pop(url, None)
    _whole.pop(url, None)


def _reset(engine: Engine) -> None:
    pool: Any = engine.pool
    connections = [engine.raw_connection() for _ in range(pool.checkedin())]
    for connection in connections:
        connection.driver_connection.execute("RESET ALL; RESET ROLE; COMMIT")
        connection.close()


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _parts(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Everything that hangs on an application, by the way to it."""
    if path in CHANGING:
        return
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _parts(f"{path}/{key}".lstrip("/"), one)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _parts(f"{path}/{number}", one)
    else:
        yield path, value
        if path == "jinja_env":
            yield from _parts("jinja/globals", value.globals)
            yield from _parts("jinja/filters", value.filters)
        elif path == "url_map":
            yield from ((f"rules/{rule}", rule) for rule in value.iter_rules())
