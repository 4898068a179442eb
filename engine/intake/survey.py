"""The whole file before its first row goes in: can it be read, and which ids stand there twice?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from engine.intake.cells import plain
from engine.intake.mapping import Mapping, fill
from engine.intake.rejected_file import WHY, WHY_ENGLISH
from engine.spreadsheets import SheetRow, Spreadsheet


@dataclass(frozen=True)
class RepeatedId:
    """A row whose id stands in the file before; ``same`` says that all its cells are the same."""

    first: int
    same: bool


@dataclass(frozen=True)
class ImportRow:
    """A row with its id, and its cells by the names that the mapping has for them."""

    row: SheetRow
    source: str
    cells: dict[str, str]
    double: RepeatedId | None = None

    @property
    def original_cells(self) -> dict[str, str]:
        """The row as it came, without the columns of an earlier refusal."""
        return {
            name: cell
            for name, cell in self.row.by_heading.items()
            if name not in (WHY, WHY_ENGLISH)
        }


@dataclass(frozen=True)
class FileSurvey:
    """A file that can be read to its end."""

    sheet: Spreadsheet
    mapping: Mapping
    labels: dict[str, str]
    doubles: dict[int, RepeatedId]
    total: int

    @classmethod
    def of(cls, sheet: Spreadsheet, mapping: Mapping) -> FileSurvey:
        """Read the file to its end; keeps two numbers a row. Raises Unreadable."""
        labels = sheet.labels(mapping.columns())
        first: dict[int, tuple[int, int]] = {}
        doubles: dict[int, RepeatedId] = {}
        total = 0
        for entry in _entries(sheet, mapping, labels):
            total += 1
            if not entry.source:
                continue
            key = _short(entry.source)
            content = _short("\x1f".join(entry.original_cells.values()))
            line, known = first.setdefault(key, (entry.row.line, content))
            if line != entry.row.line:
                doubles[entry.row.line] = RepeatedId(line, known == content)
        return cls(sheet, mapping, labels, doubles, total)

    def entries(self) -> Iterator[ImportRow]:
        """Yield the rows once more, those with the id of an earlier one marked."""
        for entry in _entries(self.sheet, self.mapping, self.labels):
            double = self.doubles.get(entry.row.line)
            yield ImportRow(entry.row, entry.source, entry.cells, double) if double else entry


def _entries(sheet: Spreadsheet, mapping: Mapping, labels: dict[str, str]) -> Iterator[ImportRow]:
    for row in sheet.rows():
        cells = {name: row.by_heading.get(label, "") for name, label in labels.items()}
        yield ImportRow(row, plain(fill(mapping.source, cells)), cells)


def _short(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
