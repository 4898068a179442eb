"""Writing generated cases: COPY into PostgreSQL, rows into SQLite, the same lines for both."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy import JSON, Boolean, LargeBinary, make_url
from sqlalchemy.types import TypeEngine

from engine.models.base import Base, Hex, UtcDateTime
from engine.storage.db import SQLITE_PRAGMAS

# Case rows fire the trigger that keeps the index of words; the other tables have none for new rows.
TRIGGERED = frozenset({"case"})


class Writer(Protocol):
    """Takes lines by table, and makes a batch of them durable."""

    def write(self, lines: Mapping[str, Sequence[str]]) -> None:
        """Write one batch in one transaction, what is referred to first."""
        ...


@contextmanager
def writer(url: str) -> Iterator[Writer]:
    """A connection of its own to the database of a URL."""
    if make_url(url).get_backend_name() == "postgresql":
        plain = make_url(url).set(drivername="postgresql")
        with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
            yield _Copying(connection)
    else:
        file = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        for pragma in SQLITE_PRAGMAS:
            file.execute(pragma)
        yield _Inserting(file)
        file.close()


def order(tables: Mapping[str, Any]) -> list[str]:
    """Return the tables, those that others refer to first."""
    return [table.name for table in Base.metadata.sorted_tables if table.name in tables]


class _Copying:
    """PostgreSQL reads the lines as they are.

    The rows refer to each other by construction, and the doctor checks them all: where the role
    may, the keys are not looked up one by one.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        connection.execute("SET synchronous_commit = off")
        may = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        row = may.fetchone()
        self.free = bool(row and row[0])
        connection.commit()

    def write(self, lines: Mapping[str, Sequence[str]]) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for table in order(lines):
                if self.free:
                    role = "origin" if table in TRIGGERED else "replica"
                    cursor.execute(f"SET LOCAL session_replication_role = {role}")
                with cursor.copy(f'COPY "{table}" ({_names(table)}) FROM STDIN') as copy:
                    copy.write("\n".join(lines[table]) + "\n")


class _Inserting:
    """SQLite gets each line's values one by one."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self.file = file
        self.readers: dict[str, list[Callable[[str], Any]]] = {}

    def write(self, lines: Mapping[str, Sequence[str]]) -> None:
        self.file.execute("BEGIN IMMEDIATE")
        for table in order(lines):
            columns = Base.metadata.tables[table].c
            readers = self.readers.setdefault(table, [_reader(one.type) for one in columns])
            marks = ", ".join("?" * len(readers))
            self.file.executemany(
                f'INSERT INTO "{table}" ({_names(table)}) VALUES ({marks})',
                (
                    [read(cell) for read, cell in zip(readers, line.split("\t"), strict=True)]
                    for line in lines[table]
                ),
            )
        self.file.execute("COMMIT")


def _names(table: str) -> str:
    """Return the columns as the lines have them; a migrated table may have another order."""
    return ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].c)


def _reader(kind: TypeEngine[Any]) -> Callable[[str], Any]:
    """Return how a column's cells are read back from COPY's text format."""

    def read(cell: str) -> Any:
        if cell == r"\N":
            return None
        if isinstance(kind, UtcDateTime):
            at = datetime.fromisoformat(cell).astimezone(UTC)
            return at.strftime("%Y-%m-%d %H:%M:%S.%f")
        if isinstance(kind, LargeBinary | Hex):
            return bytes.fromhex(cell.removeprefix(r"\\x"))
        if isinstance(kind, Boolean):
            return cell == "t"
        if not isinstance(kind, JSON) and kind.python_type in (int, float):
            return kind.python_type(cell)
        return _plain(cell)

    return read


def _plain(cell: str) -> str:
    if "\\" not in cell:
        return cell
    back = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
    parts, at = [], 0
    while (found := cell.find("\\", at)) >= 0:
        parts += [cell[at:found], back[cell[found + 1]]]
        at = found + 2
    return "".join([*parts, cell[at:]])
