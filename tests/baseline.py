"""A PostgreSQL database as it was when it was made: what a test wrote is taken out again.

A copy of a template costs PostgreSQL a checkpoint and some 400 files. Taking out what changed costs
a few milliseconds, and whoever is connected stays so, with the statements that are prepared.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

# A table that grew by more than this is not worth cleaning.
MOST_ROWS = 3000
# Dead rows are left behind; after so many tests the database is rebuilt.
MOST_TESTS = 150
CATALOGUES = [
    "pg_class",
    "pg_attribute",
    "pg_attrdef",
    "pg_trigger",
    "pg_constraint",
    "pg_index",
    "pg_proc",
    "pg_namespace",
    "pg_policy",
    "pg_rewrite",
    "pg_extension",
    "pg_type",
]


@dataclass(frozen=True)
class Content:
    """What a table held."""

    columns: sql.Composable
    count: int
    rows: bytes


class Baseline:
    """What a database held when it was made, and the way back to it."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.tests = dsn, 0
        self._connection: psycopg.Connection | None = None
        self.tables = {name: self._content(name) for name in self._names()}
        self.sequences = self._sequences()
        self.check = self._check()
        self.mark = self._now()
        self.structure = self._structure()

    @property
    def connection(self) -> psycopg.Connection:
        """A connection of one's own, past triggers and foreign keys."""
        if self._connection is None:
            self._connection = psycopg.connect(self.dsn, autocommit=True)
            # A row that somebody still holds is not waited for long: the test that left it is over.
            self._connection.execute("SET lock_timeout = '5s'")
            self._connection.execute("SET session_replication_role = replica")
        return self._connection

    def close(self) -> None:
        """Leave the database, so that it can be copied or dropped."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def busy(self) -> list[int]:
        """Process ids of those who left a transaction or a lock open."""
        found = self.connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            " AND (state IS DISTINCT FROM 'idle' OR pid IN"
            " (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))"
        )
        return [pid for (pid,) in found]

    def restore(self) -> bool:
        """Take out what was written; False where the database is better rebuilt."""
        self.tests += 1
        changed = self._find_changes()
        if self.tests > MOST_TESTS or changed is None:
            return False
        for name, called in self._sequences().items():
            if called != self.sequences.get(name):
                self._set_back(name)
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for name in changed:
                table, content = sql.Identifier(name), self.tables[name]
                cursor.execute(sql.SQL("DELETE FROM {}").format(table))
                if content.count:
                    copying = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)")
                    with cursor.copy(copying.format(table, content.columns)) as copy:
                        copy.write(content.rows)
            self.mark = self._now()
        return True

    def _find_changes(self) -> list[str] | None:
        """Tables that hold something else; None where their structure or too much changed."""
        if self._structure() != self.structure:
            return None
        rows = self.connection.execute(self.check, {"mark": self.mark}, prepare=True).fetchall()
        if any(count > self.tables[name].count + MOST_ROWS for name, _, count in rows):
            return None
        return [name for name, new, n in rows if new or n != self.tables[name].count]

    def _check(self) -> sql.Composed:
        part = sql.SQL(
            "SELECT {}, EXISTS (SELECT FROM {table} WHERE xmin::text::bigint > %(mark)s::bigint),"
            " (SELECT count(*) FROM {table})"
        )
        parts = [part.format(sql.Literal(one), table=sql.Identifier(one)) for one in self.tables]
        return sql.SQL(" UNION ALL ").join(parts)

    def _structure(self) -> list[tuple[object, ...]]:
        parts = [
            f"(SELECT count(*) FROM {one}), EXISTS"
            f" (SELECT FROM {one} WHERE xmin::text::bigint > %(mark)s::bigint)"
            for one in CATALOGUES
        ]
        return self.connection.execute(
            f"SELECT {', '.join(parts)}", {"mark": self.mark}, prepare=True
        ).fetchall()

    def _names(self) -> list[str]:
        found = self.connection.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE n.nspname = 'public' AND relkind = 'r' ORDER BY 1"
        )
        return [name for (name,) in found]

    def _content(self, name: str) -> Content:
        table = sql.Identifier(name)
        found = self.connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [table.as_string(self.connection)],
        )
        columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in found)
        counted = self.connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
        (count,) = counted.fetchone() or (0,)
        copying = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(table, columns)
        with self.connection.cursor() as cursor, cursor.copy(copying) as copy:
            rows = b"".join(bytes(block) for block in copy)
        return Content(columns, count, rows)

    def _sequences(self) -> dict[str, int | None]:
        found = self.connection.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value"
            " FROM pg_sequences"
        )
        return dict(found.fetchall())

    def _set_back(self, name: str) -> None:
        last = self.sequences[name]
        value, called = (1, False) if last is None else (last, True)
        self.connection.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, called])

    def _now(self) -> int:
        row = self.connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        assert row is not None
        return row[0]
