"""Runs migrations on the connection that storage/schema.py hands over, or on the settings' own."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from engine.models import Base
from engine.models.base import Hex, UtcDateTime


def render(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain ones they stand for.

    A migration must run unchanged when the code it was made from is long gone.
    """
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Hex):
        return "sa.LargeBinary()"
    return False


def run(connection: Connection) -> None:
    """Run what was asked for, all of it or nothing."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render,
        render_as_batch=connection.dialect.name == "sqlite",
        # Our SQLite connections begin by themselves (engine/storage/db.py): there, too, a migration
        # that fails half-way leaves nothing behind.
        transactional_ddl=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_from_settings() -> None:
    """Take the database that the environment names, for a developer's own alembic command."""
    from engine.settings import Settings
    from engine.storage.schema import connection_of

    with connection_of(Settings.from_environment().database_url) as connection:
        run(connection)


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    run_from_settings()
