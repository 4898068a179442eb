"""A backup is proved by restoring it into an empty place and comparing everything."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from engine import settings
from engine.access import sessions
from engine.models import Base
from engine.operations import backup
from engine.operations.backup import databases, making
from engine.operations.backup.sealing import MAGIC, PIECE, BackupDecryptor, BackupEncryptor
from engine.records import anchors
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, FRIDAY_9AM, World, make_world
from tests.webapp.site import SECRET, settings_for

KEYS = (SECRET,)


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    """A county at work, with cases, photos and anchors."""
    settings.use(settings_for(database, tmp_path / "here"))
    made = make_world()
    for number in range(3):
        made.open(photos=[made.photo()], summary=f"第{number}件事")
    made.complete("grid_leader", made.open(), ACCEPT)
    made.work(FRIDAY_9AM)
    return made


@pytest.fixture
def empty(backend: str, copies: Callable[[str], Any], tmp_path: Path) -> Iterator[str]:
    """An address of a database without a table."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'there' / 'new.db'}"
        return
    maker = copies(backend)
    name = f"empty_{threading.get_ident()}"
    maker._run(f"CREATE DATABASE {name}")
    url = maker._url(name)
    yield url
    maker.drop(url)


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table.name}"'))))
            for table in Base.metadata.sorted_tables
        }
        version = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()
    return {**found, "alembic_version": [tuple(row) for row in version]}  # type: ignore[dict-item]


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in (folder / "files").rglob("*") if path.is_file()
    }


def test_it_restores_everything_into_an_empty_place(
    world: World, database: str, empty: str, tmp_path: Path
) -> None:
    with transaction() as db:
        for lasting in (timedelta(hours=12), timedelta(days=300)):
            sessions.begin(db, world.logins["worker"], now=FRIDAY_9AM, lasting=lasting)
    before = contents(database)
    assert len(before["user_session"]) == 2
    report = backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)
    settings.use(settings_for(empty, tmp_path / "there"))

    before_mask = os.umask(0o022)
    try:
        manifest = backup.restore(tmp_path / "one.backup")
    finally:
        os.umask(before_mask)

    # Nobody else on the machine reads what was restored, however open the shell was.
    restored = [path for path in (tmp_path / "there").rglob("*") if path.is_file()]
    assert restored and not [path for path in restored if path.stat().st_mode & 0o077]
    # Whoever was logged in then, or had a token, is not any more: it may have been revoked since.
    assert contents(empty) == {**before, "user_session": []}
    assert files(tmp_path / "there") == files(tmp_path / "here") != {}
    log = "anchors.log"
    assert (tmp_path / "there" / log).read_bytes() == (tmp_path / "here" / log).read_bytes()
    assert report.rows == sum(manifest["rows"].values()) == sum(len(r) for r in before.values()) - 1
    assert before["case"] and before["vault"] and before["event"]


@pytest.mark.parametrize("lost", [0, 1])
def test_it_takes_a_backup_of_a_release_that_called_a_table_by_another_name(
    world: World, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """Its rows are counted by the name they had then, and a row that is lost is still noticed."""
    with transaction() as db:
        db.execute(text("ALTER TABLE tick RENAME TO pulse"))
    count = databases.counts

    def counted_then(session: Session) -> dict[str, int]:
        pulses = session.scalar(text("SELECT count(*) FROM pulse")) or 0
        return {**count(session), "pulse": pulses + lost}

    with monkeypatch.context() as then:
        then.setattr(databases, "counts", counted_then)
        backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)
    settings.use(settings_for(empty, tmp_path / "there"))

    if lost:
        with pytest.raises(backup.DamagedBackup):
            backup.restore(tmp_path / "one.backup")
        return
    rows = backup.restore(tmp_path / "one.backup")["rows"]
    assert rows["pulse"] > 0 and "tick" not in rows


def test_it_takes_a_backup_of_a_release_that_knew_no_sessions(tmp_path: Path) -> None:
    databases.end_sessions(f"sqlite:///{tmp_path / 'early.db'}")


def test_it_is_one_moment_whoever_writes_meanwhile(
    world: World, database: str, empty: str, tmp_path: Path
) -> None:
    """A case opened during the backup is in it with all its rows, or not at all."""
    done = threading.Event()
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def write() -> None:
        with app.app_context():
            while not done.is_set():
                world.open()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup.make(tmp_path / f"{number}.backup", now=FRIDAY_9AM)
    finally:
        done.set()
        writer.join()
    settings.use(settings_for(empty, tmp_path / "there"))
    backup.restore(tmp_path / "2.backup")

    rows = contents(empty)
    # One answer each, and the one task that the fixture completed.
    assert len(rows["case"]) == len(rows["case_state"]) == len(rows["vault"]) - 1
    assert len(rows["case"]) < len(contents(database)["case"])


