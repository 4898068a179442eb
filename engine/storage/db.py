"""The database object and ``transaction()``: the only place that commits or rolls back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from engine.errors import Conflict
from engine.models import Case, CaseState, Task
from engine.models.base import Base
from engine.storage import pending_rows
from feel.text import Text

db = SQLAlchemy(model_class=Base)

Recorder = Callable[[Session, Exception, Any], None]
_recorders: list[tuple[type[Exception], Recorder]] = []

# What every step of a case changes.
STEPPED = (Case, CaseState, Task)
# A connection that was used so many seconds ago is taken as it is.
TRUSTED = 1.0
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL: an answer that was accepted survives a power cut.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
)


class WriteSession(Session):
    """A session that writes, and what it attempts, once that is known."""

    attempt: object | None = None


class DatabaseBusy(Conflict):
    """The database could not be locked in time; nothing was written."""

    text = Text(
        "系统正忙，请稍后重试，您填写的内容没有丢失。",
        "The system is busy; please try again. Nothing you typed is lost.",
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """Run the block in one write transaction: commit at its end, roll back on any error.

    What was attempted (see ``attempting``) is recorded in a second small transaction after the
    rollback, if it is a refusal or an incident; then the error is raised on. Raises
    DatabaseBusy when the database stays locked.
    """
    with _write_session() as session:
        try:
            with _begun(session):
                yield session
        except Exception as error:
            _record_failure(error, session.attempt)
            raise


def attempting(db: Session, attempt: object) -> None:
    """Note what this transaction attempts, for the recorders of ``on_failure``."""
    if isinstance(db, WriteSession):
        db.attempt = attempt


@contextmanager
def reading(*, snapshot: bool = False) -> Iterator[Session]:
    """A session for reads alone; it never turns into a write.

    With ``snapshot`` all its statements see one moment; else PostgreSQL gives each its own.
    """
    with Session(_reading(db.engine, snapshot), autoflush=False, expire_on_commit=False) as session:
        try:
            yield session
        except DBAPIError:
            raise
        except Exception:
            _let_go(session)
            raise
        else:
            _let_go(session)


def one_at_a_time(db: Session, key: int) -> None:
    """Wait until no other transaction holds ``key``, and hold it to this one's end.

    For what begins by reading: a lock on the last row would not do, for whoever waited for it
    goes on with the row that was the last when the wait began. SQLite has one writer anyway.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(key)))


@contextmanager
def savepoint(db: Session) -> Iterator[None]:
    """A part of a transaction that leaves nothing when it fails, nor any row kept aside."""
    db.flush()
    pending_rows.write(db)
    try:
        with db.begin_nested():
            yield
    except BaseException:
        pending_rows.forget(db)
        raise


def on_failure(kind: type[Exception]) -> Callable[[Recorder], Recorder]:
    """Register a recorder that runs, in a transaction of its own, after ``kind`` rolled back.

    It is given what the transaction had noted as its attempt; without a note it does not run.
    """

    def register(recorder: Recorder) -> Recorder:
        _recorders.append((kind, recorder))
        return recorder

    return register


def insert_into(db: Session, table: type[Base]) -> Any:
    """Return an INSERT of this session's database that knows ON CONFLICT."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _write_session() -> WriteSession:
    return WriteSession(_with(db.engine, fengqiao_write=True), expire_on_commit=False)


@contextmanager
def _begun(session: WriteSession) -> Iterator[None]:
    try:
        yield
        _finish(session)
    except OperationalError as error:
        session.rollback()
        if _is_locked(error):
            # Nothing more is written now: a record of it would only wait for the same lock.
            session.attempt = None
            raise DatabaseBusy() from error
        raise
    except BaseException:
        session.rollback()
        raise


def _let_go(session: Session) -> None:
    """End a session that only read: by a commit, for after a rollback psycopg prepares again.

    Parsing and planning a statement costs more than running it, so what is prepared must last.
    """
    session.expunge_all()
    session.commit()


def _reading(engine: Engine, snapshot: bool) -> Engine:
    if engine.dialect.name != "postgresql":
        return engine
    if not snapshot:
        return _with(engine, postgresql_readonly=True)
    return _with(engine, postgresql_readonly=True, isolation_level="REPEATABLE READ")


def _with(engine: Engine, **options: Any) -> Engine:
    """Return the same engine with options; made once, it costs more than a statement."""
    # On the engine itself: it refers to the engine, so any other place would keep both for ever.
    made: dict[str, Engine] = engine.__dict__.setdefault("_fengqiao_options", {})
    key = ",".join(options)
    if key not in made:
        made[key] = engine.execution_options(**options)
    return made[key]


def _finish(session: Session) -> None:
    """Write what is left and commit, with PostgreSQL in one round trip."""
    if session.autoflush or session.get_bind().dialect.name != "postgresql":
        pending_rows.finish(session, STEPPED)
        session.commit()
        return
    driver: Any = session.connection().connection.driver_connection
    try:
        with driver.pipeline():
            pending_rows.finish(session, STEPPED)
            # As a statement: the driver's commit() would wait for an answer of its own.
            driver.execute("COMMIT")
    except psycopg.Error as error:
        # Answers to what was sent ahead arrive outside of SQLAlchemy, which names them else.
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error
    session.commit()


def _record_failure(error: Exception, attempt: object | None) -> None:
    if attempt is None:
        return
    for kind, recorder in _recorders:
        if isinstance(error, kind):
            with _write_session() as session, _begun(session):
                recorder(session, error, attempt)


def _is_locked(error: OperationalError) -> bool:
    return isinstance(error.orig, sqlite3.OperationalError) and "locked" in str(error.orig)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver must not begin by itself: whether a transaction may write is ours to say.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


@event.listens_for(Pool, "checkout")
def _ask_what_was_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """Check that the server is still there; asking before every use costs as much as a
    statement.
    """
    if isinstance(connection, psycopg.Connection) and monotonic() - record.info["at"] > TRUSTED:
        try:
            connection.execute("")
            connection.rollback()
        except psycopg.Error as error:
            raise DisconnectionError() from error


@event.listens_for(Pool, "connect")
@event.listens_for(Pool, "checkin")
def _note_use(_connection: Any, record: Any) -> None:
    record.info["at"] = monotonic()


@event.listens_for(Engine, "engine_connect")
def _trust_the_lock(connection: Connection) -> None:
    # Sent ahead of its answer, an UPDATE cannot say how many rows it met; the case's lock does.
    if connection.dialect.name == "postgresql":
        connection.dialect.supports_sane_rowcount = False


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    # A read that turns into a write fails at once whatever the timeout, so decide at the start.
    writes = connection.get_execution_options().get("fengqiao_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
