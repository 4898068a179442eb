"""Migrations make exactly the tables of the models, and back, also around existing rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.models import AdminEvent, Base
from engine.storage import schema
from tests.migrations.rows import fill, row_of

OPTIONS: dict[str, Any] = {
    "compare_server_default": True,
    "include_name": lambda name, kind, _parents: (
        kind != "table" or not name.startswith("case_search")
    ),
}
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def migrated(database_url: str) -> Iterator[Engine]:
    """A database at the newest migration, without rows."""
    engine = create_engine(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def filled(migrated: Engine) -> Engine:
    """The same with at least one row in every table."""
    with Session(migrated.execution_options(fengqiao_write=True)) as session, session.begin():
        fill(session, NOW)
    return migrated


def shape(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything of a schema that compare_metadata does not look at, by table."""
    found = inspect(engine)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"]) for c in found.get_columns(table)
            },
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "checks": {c["name"]: c["sqltext"] for c in found.get_check_constraints(table)},
            "uniques": {u["name"]: u["column_names"] for u in found.get_unique_constraints(table)},
            "indexes": {i["name"]: _index(i) for i in found.get_indexes(table)},
            "references": {
                f["name"]: (f["constrained_columns"], f["referred_table"], f["referred_columns"])
                for f in found.get_foreign_keys(table)
            },
        }
        for table in found.get_table_names()
        # The index of words is made by its own statements, with tables that SQLite adds itself.
        if table != "alembic_version" and not table.startswith("case_search")
    }


def _index(index: Any) -> tuple[Any, ...]:
    options = index.get("dialect_options", {})
    where = options.get("sqlite_where", options.get("postgresql_where"))
    return index["column_names"], bool(index["unique"]), str(where) if where is not None else None


def test_it_makes_the_tables_of_the_models(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, Base.metadata) == []


def test_it_makes_the_same_constraints_and_indexes_as_the_models(migrated: Engine) -> None:
    made_by_migration = shape(migrated)
    with migrated.execution_options(fengqiao_write=True).begin() as connection:
        guarded = connection.dialect.name == "postgresql"
        if guarded:
            connection.execute(text("DROP FUNCTION refuse_change() CASCADE"))
            connection.execute(text("DROP TABLE case_search"))
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)

    assert made_by_migration == shape(migrated)
    assert any("WHERE" in str(i) or i[2] for i in made_by_migration["task"]["indexes"].values())


def test_it_says_where_a_database_stands(migrated: Engine) -> None:
    assert schema.current(migrated) == schema.head()
    assert schema.is_current(migrated)

    schema.downgrade(migrated)

    assert schema.current(migrated) is None
    assert not schema.is_current(migrated)


def test_it_upgrades_twice_without_effect(filled: Engine) -> None:
    before = _counts(filled)

    schema.upgrade(filled)

    assert _counts(filled) == before


def test_it_makes_a_database_that_nobody_else_may_read(tmp_path: Path) -> None:
    file = tmp_path / "new/fengqiao.db"

    schema.upgrade(f"sqlite:///{file}")

    with create_engine(f"sqlite:///{file}").connect():
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in file.parent.iterdir()}
    assert set(modes.values()) == {"0o600"} and "fengqiao.db" in modes
    assert oct(file.parent.stat().st_mode & 0o777) == "0o700"


def test_it_fills_every_table_so_that_the_next_tests_mean_something(filled: Engine) -> None:
    assert [table for table, count in _counts(filled).items() if count == 0] == []


def test_it_goes_down_and_up_again_with_rows_in_every_table(filled: Engine) -> None:
    made_first = shape(filled)

    schema.downgrade(filled)
    assert set(inspect(filled).get_table_names()) <= {"alembic_version"}

    schema.upgrade(filled)
    assert shape(filled) == made_first
    with Session(filled.execution_options(fengqiao_write=True)) as session, session.begin():
        fill(session, NOW)


