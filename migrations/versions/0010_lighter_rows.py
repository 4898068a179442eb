"""Hashes as bytes, and rows that are found by what they say instead of by an id of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Columns that hold a hash, by table.
HASHES = {"event": "hash", "case_state": "audit_head", "vault": "digest", "blind_index": "mac"}
DIGITS = sa.String(length=64)
# Tables whose rows get another key: the key, and the unique constraint that said the same.
KEYS = {
    "event": (("case_id", "seq"), ("case_id", "seq")),
    "case_access": (("case_id", "unit_id", "reason"), ("case_id", "unit_id", "reason")),
    "blind_index": (("mac", "case_id"), ("case_id", "kind", "mac")),
}
# Messages name the events that caused them; nothing names the rows of the other tables.
NAMED = "event"


def upgrade() -> None:
    """Digits become bytes, then the keys change; what is no hash stays as wrong as it is."""
    op.drop_index("ix_blind_index_mac", table_name="blind_index")
    with _unguarded():
        for table, column in HASHES.items():
            _pack(table, column)
        for table, (key, unique) in KEYS.items():
            with op.batch_alter_table(table) as batch:
                batch.drop_constraint(_unique(table, unique), type_="unique")
                batch.drop_constraint(op.f(f"pk_{table}"), type_="primary")
                if table != NAMED:
                    batch.drop_column("id")
                batch.create_primary_key(op.f(f"pk_{table}"), list(key))
    op.create_index(
        "ix_event_id",
        "event",
        ["id"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )


def downgrade() -> None:
    """The way back, with new ids where there were some."""
    op.drop_index("ix_event_id", table_name="event")
    with _unguarded():
        for table, (_key, unique) in KEYS.items():
            if table != NAMED:
                _number(table)
            with op.batch_alter_table(table) as batch:
                batch.drop_constraint(op.f(f"pk_{table}"), type_="primary")
                batch.alter_column("id", existing_type=sa.BigInteger(), nullable=False)
                batch.create_primary_key(op.f(f"pk_{table}"), ["id"])
                batch.create_unique_constraint(_unique(table, unique), list(unique))
        for table, column in HASHES.items():
            _unpack(table, column)
    op.create_index("ix_blind_index_mac", "blind_index", ["mac", "case_id"])


def _unique(table: str, columns: tuple[str, ...]) -> str:
    return op.f(f"uq_{table}_{'_'.join(columns)}")


def _pack(table: str, column: str) -> None:
    if _postgresql():
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bytea USING CASE WHEN {column} "
            f"~ '^([0-9a-f]{{2}})*$' THEN decode({column}, 'hex') "
            f"ELSE convert_to({column}, 'UTF8') END"
        )
        return
    _function("packed", _packed)
    op.execute(f"UPDATE {table} SET {column} = packed({column})")
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column, type_=sa.LargeBinary(), existing_type=DIGITS)


def _unpack(table: str, column: str) -> None:
    if _postgresql():
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(64) "
            f"USING left(encode({column}, 'hex'), 64)"
        )
        return
    op.execute(f"UPDATE {table} SET {column} = lower(hex({column}))")
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column, type_=DIGITS, existing_type=sa.LargeBinary())


def _number(table: str) -> None:
    """An id for every row; small ones, which no new row takes."""
    op.add_column(table, sa.Column("id", sa.BigInteger(), nullable=True))
    if not _postgresql():
        op.execute(f"UPDATE {table} SET id = rowid")
        return
    op.execute(
        f"UPDATE {table} SET id = numbered.n FROM "
        f"(SELECT ctid AS at, row_number() OVER () AS n FROM {table}) AS numbered "
        f"WHERE {table}.ctid = numbered.at"
    )


@contextmanager
def _unguarded() -> Iterator[None]:
    """SQLite refuses to change events row by row, and loses its triggers with the old table."""
    if _postgresql():
        yield
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER event_no_{verb}")
    yield
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER event_no_{verb.lower()} BEFORE {verb} ON event "
            "BEGIN SELECT RAISE(ABORT, 'event is append-only'); END"
        )


def _packed(digits: str | None) -> bytes | None:
    if digits is None:
        return None
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return digits.encode()


def _function(name: str, function: Any) -> None:
    """Let SQLite call a function of ours; its own for this came only with 3.41."""
    driver: Any = op.get_bind().connection.driver_connection
    driver.create_function(name, 1, function, deterministic=True)


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
