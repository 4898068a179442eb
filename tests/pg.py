"""The tests' PostgreSQL: the benchmarks' throw-away server, without its care for the disk."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bench import pg
from bench.pg import binaries

__all__ = ["binaries", "server"]


def server() -> AbstractContextManager[str]:
    """Start a server for one run; gives the URL of its first database."""
    return pg.server(*pg.CARELESS)
