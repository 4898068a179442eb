"""What all tables share: identifiers, moments in UTC, small enumerations, unit stamps."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.terms.levels import LEVELS

EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
# A row carries its unit at each of these; the province stands above everything.
STAMPED_LEVELS = LEVELS[1:]


class Base(DeclarativeBase):
    """Declarative base with stable constraint names, which migrations rely on."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on both databases; refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Read as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Hex(TypeDecorator[str]):
    """A hash: hexadecimal digits in Python, half as many bytes in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        """Store as bytes. Raises ValueError for what is not hexadecimal."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | str | None, dialect: Any) -> str | None:
        """Read as hexadecimal digits; words that somebody put there by hand stay as they are."""
        return value if value is None or isinstance(value, str) else bytes(value).hex()


class _Identifiers:
    """64-bit ids that grow with time and are unique by themselves.

    41 bits of milliseconds, 12 of process, 10 of count. Within a process each is larger than
    the one before: a millisecond that has used up its count borrows from the next. Two processes
    that drew the same 12 bits also began to count at the same of 1024 places, or do not meet in
    a quiet millisecond; where they do meet, the key refuses.
    """

    def __init__(self) -> None:
        self._start()
        os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        self.node, self.first = secrets.randbits(12) << 10, secrets.randbits(10)
        self.last, self.lock = 0, threading.Lock()

    def __call__(self) -> int:
        now = int(time.time() * 1000) - EPOCH_MS
        with self.lock:
            self.last = last = max(now << 10 | self.first, self.last + 1)
        return last >> 10 << 22 | self.node | last & 0x3FF


new_id = _Identifiers()


def span_of_ids(span: timedelta) -> int:
    """By how much ids grow in that time."""
    return int(span.total_seconds() * 1000) << 22


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return a check that ``column`` holds one of ``values``; named after the column."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Identified:
    """A row with an id of its own making."""

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, default=new_id, sort_order=-10
    )


class OfCounty:
    """A row that belongs to a county's cases; joins within a case include the county."""

    county_id: Mapped[int] = mapped_column(BigInteger, sort_order=-9)


def of_case() -> ForeignKeyConstraint:
    """Ties a row to its case and to the case's county at once.

    A key on the county alone would lock the county's one row for every row written.
    """
    return ForeignKeyConstraint(["case_id", "county_id"], ["case.id", "case.county_id"])


class AncestorColumns:
    """The ancestors of a row's unit, one column a level, so that a subtree is one index range."""

    at_city: Mapped[int | None] = mapped_column(BigInteger)
    at_county: Mapped[int | None] = mapped_column(BigInteger)
    at_township: Mapped[int | None] = mapped_column(BigInteger)
    at_village: Mapped[int | None] = mapped_column(BigInteger)
    at_grid: Mapped[int | None] = mapped_column(BigInteger)

    def stamp(self, unit: AncestorColumns) -> None:
        """Copy the ancestors from a unit."""
        for level in STAMPED_LEVELS:
            setattr(self, f"at_{level}", getattr(unit, f"at_{level}"))
