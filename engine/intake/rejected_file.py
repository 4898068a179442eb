"""The file of refused rows: beside its place while it is written, in its place when it is whole."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from engine.errors import DomainError
from engine.spreadsheets import SheetRow
from feel.text import Text

# The first columns, so that a row with a cell too many or too few stays as it came.
WHY, WHY_ENGLISH = "退回原因", "rejected_because"


class SameFile(DomainError):
    """The refused rows would be written over the file that is being imported."""

    text = Text(
        "退回文件不能就是要导入的文件或映射文件，请用 --rejected 另指一个。",
        "The file of refused rows cannot be the file that is imported, nor its mapping; "
        "name another one with --rejected.",
    )


class RejectedFileNotWritable(DomainError):
    """The file of refused rows cannot be written where it should be."""

    text = Text(
        "退回文件无法写到这个位置，请用 --rejected 另指一个。",
        "The file of refused rows cannot be written there; name another place with --rejected.",
    )


class RejectedFile:
    """Refused rows with their reasons; the file comes to be only if there is one."""

    def __init__(self, path: Path, headings: Sequence[str], inputs: Iterable[Path]) -> None:
        self.path, self.headings = path, headings
        # Reasons of an earlier refusal, in the file that is being imported.
        self.stale = {at for at, one in enumerate(headings) if one in (WHY, WHY_ENGLISH)}
        self.beside: Path | None = None
        self.file: IO[str] | None = None
        self.writer: Any = None
        if any(_same(path, one) for one in inputs):
            raise SameFile(str(path))
        if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
            raise RejectedFileNotWritable(str(path))

    def write(self, refused: Iterable[tuple[SheetRow, Text]]) -> None:
        """Add rows as they came; a file of refused rows, fixed, is read like any other."""
        for row, reason in refused:
            if self.file is None:
                self._begin()
            self._row(reason.zh, reason.en, row.cells)
        if self.file is not None:
            self.file.flush()

    def close(self) -> str | None:
        """Put the file in its place; return where, or None if no row was refused."""
        if self.file is None or self.beside is None:
            return None
        self.file.close()
        os.replace(self.beside, self.path)
        self.file = None
        return str(self.path)

    def _begin(self) -> None:
        # The rows as they came, with names and phones in clear: for nobody else's eyes (0600).
        number, name = tempfile.mkstemp(
            prefix=f".{self.path.name}.", suffix=".part", dir=self.path.parent
        )
        self.beside = Path(name)
        self.file = open(number, "w", encoding="utf-8-sig", newline="")  # noqa: SIM115
        self.writer = csv.writer(self.file)
        self._row(WHY, WHY_ENGLISH, self.headings)

    def _row(self, zh: str, en: str, cells: Sequence[str]) -> None:
        own = [cell for at, cell in enumerate(cells) if at not in self.stale]
        self.writer.writerow([zh, en, *own])


def _same(path: Path, other: Path) -> bool:
    """Return whether two names are one file, over links of either kind and before it exists."""
    if path.exists():
        return os.path.samefile(path, other)
    return path.resolve() == other.resolve()
