"""A change of the vault's keys: all is re-encrypted under the newest one while people work.

A batch is one short transaction that skips what somebody holds. Where it broke off it goes on: what
is left is told by the payloads themselves. First every process must know the new key as one that
opens, only then it becomes the newest: a process without it could not read what is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import LargeBinary, bindparam, cast, func, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from engine import settings
from engine.records import attachments, cipher, vault
from engine.records.bindings import SEALED, SealedColumn
from engine.records.cipher import MARK, UnopenedPayload
from engine.storage.db import transaction

BATCH = 200


@dataclass
class RotationReport:
    """Rows by table and column: re-encrypted, and those that no configured key opens."""

    changed: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)


def rotate() -> Iterator[RotationReport]:
    """Re-encrypt every sealed column; yield a report after each batch."""
    report = RotationReport()
    for count in attachments.seal_earlier():
        report.changed["attachment.claims"] += count
    for column in SEALED:
        place, before = _place(column), -1
        # Once more from the start, for what was held, or came in under an old key meanwhile.
        while report.changed[place] != before:
            before = report.changed[place]
            report.unreadable[place] = 0
            last: tuple[Any, ...] | None = ()
            while last is not None:
                with transaction() as db:
                    last = _batch(db, column, last, report)
                yield report


def payloads_by_key(db: Session) -> dict[str, int]:
    """Return how many payloads there are under each key: its id, ``fernet`` for earlier
    releases'.
    """
    found: Counter[str] = Counter()
    for column in SEALED:
        mark = _mark(column)
        rows = db.execute(select(mark, func.count()).where(mark.is_not(None)).group_by(mark))
        for head, count in rows:
            found[cipher.key_id(bytes(head))] += count
    return dict(found)


def newest() -> str:
    """Return the id of the key that seals now."""
    return cipher.keyring(settings.current().vault_keys).ids[0].hex()


def configured() -> list[str]:
    """Return the ids of all keys that open, newest first."""
    return [one.hex() for one in cipher.keyring(settings.current().vault_keys).ids]


def _batch(
    db: Session, column: SealedColumn, after: tuple[Any, ...], report: RotationReport
) -> tuple[Any, ...] | None:
    """Re-encrypt the next rows; return the key of the last one, None when there are no more."""
    table: Any = column.model.__table__
    keys = list(table.primary_key)
    ring = cipher.keyring(settings.current().vault_keys)
    old = ring.mark
    wanted = select(*table.c).where(_mark(column) != old).order_by(*keys).limit(BATCH)
    if after:
        wanted = wanted.where(tuple_(*keys) > tuple_(*after))
    rows = db.execute(wanted.with_for_update(skip_locked=True)).all()
    changes = []
    for row in rows:
        payload = getattr(row, column.name)
        try:
            fresh = vault.reseal(payload, column.binding(row))
        except UnopenedPayload:
            report.unreadable[_place(column)] += 1
            continue
        values = {f"key_{key.name}": getattr(row, key.name) for key in keys}
        changes.append({**values, "old": payload, "fresh": fresh})
    if changes:
        same = [key == bindparam(f"key_{key.name}", type_=key.type) for key in keys]
        statement = (
            update(table)
            # What somebody wrote meanwhile stays.
            .where(*same, table.c[column.name] == bindparam("old"))
            .values({column.name: bindparam("fresh")})
        )
        db.connection().execute(statement, changes)
        report.changed[_place(column)] += len(changes)
    return tuple(getattr(rows[-1], key.name) for key in keys) if rows else None


def _place(column: SealedColumn) -> str:
    return f"{column.model.__tablename__}.{column.name}"


def _mark(column: SealedColumn) -> Any:
    """Return the first bytes of a payload, as the database compares them: version and key."""
    payload = column.model.__table__.c[column.name]
    return type_coerce(func.substr(cast(payload, LargeBinary), 1, MARK), LargeBinary)
