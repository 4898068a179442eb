"""The database's own part: one snapshot out of it, and into an empty one.

SQLite is copied by its own backup, PostgreSQL by ``pg_dump`` and ``pg_restore``, which must not be
older than the server.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Engine,
    create_engine,
    delete,
    func,
    inspect,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from engine.errors import DomainError
from engine.models import Anchor, Attachment, Base, UserSession
from feel.text import Text

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class ToolMissing(DomainError):
    """A program of PostgreSQL's is not installed, or refused."""


class RestoreTargetNotEmpty(DomainError):
    """Restoring would overwrite something."""

    def __init__(self, what: str) -> None:
        super().__init__(
            what,
            text=Text(
                f"{what} 不是空的；恢复只写入空数据库和空目录，不覆盖任何内容。",
                f"{what} is not empty; a backup is only restored into an empty place.",
            ),
        )


def kind_of(url: str) -> str:
    """Return which database system an address means."""
    return POSTGRESQL if make_url(url).get_backend_name() == POSTGRESQL else SQLITE


@contextmanager
def snapshot(url: str, target: Path) -> Iterator[Session]:
    """Write the database to ``target``; the session sees exactly what is in it."""
    if kind_of(url) == SQLITE:
        _copy(make_url(url).database or "", target)
        with _reading(create_engine(f"sqlite:///{target}")) as session:
            yield session
        return
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    with _reading(engine) as session:
        name = session.scalar(text("SELECT pg_export_snapshot()"))
        options = ["--format=custom", f"--snapshot={name}", f"--file={target}"]
        _run("pg_dump", make_url(url), *options)
        yield session


def load(url: str, source: Path) -> None:
    """Put a snapshot into an empty database. Raises NotEmpty or ToolMissing."""
    require_empty(url)
    if kind_of(url) == SQLITE:
        path = Path(make_url(url).database or "")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(source, path)
        return
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    parts = make_url(url)
    _run("pg_restore", parts, *options, f"--dbname={parts.database}", str(source))


def require_empty(url: str) -> None:
    """Raises NotEmpty when the database holds any table."""
    if kind_of(url) == SQLITE:
        path = Path(make_url(url).database or "")
        if path.exists() and path.stat().st_size:
            raise RestoreTargetNotEmpty(str(path))
        return
    engine = create_engine(url)
    try:
        if inspect(engine).get_table_names():
            raise RestoreTargetNotEmpty(str(make_url(url).database))
    finally:
        engine.dispose()


def counts(session: Session, names: Iterable[str] | None = None) -> dict[str, int]:
    """Return rows by table, of those named that are there; else of the tables of this release.

    An earlier release may have called a table by another name.
    """
    there = set(inspect(session.get_bind()).get_table_names())
    wanted = [one.name for one in Base.metadata.sorted_tables] if names is None else names
    return {
        name: session.scalar(select(func.count()).select_from(table(name))) or 0
        for name in wanted
        if name in there
    }


def anchored(session: Session) -> dict[str, Any]:
    """Return how many anchors there are, and the hash of the newest."""
    last = session.scalar(select(Anchor.hash).order_by(Anchor.id.desc()).limit(1))
    count = session.scalar(select(func.count()).select_from(Anchor)) or 0
    return {"count": count, "last": last}


def digests(session: Session) -> list[str]:
    """Return the files that the rows refer to, by content."""
    return list(session.scalars(select(Attachment.digest).distinct().order_by(Attachment.digest)))


@contextmanager
def opened(url: str) -> Iterator[Session]:
    """A session that reads a database other than the application's own."""
    with _reading(create_engine(url)) as session:
        yield session


def end_sessions(url: str) -> None:
    """End every session and token in a database that has just been restored.

    What was revoked after its backup would be good again, and nobody could tell which that was.
    """
    engine = create_engine(url)
    try:
        # A backup of a release that kept sessions in cookies has no such table.
        if inspect(engine).has_table(UserSession.__tablename__):
            with engine.begin() as connection:
                connection.execute(delete(UserSession))
    finally:
        engine.dispose()


@contextmanager
def _reading(engine: Engine) -> Iterator[Session]:
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _copy(source: str, target: Path) -> None:
    """SQLite's own backup: one moment, whoever writes meanwhile."""
    there = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    here = sqlite3.connect(target)
    try:
        there.backup(here)
    finally:
        here.close()
        there.close()


def _run(program: str, url: URL, *options: str) -> None:
    """Run a program of PostgreSQL's; the password is in its environment, not on its command."""
    command = [_find(program), *options]
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True)
    if done.returncode:
        # The last line says what went wrong; none of them holds what rows hold.
        reason = (done.stderr.strip().splitlines() or ["?"])[-1][:200]
        words = Text(f"{program} 失败：{reason}", f"{program} failed: {reason}")
        raise ToolMissing(program, text=words)


def _environment(url: URL) -> dict[str, str]:
    host = url.host or url.query.get("host")
    given = {
        "PGHOST": host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}


def _find(program: str) -> str:
    """Return the newest of its kind: it reads older servers, and not the other way round."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=_version)
    path = str(found[-1]) if found else shutil.which(program)
    if path is None:
        words = Text(
            f"没有找到 {program}，请安装 postgresql-client。",
            f"{program} was not found; install postgresql-client.",
        )
        raise ToolMissing(program, text=words)
    return path


def _version(path: Path) -> int:
    found = re.search(r"postgresql/(\d+)", str(path))
    return int(found[1]) if found else 0
