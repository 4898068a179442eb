"""Counties made once a run: a test that asks for one begins with a copy of its database."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import settings
from engine.definitions import versions
from engine.models import Version
from engine.settings import Settings
from engine.storage.db import db, reading
from tests.databases import bare_app
from tests.engine.casework.world import make_world
from tests.processes.desk import make_people_of_all

# A Fernet key, which the other secrets may be as well: what a county holds is sealed with it.
SECRET = "3Jx0Yw9vQm1n8bqkz5cR2tUe7hLpA4sDfG6iKoXyZaM="
SECRETS = ("secret_key", "vault_keys", "index_key", "audit_key")
# Who asks for the fixture of this name gets a database that begins with what the function makes.
MAKERS: dict[str, Callable[[], Any]] = {
    "ready_world": make_world,
    "ready_for_all_processes": make_people_of_all,
}


def settings_in(folder: Path, **more: str) -> Settings:
    """Settings of a test: files in its own folder, and the secrets of the ready counties."""
    # As files: a process that a test starts with the same folder then has them too.
    (folder / "secrets").mkdir(parents=True, exist_ok=True)
    for name in SECRETS:
        (folder / "secrets" / name).write_text(SECRET)
    named = {f"FENGQIAO_{name.upper()}": value for name, value in more.items()}
    return Settings.from_environment({"FENGQIAO_DATA_DIR": str(folder), **named})


@dataclass(frozen=True)
class Ready:
    """A county that waits to be copied: where it lies, and what its maker returned."""

    url: str
    county: Any

    def copy(self) -> Any:
        """What its maker returned, for one test."""
        return deepcopy(self.county)


def prepare(name: str, url: str, folder: Path) -> Ready:
    """Make a county in a clean database."""
    before = settings._current
    settings.use(settings_in(folder))
    try:
        with bare_app(url).app_context():
            made = MAKERS[name]()
            parse_all()
            db.engine.dispose()
    finally:
        settings._current = before
    return Ready(url, made)


def parse_all() -> None:
    """Parse every version there is, as a process that has worked for a while has."""
    with reading() as session:
        rows = session.execute(select(Version.id, Version.process)).tuples().all()
        for version_id, process in rows:
            if process in versions.TABLES - {versions.ESCALATION}:
                continue
            load = versions.rungs if process == versions.ESCALATION else versions.load
            load(session, version_id)
    KEPT.update(version_id for version_id, _ in rows)


# Versions of ready counties.
KEPT: set[int] = set()


def forget_versions() -> None:
    """Forget the versions that a test published."""
    for cache in (versions._cache, versions._tables):
        for version_id in cache.keys() - KEPT:
            del cache[version_id]
