"""What a step writes: kept aside while it runs, then sent together at its end.

The unit of work of an ORM sorts, tracks and refreshes each row; a link of the audit chain or a
counter's delta needs none of that. PostgreSQL takes all of it as one statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from sqlalchemy import Column, Connection, Dialect, Engine, bindparam, event, inspect
from sqlalchemy import delete as plain_delete
from sqlalchemy import insert as plain_insert
from sqlalchemy import update as plain_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.models.base import Base

_KEY, _GONE = "rows kept aside", "rows to delete"
# Rows that were written before the end of the step, each as it was written.
_EARLY, _ENDS = "rows written early", "the step ends"
Read = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class PreparedStatement:
    """One statement of a table in a dialect's words, and how its values are read from a row."""

    sql: str
    reads: tuple[Read, ...]

    def values(self, row: Base) -> tuple[Any, ...]:
        """Return the values of one row, as the driver takes them."""
        return tuple(read(row.__dict__) for read in self.reads)


def add(db: Session, row: Base, *, once: bool = False) -> None:
    """Add a row at the end of a session that writes once, at the next flush of any other.

    ``once`` leaves a row out that is there already, by whichever unique constraint.
    """
    if db.autoflush and not once:
        db.add(row)
    else:
        db.info.setdefault(_KEY, {}).setdefault((type(row), once), []).append(row)


def add_values(db: Session, model: type[Base], **values: Any) -> None:
    """Add a row that nobody looks at again: ``add`` without an instance of the ORM.

    To SQLAlchemy each attribute is an event with a history; that costs many times the row.
    """
    if db.autoflush:
        db.add(model(**values))
        return
    row = model.__new__(model)
    row.__dict__.update(values)
    db.info.setdefault(_KEY, {}).setdefault((model, False), []).append(row)


def remove(db: Session, row: Base) -> None:
    """Delete a row with what is written at the end; that it is gone already is no error."""
    db.info.setdefault(_GONE, []).append(row)


def settle(db: Session, model: type[Base], meant: Callable[[Any], bool] | None = None) -> None:
    """Flush the pending rows of a table so that the next statement sees them.

    With ``meant`` nothing is written unless one of them is among those that it looks for.
    """
    aside = db.info.get(_KEY, {})
    rows = (row for (kept, _), found in aside.items() if kept is model for row in found)
    if any(meant is None or meant(row) for row in rows):
        db.flush()
        write(db)


def forget(db: Session) -> None:
    """Drop what was kept aside: what it belongs to was rolled back."""
    for key in (_KEY, _GONE, _EARLY):
        db.info.pop(key, None)


def finish(db: Session, changing: tuple[type[Base], ...]) -> None:
    """Write what is left at the end of a session; it is not used for anything after.

    Changed rows of the tables ``changing`` go with the new ones instead of one by one; their
    objects leave the session as they are.
    """
    db.info[_ENDS] = True
    changed = [] if db.autoflush else _changed(db, changing)
    changed += _changed_since(db)
    db.flush()
    write(db, changed)


def write(db: Session, changed: Iterable[tuple[PreparedStatement, Base]] = ()) -> None:
    """Write what was kept aside; the rows that it refers to have been flushed."""
    kept, gone = db.info.pop(_KEY, None) or {}, db.info.pop(_GONE, None) or []
    parts = list(changed)
    if not kept and not gone and not parts:
        return
    connection = db.connection()
    dialect: Dialect = connection.dialect
    leaving = [(_delete(dialect, row.__class__), row) for row in gone]
    coming = {model for model, _ in kept} | {type(row) for _, row in parts}
    if coming & {type(row) for row in gone}:
        # By itself: what is written may take the place of what goes.
        _send(connection, leaving)
    else:
        parts = leaving + parts
    for (model, once), rows in sorted(kept.items(), key=_rank):
        insert = _insert(dialect, model, once)
        parts += [(insert, row) for row in rows]
        if not once and _ENDS not in db.info:
            db.info.setdefault(_EARLY, []).extend((row, dict(row.__dict__)) for row in rows)
    _send(connection, parts)


def _changed_since(db: Session) -> list[tuple[PreparedStatement, Base]]:
    """Return the updates of rows that a step went on to change after they had to be written.

    The session does not know them, and would lose what it was told of them.
    """
    found = []
    for row, written in db.info.pop(_EARLY, ()):
        model: type[Base] = type(row)
        names = frozenset(
            name
            for name in model.__table__.c.keys()  # noqa: SIM118
            if row.__dict__.get(name, _MISSING) != written.get(name, _MISSING)
        )
        if names:
            found.append((_update(db.get_bind().dialect, model, names), row))
    return found


def _send(connection: Connection, parts: list[tuple[PreparedStatement, Base]]) -> None:
    alike = len(parts) - len({prepared for prepared, _ in parts})
    few = len(parts) <= _MOST_AT_ONCE and alike <= _MOST_ALIKE
    if connection.dialect.name == "postgresql" and parts and few:
        _at_once(connection, parts)
    else:
        _one_by_one(connection, parts)


