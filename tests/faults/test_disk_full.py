"""The disk is full: what can no longer be kept is refused in words, what was kept stays."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from bench import pg
from engine.storage import schema
from engine.storage.db import db
from tests.engine.casework.world import ACCEPT
from tests.faults.aftermath import assert_sound, likeness, recover
from tests.faults.load import assert_each_once, signed
from tests.left_out import leave_out
from tests.webapp.site import Site, make_site, plain, settings_for

MANY = 60


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of that size; leaves the test out where none may be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        leave_out("nothing may be mounted here; SQLite's own limit is tried in any case", "mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def fill(disk: Path) -> Path:
    """Take all the room that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return filler


def complete_until_refused(site: Site) -> tuple[list[str], str]:
    """Complete steps until one is refused; what was accepted, and the form that was not."""
    leader, accepted = site.browser("grid_leader"), []
    for path in site.run(lambda world: [signed(world) for _number in range(MANY)]):
        site.app.extensions["fault"](len(accepted))
        answer = leader.post(path, ACCEPT)
        if answer.status_code != 303:
            assert answer.status_code == 503, plain(answer)
            assert "未生效" in plain(answer) or "没有丢失" in plain(answer)
            return accepted, path
        accepted.append(path)
    raise AssertionError("there was room for everything")


@contextmanager
def crowded(site: Site) -> Iterator[None]:
    """SQLite says that the disk is full once the file has its size of now and a little more."""
    room = {"pages": 0}

    def limit(connection: Any, _record: Any) -> None:
        if room["pages"]:
            connection.execute(f"PRAGMA max_page_count={room['pages']}")

    def narrow(done: int) -> None:
        if done == 0:
            with site.app.app_context(), db.engine.connect() as connection:
                pages = connection.execute(text("PRAGMA page_count")).scalar_one()
                room["pages"] = pages + 24
            site.close()

    event.listen(Engine, "connect", limit)
    site.app.extensions["fault"] = narrow
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
        site.close()


@pytest.fixture
def site(quick_hashes: None, copies: Callable[[str], Any], tmp_path: Path) -> Iterator[Site]:
    """A county on SQLite."""
    url = copies("sqlite").fresh()
    made = make_site(settings_for(url, tmp_path / "data"))
    yield made
    made.close()
    copies("sqlite").drop(url)


@pytest.mark.slow
def test_sqlite_keeps_what_it_accepted_when_the_disk_is_full(site: Site) -> None:
    with crowded(site):
        accepted, refused = complete_until_refused(site)
        # Reading goes on.
        assert site.browser("grid_leader").get("/").status_code == 200

    assert accepted
    assert site.browser("grid_leader").post(refused, ACCEPT).status_code == 303
    assert_each_once(site, [*accepted, refused])
    recover(site)
    assert_sound(site)


@pytest.mark.slow
def test_postgresql_keeps_what_it_accepted_when_the_disk_is_full(
    quick_hashes: None, tmp_path: Path
) -> None:
    if pg.binaries() is None:
        leave_out("PostgreSQL is not installed")
    # Not below the test's own folder, which the server's user may not enter.
    mounted = Path(tempfile.gettempdir()) / f"fengqiao-small-{os.getpid()}"
    with small_disk(mounted, 40) as disk, pg.running() as server:
        place = disk / "tables"
        place.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(place, pg.OWNER, pg.OWNER)
        maker = create_engine(server.url, isolation_level="AUTOCOMMIT")
        with maker.connect() as connection:
            connection.execute(text(f"CREATE TABLESPACE small LOCATION '{place}'"))
            connection.execute(text("CREATE DATABASE small TABLESPACE small STRATEGY FILE_COPY"))
        maker.dispose()
        url = server.url.replace("/postgres?", "/small?")
        schema.upgrade(url)
        site = make_site(settings_for(url, tmp_path / "data"))
        fillers: list[Path] = []
        site.app.extensions["fault"] = lambda done: done or fillers.append(fill(disk))

        _accepted, refused = complete_until_refused(site)

        assert site.browser("grid_leader").get("/").status_code == 200
        fillers[0].unlink()
        assert site.browser("grid_leader").post(refused, ACCEPT).status_code == 303
        assert_each_once(site, [*_accepted, refused])
        recover(site)
        assert_sound(site)
        site.close()
    mounted.rmdir()


@pytest.mark.slow
def test_an_upload_that_finds_no_room_is_refused_in_words(site: Site) -> None:
    folder = site.app.config["FENGQIAO"].data_dir / "files"
    task = int(site.run(signed).split("/")[2])
    before = likeness(site)
    with small_disk(folder, 1) as disk:
        filler = fill(disk)
        leader = site.browser("grid_leader")
        upload = (io.BytesIO(b"x" * 200_000), "说明.txt")

        answer = leader.post(f"/tasks/{task}/files", {"file": upload})

        assert answer.status_code == 503 and "磁盘空间不足" in plain(answer), plain(answer)
        assert [path.name for path in disk.rglob("*") if path.is_file()] == [filler.name]
    assert likeness(site) == before
    assert_sound(site)
