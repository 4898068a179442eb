"""The first release's database with running cases, as that release's own code left it.

Seven tickets at different steps, one of them closed, one long overdue, with their files; written
down table by table, so that it can be put into either database system.
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, column, insert, inspect, table

from engine.models import Base
from engine.models.base import UtcDateTime
from engine.storage import schema

FILE = Path(__file__).resolve().parents[1] / "fixtures/releases/first.json.gz"
AT_ONCE = 200


@cache
def document() -> dict[str, Any]:
    """Everything that was kept."""
    return json.loads(gzip.decompress(FILE.read_bytes()))


def now() -> datetime:
    """When it was left."""
    return datetime.fromisoformat(document()["now"])


def put(url: str, folder: Path) -> None:
    """Make the first release's tables in an empty database, fill them and lay the files down."""
    schema.upgrade(url, document()["revision"])
    with schema.connection_of(url) as connection:
        there = set(inspect(connection).get_table_names())
        for name, rows in document()["tables"].items():
            if rows and name in there:
                _fill(connection, name, rows)
    for digest, content in document()["files"].items():
        place = folder / "files" / digest[:2] / digest
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(base64.b64decode(content))
    (folder / "anchors.log").write_text(document()["anchors"])


def _fill(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    types = _types(connection, name)
    here = table(name, *(column(one, types[one]) for one in rows[0]))
    for start in range(0, len(rows), AT_ONCE):
        batch = [{k: _value(v) for k, v in row.items()} for row in rows[start : start + AT_ONCE]]
        connection.execute(insert(here).values(batch))


def _types(connection: Connection, name: str) -> dict[str, Any]:
    """Types of the columns as that release made them, but for moments, which ours know."""
    old = MetaData()
    old.reflect(connection, only=[name])
    types = {one.name: one.type for one in old.tables[name].columns}
    ours = Base.metadata.tables[name].columns
    return types | {one.name: one.type for one in ours if isinstance(one.type, UtcDateTime)}


def _value(kept: Any) -> Any:
    if isinstance(kept, dict) and len(kept) == 1:
        [(kind, text)] = kept.items()
        readers = {
            "bytes": base64.b64decode,
            "moment": datetime.fromisoformat,
            "day": date.fromisoformat,
        }
        return readers[kind](text) if kind in readers else kept
    return kept