def _changed(db: Session, models: tuple[type[Base], ...]) -> list[tuple[PreparedStatement, Base]]:
    dialect = db.get_bind().dialect
    found = []
    for row in [one for one in db.dirty if isinstance(one, models)]:
        names = frozenset(inspect(row).committed_state)
        if names <= frozenset(type(row).__table__.c.keys()):
            found.append((_update(dialect, type(row), names), row))
            db.expunge(row)
    return found


def _at_once(connection: Connection, parts: list[tuple[PreparedStatement, Base]]) -> None:
    """All as one statement: each part is a common table expression that writes."""
    sql = _joined(tuple(prepared.sql for prepared, _ in parts))
    values = [value for prepared, row in parts for value in prepared.values(row)]
    connection.exec_driver_sql(sql, tuple(values))


def _one_by_one(connection: Connection, parts: list[tuple[PreparedStatement, Base]]) -> None:
    batches: dict[PreparedStatement, list[tuple[Any, ...]]] = {}
    for prepared, row in parts:
        batches.setdefault(prepared, []).append(prepared.values(row))
    for prepared, values in batches.items():
        connection.exec_driver_sql(prepared.sql, values if len(values) > 1 else values[0])


class NumberedStatement(str):
    """A statement whose values are numbered as PostgreSQL does it: $1, $2, ..."""

    __slots__ = ()


@lru_cache(maxsize=512)
def _joined(parts: tuple[str, ...]) -> NumberedStatement:
    *first, last = parts
    named = ", ".join(f"part{number} AS ({sql})" for number, sql in enumerate(first))
    numbers = count(1)
    whole = f"WITH {named} {last}" if first else last
    return NumberedStatement(re.sub("%s", lambda _: f"${next(numbers)}", whole))


@event.listens_for(Engine, "do_execute")
def _as_numbered(cursor: Any, sql: str, values: Any, _context: object) -> bool | None:
    """Send a numbered statement as it is: psycopg would look for %s in one so long every time."""
    if not isinstance(sql, NumberedStatement):
        return None
    with psycopg.RawCursor(cursor.connection) as raw:
        raw.execute(sql, values)
    return True


def _rank(kept: tuple[tuple[type[Base], bool], list[Base]]) -> int:
    """What is referred to comes first."""
    return _order()[kept[0][0].__tablename__]


@lru_cache(maxsize=1)
def _order() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


@event.listens_for(Session, "after_flush")
def _with_the_flush(db: Session, _context: object) -> None:
    write(db)


@lru_cache(maxsize=64)
def _insert(dialect: Dialect, model: type[Base], once: bool) -> PreparedStatement:
    table: Any = model.__table__
    if not once:
        return _prepared(dialect, model, plain_insert(table))
    known = postgresql if dialect.name == "postgresql" else sqlite
    return _prepared(dialect, model, known.insert(table).on_conflict_do_nothing())


@lru_cache(maxsize=256)
def _update(dialect: Dialect, model: type[Base], names: frozenset[str]) -> PreparedStatement:
    table: Any = model.__table__
    (key,) = table.primary_key
    # Named so that the key in the condition is read from the row like everything else.
    statement = (
        plain_update(table)
        .where(key == bindparam(f"{key.key}__key", type_=key.type))
        .values(dict.fromkeys(names))
    )
    return _prepared(dialect, model, statement)


@lru_cache(maxsize=64)
def _delete(dialect: Dialect, model: type[Base]) -> PreparedStatement:
    table: Any = model.__table__
    keys = (key == bindparam(f"{key.key}__key", type_=key.type) for key in table.primary_key)
    statement = plain_delete(table).where(*keys)
    return _prepared(dialect, model, statement)


def _prepared(dialect: Dialect, model: type[Base], statement: Any) -> PreparedStatement:
    table: Any = model.__table__
    kind: Any = type(dialect)
    marks = kind(paramstyle="format" if dialect.paramstyle == "pyformat" else "qmark")
    compiled = statement.compile(dialect=marks)
    columns = (table.c[name.removesuffix("__key")] for name in compiled.positiontup or ())
    return PreparedStatement(str(compiled), tuple(_reader(column, dialect) for column in columns))


def _reader(column: Column[Any], dialect: Dialect) -> Read:
    name = column.key
    bound = column.type.dialect_impl(dialect).bind_processor(dialect)
    default: Any = column.default
    missing: Any = None if default is None else default.arg
    computed = default is not None and default.is_callable

    def read(values: Mapping[str, Any]) -> Any:
        value = values.get(name, _MISSING)
        if value is _MISSING:
            value = missing(None) if computed else missing
        return value if bound is None else bound(value)

    return read


_MISSING = object()
# Beyond this a statement of many parts costs more to plan than it saves. An answer to the citizen
# that is also sent out has 29, an opening 25.
_MOST_AT_ONCE = 30
# So many more parts than kinds of them: a step of one case that also answers the citizen has 18.
# More are rows of many cases.
_MOST_ALIKE = 19
