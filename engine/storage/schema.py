"""The database's schema: bring it to this release's tables, take it back, say where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, insert, make_url, select, text

# Importing it prepares SQLite connections: pragmas, and who begins a transaction.
import engine.storage.db  # noqa: F401
from engine.errors import DomainError
from engine.models import RoleKey
from engine.roles import ROLES
from feel.text import Text

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# Any number will do, as long as nothing else in the database takes the same advisory lock.
MIGRATION_LOCK = 620_725

Where = Engine | str


class BrokenReferences(DomainError):
    """A migration on SQLite would have left rows that point nowhere; nothing was changed."""

    def __init__(self, table: str, count: int) -> None:
        super().__init__(
            table,
            count,
            text=Text(
                f"升级会使表 {table} 等 {count} 行数据失去引用，已全部撤销。",
                f"The migration would leave {count} rows without what they refer to, "
                f"the first in table {table}; everything was undone.",
            ),
        )


def upgrade(where: Where, revision: str = "head") -> None:
    """Migrate the schema to ``revision`` in one transaction; do nothing if it is there.

    Two processes may start at once: the second waits and then finds nothing to do.
    Raises BrokenReferences.
    """
    _run(where, lambda config: command.upgrade(config, revision), _add_roles)


def downgrade(where: Where, revision: str = "base") -> None:
    """Take the schema back to ``revision``; ``base`` drops every table with its rows."""
    _run(where, lambda config: command.downgrade(config, revision))


def current(where: Where) -> str | None:
    """Return the revision that the database stands at, None when it was never migrated."""
    with _engine(where) as engine, engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Return the same over a connection that is there already."""
    return MigrationContext.configure(connection).get_current_revision()


@lru_cache(maxsize=1)
def head() -> str | None:
    """Return the revision that this release of the program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_current(where: Where) -> bool:
    """Return whether the database has exactly the tables that this release needs."""
    return current(where) == head()


@contextmanager
def connection_of(where: Where) -> Iterator[Connection]:
    """A connection inside the one transaction in which a migration runs."""
    with _engine(where) as engine:
        writing = engine.execution_options(fengqiao_write=True)
        with writing.connect() as connection, _references_off(connection), connection.begin():
            if connection.dialect.name == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(lock, {"key": MIGRATION_LOCK})
            yield connection
            _check_references(connection)


def _run(
    where: Where,
    order: Callable[[Config], None],
    then: Callable[[Connection], None] | None = None,
) -> None:
    _make_private(where.url if isinstance(where, Engine) else make_url(where))
    with connection_of(where) as connection:
        config = _config()
        config.attributes["connection"] = connection
        order(config)
        if then is not None:
            then(connection)


def _add_roles(connection: Connection) -> None:
    """Write the roles of the registry that the table ``role`` does not have yet."""
    if revision_of(connection) != head():
        return
    known = set(connection.scalars(select(RoleKey.key)))
    missing = [{"key": key} for key in ROLES if key not in known]
    if missing:
        connection.execute(insert(RoleKey), missing)


def _make_private(url: URL) -> None:
    """A new SQLite file that nobody else on the machine may read; what is there stays as it is."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return
    file = Path(url.database)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _engine(where: Where) -> Iterator[Engine]:
    if isinstance(where, Engine):
        yield where
        return
    engine = create_engine(where)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _references_off(connection: Connection) -> Iterator[None]:
    """Switch SQLite's foreign keys off while a table is rebuilt; check them at the end."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Not through SQLAlchemy, which would begin a transaction, in which the pragma does nothing.
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise BrokenReferences(broken[0][0], len(broken))