def test_it_goes_one_release_back_and_keeps_the_rows_of_that_release(filled: Engine) -> None:
    """Moments of a kind that the older release does not know go; everything else stays."""
    before, newest = _counts(filled), shape(filled)
    with filled.execution_options(fengqiao_write=True).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO due (id, county_id, case_id, task_id, kind, mark, fire_at, data, "
                "failures) SELECT 77, county_id, case_id, task_id, 'resume', '', fire_at, data, 0 "
                "FROM due"
            )
        )

    schema.downgrade(filled, "0001")
    gone = before.keys() - set(inspect(filled).get_table_names())
    # What later releases add goes as well.
    assert gone >= {"pause", "extension", "participation", "remark", "follow", "saved_view"}

    schema.upgrade(filled)
    assert shape(filled) == newest
    after = _counts(filled)
    # Open cases are counted from this release on, and tasks that came to a unit from a later one:
    # a counter more for the case that is there, and one for its task.
    before["tally"] += 2
    assert {table: after[table] for table in before if table not in gone} == {
        table: before[table] for table in before if table not in gone
    }


@pytest.mark.parametrize("table", ["event", "admin_event"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET kind = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_it_refuses_to_alter_the_audit_trail(filled: Engine, table: str, verb: str) -> None:
    if filled.dialect.name == "sqlite":
        # It has no TRUNCATE.
        verb = verb.replace("TRUNCATE", "DELETE FROM")
    before = _counts(filled)[table]

    with (
        pytest.raises(DBAPIError, match="append-only"),
        filled.execution_options(fengqiao_write=True).begin() as connection,
    ):
        connection.execute(text(verb.format(table)))

    assert _counts(filled)[table] == before


def test_it_still_lets_the_audit_trail_grow(filled: Engine) -> None:
    with Session(filled.execution_options(fengqiao_write=True)) as session, session.begin():
        session.add(AdminEvent(seq=2, at=NOW, kind="login", data="{}", hash="b" * 64))

    assert _counts(filled)["admin_event"] == 2


def test_it_keeps_references_enforced_after_a_migration(migrated: Engine) -> None:
    with (
        pytest.raises(DBAPIError, match="(?i)foreign key"),
        migrated.execution_options(fengqiao_write=True).begin() as connection,
    ):
        connection.execute(
            text(
                "INSERT INTO unit_move (id, unit_id, at, cursor) "
                "VALUES (1, 404, '2026-01-01 00:00:00', 0)"
            )
        )


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(
                text(f'SELECT count(*) FROM "{table.name}"')
            ).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def test_it_gives_each_draft_of_an_opening_form_a_key(migrated: Engine) -> None:
    """Drafts of tasks keep their subject; nothing that somebody typed is lost."""
    schema.downgrade(migrated, "0013")
    with migrated.execution_options(fengqiao_write=True).begin() as connection:
        _add_user_with_drafts(connection, "ticket", "120785755394302586")

    schema.upgrade(migrated)

    with migrated.connect() as connection:
        subjects = set(connection.scalars(text("SELECT subject FROM draft")))
    assert subjects == {"ticket:000000000000000000000000000000ff", "120785755394302586"}


def _add_user_with_drafts(connection: Connection, *subjects: str) -> None:
    user = Base.metadata.tables["user"]
    # The user and the unit that made it, as far as the older tables know their columns.
    for table, row_id in ((Base.metadata.tables["unit"], 1), (user, 255)):
        known = {column["name"] for column in inspect(connection).get_columns(table.name)}
        row = {key: value for key, value in row_of(table, NOW).items() if key in known}
        connection.execute(table.insert().values({**row, "id": row_id}))
    for subject in subjects:
        connection.execute(
            text("INSERT INTO draft (user_id, subject, payload, saved_at) VALUES (:u, :s, :p, :t)"),
            {"u": 255, "s": subject, "p": b"x", "t": NOW.replace(tzinfo=None)},
        )
