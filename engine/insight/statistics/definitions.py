"""The tables that are in force, and those that older returns were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.definitions import rollouts, versions
from engine.definitions.statistic_files import tables, template
from engine.definitions.statistics import STATISTICS, StatisticTable
from engine.errors import NotFound


@dataclass(frozen=True)
class TableSet:
    """All tables of one published version."""

    version_id: int
    tables: Mapping[str, StatisticTable]
    templates: Mapping[str, bytes]

    def table(self, key: str) -> StatisticTable:
        """Return a table. Raises NotFound."""
        if key not in self.tables:
            raise NotFound(key)
        return self.tables[key]


def in_force(db: Session, now: datetime) -> TableSet:
    """Return the tables in force. Raises NotFound where none were ever published."""
    version_id = rollouts.plan(db, STATISTICS, now).everywhere
    if version_id is None:
        raise NotFound(STATISTICS)
    return of_version(db, version_id)


def of_version(db: Session, version_id: int) -> TableSet:
    """Return the tables of a published version, read once in this process."""
    if version_id not in _cache:
        files = versions.files_of(db, version_id)
        known = tables(files)
        made = {key: template(files, key) for key in known}
        templates = {key: data for key, data in made.items() if data is not None}
        _cache[version_id] = TableSet(version_id, known, templates)
    return _cache[version_id]


_cache: dict[int, TableSet] = {}
