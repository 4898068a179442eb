"""Workbooks that are filled in and sent out again: read with bounds, and only what is harmless.

Whoever opens such a workbook trusts the office that sent it. So a template holds nothing that
acts or fetches by itself, and a formula only what calculates from cells.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import openpyxl
from openpyxl import Workbook
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.functions import iterparse

from engine.spreadsheets.errors import UnreadableTable
from engine.spreadsheets.workbook import DAMAGED, damaged, require_harmless

# In bytes, packed and unpacked.
LARGEST, LARGEST_UNPACKED = 1 << 20, 16 << 20
# A cell far away makes every cell before it: what a sheet may have, down and across.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 2000, 400, 50_000
# Parts that run, or that fetch from elsewhere.
ACTING = re.compile(
    r"vbaproject|macrosheet|dialogsheet|externallink|activex|ctrlprops|embeddings|connections"
    r"|querytable|customui|webextension|model/",
    re.IGNORECASE,
)
# What calculates from cells and nothing else.
FUNCTIONS = frozenset((
    "ABS", "AND", "AVERAGE", "AVERAGEIF", "CEILING", "COLUMN", "CONCATENATE", "COUNT", "COUNTA",
    "COUNTBLANK", "COUNTIF", "COUNTIFS", "DATE", "DAY", "FALSE", "FLOOR", "IF", "IFERROR", "INT",
    "ISBLANK", "ISERROR", "ISNUMBER", "LARGE", "LEFT", "LEN", "LOWER", "MAX", "MEDIAN", "MID",
    "MIN", "MOD", "MONTH", "NOT", "OR", "RANK", "RIGHT", "ROUND", "ROUNDDOWN", "ROUNDUP", "ROW",
    "SMALL", "SUBTOTAL", "SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "TEXT", "TRIM", "TRUE", "TRUNC",
    "UPPER", "VALUE", "YEAR",
))  # fmt: skip


def template(data: bytes) -> Workbook:
    """Return a workbook that is to be filled in. Raises UnreadableTable."""
    if len(data) > LARGEST:
        raise UnreadableTable("模板超过 1 MB。", "The template is larger than 1 MB.")
    require_harmless(lambda: io.BytesIO(data), LARGEST_UNPACKED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _require_small(parts)
        book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    except (InvalidFileException, *DAMAGED) as error:
        raise damaged() from error
    for sheet in book.worksheets:
        # A note or a link makes its cell, too.
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            raise _too_large()
    for formula in _formulas(book):
        _require_calculation(formula)
    return book


def _require_small(parts: zipfile.ZipFile) -> None:
    """Refuse what would take minutes to read, before it is read, and parts that act."""
    cells = 0
    for name in parts.namelist():
        if ACTING.search(name):
            raise UnreadableTable(
                "模板中不能有宏、外部链接或者嵌入的对象。",
                "A template must have no macros, links to other files or embedded objects.",
            )
        if name.endswith(".xml"):
            with parts.open(name) as part:
                cells += _cells(part)
    if cells > MOST_CELLS:
        raise _too_large()


def _cells(part: IO[bytes]) -> int:
    """Return how many cells a part makes; a merged range or a link makes all that it spans."""
    count = 0
    for _event, element in iterparse(part):
        kind = str(element.tag).rpartition("}")[2]
        if kind == "c":
            count += 1
        elif kind in ("mergeCell", "hyperlink", "comment"):
            left, top, right, bottom = range_boundaries(element.get("ref") or "")
            if None in (left, top, right, bottom):
                raise _too_large()
            count += (right - left + 1) * (bottom - top + 1)
        element.clear()
        if count > MOST_CELLS:
            raise _too_large()
    return count


def _formulas(book: Workbook) -> Iterator[str]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield _formula_text(cell.value)
                if cell.hyperlink is not None and cell.hyperlink.target:
                    yield "HYPERLINK()"
        for ranges in sheet.conditional_formatting:
            for rule in ranges.rules:
                yield from rule.formula
        for check in sheet.data_validations.dataValidation:
            yield from filter(None, (check.formula1, check.formula2))
        yield from (name.value or "" for name in sheet.defined_names.values())
    yield from (name.value or "" for name in book.defined_names.values())


def _formula_text(value: Any) -> str:
    """Return a formula as it is typed; one over many cells is kept in an object."""
    return value if isinstance(value, str) else str(getattr(value, "text", None) or "")


def _require_calculation(formula: str) -> None:
    """Refuse a formula that does more than calculate."""
    shown = formula[:60]
    try:
        tokens = Tokenizer(f"={formula.removeprefix('=')}").items
    except (TokenizerError, IndexError):
        harmless = False
    else:
        harmless = all(_calculates(token) for token in tokens)
    if not harmless:
        raise UnreadableTable(
            f"模板中的公式只能用单元格计算：{shown}",
            f"A formula of a template may only calculate from cells: {shown}",
        )


def _calculates(token: Token) -> bool:
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        return token.value.rstrip("(").upper() in FUNCTIONS
    # Brackets name other files, a bar asks another program.
    return token.subtype == Token.TEXT or not set("[|") & set(token.value)


def _too_large() -> UnreadableTable:
    return UnreadableTable(
        f"模板过大：最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，合并的单元格不超过 {MOST_CELLS} 个。",
        f"The template is too large: up to {MOST_ROWS} rows, {MOST_COLUMNS} columns and "
        f"{MOST_CELLS} cells, merged ones included.",
    )
