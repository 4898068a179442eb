"""The points of chains that anchors hold, put in the order of the cases without holding them all.

There is at least one for every case that ever was: in memory a million of them are a gigabyte.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

# 64 MB; what is beyond lies in a file that ends with the connection.
CACHE = "PRAGMA cache_size = -65536"


class AnchoredHeads:
    """Length and head by case, in a file of their own."""

    def __enter__(self) -> AnchoredHeads:
        """Begin with none."""
        self.file = sqlite3.connect("", isolation_level=None)
        self.file.execute(CACHE)
        self.file.execute("PRAGMA journal_mode = OFF")
        self.file.execute(
            "CREATE TABLE point (case_id INTEGER, length INTEGER, head TEXT,"
            " PRIMARY KEY (case_id, length)) WITHOUT ROWID"
        )
        return self

    def __exit__(self, *_error: object) -> None:
        """Forget them; the file goes with the connection."""
        self.file.close()

    def add(self, heads: Sequence[Sequence[Any]]) -> None:
        """Take in what one anchor holds; of two that differ the earlier counts."""
        rows = ((int(case_id), length, head) for case_id, length, head in heads)
        self.file.execute("BEGIN")
        self.file.executemany("INSERT OR IGNORE INTO point VALUES (?, ?, ?)", rows)
        self.file.execute("COMMIT")

    def by_case(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield each case with its points, in the order of the cases."""
        rows = self.file.execute("SELECT case_id, length, head FROM point ORDER BY case_id, length")
        for case_id, found in groupby(rows, itemgetter(0)):
            yield case_id, {length: head for _id, length, head in found}