def test_it_holds_nothing_in_clear(world: World, tmp_path: Path) -> None:
    backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)
    raw = (tmp_path / "one.backup").read_bytes()

    assert raw.startswith(MAGIC)
    assert not any(word.encode() in raw for word in ("楼道灯", "grid_leader", "case", "SQLite"))
    assert (tmp_path / "one.backup").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("how", ["flip", "cut", "grow", "swap", "other key", "none"])
def test_it_refuses_a_damaged_backup_and_writes_nothing(
    world: World, empty: str, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "one.backup"
    backup.make(path, now=FRIDAY_9AM)
    raw = bytearray(path.read_bytes())
    head, size = len(MAGIC) + 16, PIECE + 16
    assert len(raw) > head + 2 * size
    if how == "flip":
        raw[-40] ^= 1
    elif how == "cut":
        del raw[head + 2 * size :]
    elif how == "grow":
        raw += b"x"
    elif how == "swap":
        first, second = raw[head : head + size], raw[head + size : head + 2 * size]
        raw[head : head + 2 * size] = second + first
    elif how == "none":
        raw = bytearray(b"not a backup")
    path.write_bytes(raw)
    there = settings_for(empty, tmp_path / "there")
    if how == "other key":
        environ = {"FENGQIAO_DATA_DIR": str(tmp_path / "there"), "FENGQIAO_DATABASE_URL": empty}
        there = settings.Settings.from_environment(environ)
    settings.use(there)

    with pytest.raises(backup.DamagedBackup):
        backup.restore(path)

    assert not (tmp_path / "there" / "files").exists()
    assert not (tmp_path / "there" / "new.db").exists()


def test_it_overwrites_nothing(world: World, tmp_path: Path) -> None:
    backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)

    with pytest.raises(backup.RestoreTargetNotEmpty):
        backup.restore(tmp_path / "one.backup")
    with pytest.raises(backup.RestoreTargetNotEmpty):
        backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)


def test_it_counts_files_that_the_disk_has_lost(world: World, tmp_path: Path) -> None:
    lost = next(path for path in (tmp_path / "here" / "files").rglob("*") if path.is_file())
    lost.unlink()

    report = backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)

    assert report.missing == 1
    assert backup.check(tmp_path / "one.backup")["files"] == sorted(files(tmp_path / "here"))


def test_it_keeps_audit_chains_that_verify(world: World, empty: str, tmp_path: Path) -> None:
    backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)
    with reading() as db:
        assert anchors.verify(db) == []
    settings.use(settings_for(empty, tmp_path / "there"))
    backup.restore(tmp_path / "one.backup")

    with backup.databases.opened(empty) as db:
        assert anchors.verify(db) == []
        assert anchors.counted(db)["events"] > 0


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_it_seals_and_opens_streams_of_any_size(size: int) -> None:
    plain = bytes(number % 251 for number in range(size))
    sealed = io.BytesIO()
    stream = BackupEncryptor(sealed, SECRET)
    stream.write(plain)
    stream.close()
    sealed.seek(0)

    assert BackupDecryptor(sealed, ("another-key", *KEYS)).read() == plain


@pytest.mark.parametrize("name", ["audit_key", "index_key"])
def test_it_refuses_other_keys_than_those_of_the_backup(
    world: World, empty: str, tmp_path: Path, name: str
) -> None:
    """Restored with another one every case would look edited, or nobody be found."""
    path = tmp_path / "one.backup"
    backup.make(path, now=FRIDAY_9AM)
    there = settings_for(empty, tmp_path / "there")
    settings.use(replace(there, **{name: "another key than before"}))

    with pytest.raises(backup.KeysDiffer, match=name.upper()):
        backup.restore(path)
    with pytest.raises(backup.KeysDiffer):
        backup.check(path)

    assert not (tmp_path / "there" / "files").exists()
    assert not (tmp_path / "there" / "new.db").exists()


def test_it_holds_the_anchors_of_its_own_moment(
    world: World, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that anchors while the files are packed does not make the copy look shortened."""
    pack = making._pack

    def anchored_meanwhile(*arguments: Any) -> None:
        world.open()
        world.work(FRIDAY_9AM)
        pack(*arguments)

    monkeypatch.setattr(making, "_pack", anchored_meanwhile)
    backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)
    settings.use(settings_for(empty, tmp_path / "there"))
    manifest = backup.restore(tmp_path / "one.backup")

    assert manifest["lost"] == 0
    with backup.databases.opened(empty) as db:
        assert anchors.verify(db) == []


def test_it_counts_what_the_anchor_file_knows_beyond_the_backup(
    world: World, empty: str, tmp_path: Path
) -> None:
    """An old backup beside an anchor file that lies elsewhere: what happened since is lost."""
    backup.make(tmp_path / "one.backup", now=FRIDAY_9AM)
    world.open()
    world.work(FRIDAY_9AM)
    outside = settings.current().anchor_file
    settings.use(replace(settings_for(empty, tmp_path / "there"), anchor_file=outside))

    assert backup.restore(tmp_path / "one.backup")["lost"] == 1
