"""One table: its headings, and its rows with what is wrong with the shape of each."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from engine.spreadsheets import delimited, headings, workbook
from engine.spreadsheets.delimited import DELIMITERS
from engine.spreadsheets.encoding import Opener, encodings_of
from engine.spreadsheets.errors import UnreadableTable
from engine.spreadsheets.headings import DEEPEST, Headings, Spelling
from engine.spreadsheets.workbook import SheetCells
from feel.text import Text

# What a file begins with that is no table, and how to make one of it.
OTHERS = (
    (b"\xd0\xcf\x11\xe0", "旧版 Excel（.xls）", "an old Excel file (.xls)"),
    (b"%PDF", "PDF", "a PDF"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"<", "网页或 XML（有的系统把网页存成 .xls）", "a web page or XML"),
)
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class SheetRow:
    """One row of a table as it came.

    ``by_heading`` holds its cells by heading, complete only if there is no ``fault``: what is wrong
    with the shape of the row.
    """

    line: int
    cells: tuple[str, ...]
    by_heading: Mapping[str, str]
    fault: Text | None = None


@dataclass(frozen=True)
class Spreadsheet:
    """A table whose headings have been found; ``rows`` reads it, as often as one likes."""

    headings: Headings
    notes: tuple[Text, ...]
    _records: partial[Iterator[SheetCells]] = field(repr=False)
    # In a workbook empty cells at the end of a row are not kept.
    _exact: bool = True
    _delimiter: str = ","

    def labels(self, names: Iterable[str]) -> dict[str, str]:
        """Return the headings' labels by the names that somebody knows them under."""
        return {
            name: self.headings.labels[place]
            for name in names
            if (place := self.headings.column(name)) is not None
        }

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the headings; those without any content are left out.

        Raises Unreadable where the text itself cannot be distinguished into rows.
        """
        for one in self._records():
            if one.line > self.headings.line and any(cell.strip() for cell in one.texts):
                yield self._row(one)

    def _row(self, one: SheetCells) -> SheetRow:
        cells, width = one.texts, len(self.headings.labels)
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        fault = one.fault or self._fault(cells, width)
        padded = [*cells, *[""] * (width - len(cells))]
        named = {
            label: cell
            for place, (label, cell) in enumerate(zip(self.headings.labels, padded, strict=False))
            if cell or place not in self.headings.nameless
        }
        return SheetRow(one.line, tuple(cells if self._exact else padded), named, fault)

    def _fault(self, cells: Sequence[str], width: int) -> Text | None:
        count = len(cells)
        if count > width:
            return Text(
                f"有 {count} 格，比 {width} 个列名多", f"{count} cells, more than {width} headings"
            )
        if count < width and self._exact:
            return Text(
                f"有 {count} 格，比 {width} 个列名少", f"{count} cells, fewer than {width} headings"
            )
        if self._exact and any(self._swallows_rows(cell, width) for cell in cells):
            return Text(
                "有一格里含有好几行表格，引号可能写错了",
                "a cell contains rows of the table; a quote is probably wrong",
            )
        return None

    def _swallows_rows(self, cell: str, width: int) -> bool:
        """Return whether a cell of many lines holds one that has as many delimiters as a row."""
        if width < 3 or "\n" not in cell:
            return False
        inner = cell.split("\n")[1:]
        return any(line.count(self._delimiter) >= width - 1 for line in inner)


def open_spreadsheet(
    source: Path | bytes,
    *needed: Collection[str],
    sheet: str | None = None,
    spelling: Spelling = str,
) -> Spreadsheet:
    """Find the table in a file: encoding, delimiter or sheet, and headings.

    ``needed`` are the names of columns that it must have, or several such sets of which one is
    enough. The encoding is judged on the whole file; whoever acts on rows reads ``rows`` to its
    end before, so that a quote that does not end leaves nothing half done. Raises Unreadable.
    """
    opener: Opener = (
        partial(io.BytesIO, source) if isinstance(source, bytes) else partial(_open, source)
    )
    with opener() as file:
        start = file.read(512)
    if start.startswith(ZIP):
        return _workbook(opener, needed, sheet, spelling)
    for magic, zh, en in OTHERS:
        if start.lstrip().startswith(magic):
            raise UnreadableTable(
                f"这是{zh}，不是表格文件。请打开后另存为 .xlsx 或者“CSV UTF-8”。",
                f"This is {en}, no table. Open it and save it as .xlsx or as CSV UTF-8.",
            )
    return _delimited(opener, needed, spelling)


def _open(path: Path) -> BinaryIO:
    return open(path, "rb")


def _delimited(
    opener: Opener, needed: Sequence[Collection[str]], spelling: Spelling
) -> Spreadsheet:
    near: list[Headings] = []
    faults: list[UnreadableTable] = []
    for encoding in encodings_of(opener):
        said = delimited.declared(opener, encoding)
        for delimiter in (said,) if said else DELIMITERS:
            read = partial(_records_of, opener, encoding, delimiter)
            found = _search(read, needed, spelling, near, faults)
            if found is not None:
                return Spreadsheet(found, _notes(found), read, _delimiter=delimiter)
    raise _no_headings(near, needed, faults)


def _records_of(opener: Opener, encoding: str, delimiter: str) -> Iterator[SheetCells]:
    for line, cells in delimited.records(opener, encoding, delimiter):
        yield SheetCells(line, cells)


def _workbook(
    opener: Opener, needed: Sequence[Collection[str]], sheet: str | None, spelling: Spelling
) -> Spreadsheet:
    names = workbook.sheet_names(opener)
    if sheet is not None and sheet not in names:
        listed = "、".join(names)
        raise UnreadableTable(
            f"没有名为“{sheet}”的工作表，有：{listed}。",
            f"There is no sheet “{sheet}”; there are {', '.join(names)}.",
        )
    near: list[Headings] = []
    faults: list[UnreadableTable] = []
    fitting = []
    for name in [sheet] if sheet else names:
        read = partial(workbook.records, opener, name)
        found = _search(read, needed, spelling, near, faults)
        if found is not None:
            fitting.append((name, found, read))
    if not fitting:
        raise _no_headings(near, needed, faults)
    if len(fitting) > 1:
        listed = "、".join(name for name, _found, _read in fitting)
        raise UnreadableTable(
            f"工作表 {listed} 都像要导入的表，请用 --sheet 指明一张。",
            f"The sheets {listed} all look like the table; name one with --sheet.",
        )
    _name, found, read = fitting[0]
    return Spreadsheet(found, _notes(found), read, _exact=False)


def _search(
    read: partial[Iterator[SheetCells]],
    needed: Sequence[Collection[str]],
    spelling: Spelling,
    near: list[Headings],
    faults: list[UnreadableTable],
) -> Headings | None:
    """Return the first row that has all needed names; what comes close goes to ``near``."""
    found, names = None, None
    try:
        for one in islice(read(), DEEPEST):
            found = headings.parse(one.texts, one.line, spelling)
            names = next((each for each in needed if headings.fits(found, each)), None)
            if names is not None:
                break
            near.append(found)
    except UnreadableTable as error:
        # Read with the wrong delimiter, as a rule; with the right one it is reported again.
        faults.append(error)
        return None
    if found is None or names is None:
        return None
    headings.require_single(found, names)
    return found


def _notes(found: Headings) -> tuple[Text, ...]:
    if found.line == 1:
        return ()
    above = found.line - 1
    return (
        Text(
            f"列名在第 {found.line} 行，上面的 {above} 行没有读入",
            f"the headings are in line {found.line}; the {above} lines above were left out",
        ),
    )


def _no_headings(
    near: Sequence[Headings], needed: Sequence[Collection[str]], faults: Sequence[UnreadableTable]
) -> UnreadableTable:
    """Name what is missing in the row that comes closest, or say that no row comes close."""
    choices = [
        (len(headings.missing(found, names)) - len(names), found, names)
        for found in near
        for names in needed
    ]
    if not choices:
        return faults[0] if faults else UnreadableTable("文件是空的。", "The file is empty.")
    lack, found, names = min(choices, key=lambda one: one[0])
    listed = headings.missing(found, names)
    zh, en = "、".join(listed), ", ".join(listed)
    if not lack:
        return UnreadableTable(
            f"找不到列名：前 {DEEPEST} 行里没有 {zh} 中的任何一个。",
            f"There are no headings: none of {en} in the first {DEEPEST} lines.",
        )
    return UnreadableTable(
        f"文件缺少列：{zh}（列名在第 {found.line} 行）。",
        f"The file lacks the columns {en} (headings in line {found.line}).",
    )
