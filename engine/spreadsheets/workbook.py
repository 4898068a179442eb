"""Excel workbooks: the sheets of an .xlsx, each cell as text, as it would be typed."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from engine.spreadsheets.encoding import Opener
from engine.spreadsheets.errors import UnreadableTable
from feel.text import Text

# Unpacked, all parts of a workbook together; a bomb is small only while it is packed.
LARGEST = 1 << 30
# Excel keeps fifteen digits of a number and replaces the rest by zeros.
DIGITS_KEPT = 10**15
# What a file that is damaged somewhere in its middle fails with; lxml's errors are SyntaxErrors.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, SyntaxError, ValueError)
_ZEROS = re.compile(r"0{2,30}")

LOST_DIGITS = Text(
    "有一格是超过 15 位的数字，Excel 已丢失末几位，请把该列设为文本后重新填写",
    "a cell holds a number of more than 15 digits, of which Excel has lost the last ones; "
    "format the column as text and fill it in again",
)
ERROR_VALUE = Text(
    "有一格是 Excel 的错误值（如 #N/A）", "a cell holds an Excel error, such as #N/A"
)
NO_RESULT = Text(
    "有一格是公式而没有算出的值，请在 Excel 中打开并保存一次",
    "a cell holds a formula without its result; open and save the file in Excel once",
)


@dataclass(frozen=True)
class SheetCells:
    """One row of a sheet: its number, its cells as text, and what is wrong with one of them."""

    line: int
    texts: list[str]
    fault: Text | None = None


def sheet_names(open_file: Opener) -> list[str]:
    """Return the names of the visible sheets. Raises UnreadableTable."""
    require_harmless(open_file)
    with ExitStack() as stack:
        book = _book(stack, open_file, values=True)
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def records(open_file: Opener, name: str) -> Iterator[SheetCells]:
    """Yield the rows of a sheet; memory stays flat. Raises UnreadableTable."""
    with ExitStack() as stack:
        # Read twice side by side: a formula whose result was never kept would be an empty cell.
        shown, typed = (_book(stack, open_file, values=values)[name] for values in (True, False))
        for sheet in (shown, typed):
            # What a writer says of the size is not always true.
            sheet.reset_dimensions()
        try:
            pairs = zip(shown.iter_rows(), typed.iter_rows(), strict=True)
            for line, (values, formulas) in enumerate(pairs, start=1):
                yield _row(line, values, formulas)
        except DAMAGED as error:
            raise damaged() from error


def require_harmless(open_file: Opener, largest: int = LARGEST) -> None:
    """Refuse a small file that unpacks to a huge one, and XML that defines entities.

    Raises UnreadableTable.
    """
    try:
        with open_file() as file, zipfile.ZipFile(file) as parts:
            if sum(part.file_size for part in parts.infolist()) > largest:
                raise UnreadableTable(
                    "工作簿过大，请拆分后导入。", "The workbook is too large; split it."
                )
            for part in parts.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    with parts.open(part) as content:
                        if b"<!DOCTYPE" in content.read(4096):
                            raise damaged()
    except (*DAMAGED, RuntimeError) as error:
        raise damaged() from error


def damaged() -> UnreadableTable:
    """Return what is said of a file that cannot be read."""
    return UnreadableTable(
        "这不是可读的 Excel 工作簿（.xlsx），可能已损坏或加了密码。",
        "This is no readable Excel workbook (.xlsx): damaged, or protected by a password.",
    )


def _row(line: int, values: Sequence[Any], formulas: Sequence[Any]) -> SheetCells:
    read = [_text(value, formula) for value, formula in zip(values, formulas, strict=True)]
    fault = next((wrong for _text_of, wrong in read if wrong is not None), None)
    return SheetCells(line, [text for text, _wrong in read], fault)


def _text(cell: Any, formula: Any) -> tuple[str, Text | None]:
    value = cell.value
    if value is None:
        return "", NO_RESULT if formula.data_type == "f" else None
    if cell.data_type == "e":
        return str(value), ERROR_VALUE
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    return _moment(value), None


def _number(value: int | float, shape: str) -> tuple[str, Text | None]:
    whole = value == value and abs(value) != float("inf") and value == int(value)
    if not whole:
        return repr(value), None
    text = str(int(value))
    if abs(value) >= DIGITS_KEPT:
        return text, LOST_DIGITS
    # 00123 is a number with a shape; what one sees are five digits.
    return (text.zfill(len(shape)) if _ZEROS.fullmatch(shape) and value >= 0 else text), None


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return f"{value:%Y-%m-%d}" if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, date | timedelta):
        return str(value)
    # A line end within a cell, as Excel writes what XML cannot hold.
    return str(value).replace("_x000D_", "\r")


def _book(stack: ExitStack, open_file: Opener, *, values: bool) -> Any:
    file = stack.enter_context(open_file())
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=values)
    except (InvalidFileException, *DAMAGED) as error:
        raise damaged() from error
    stack.callback(book.close)
    return book
