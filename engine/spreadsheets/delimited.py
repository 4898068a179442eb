"""Delimited text, strictly: a quote that does not end is an error with the line it opens in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import TextIO

from engine.spreadsheets.encoding import Opener
from engine.spreadsheets.errors import UnreadableTable

DELIMITERS = (",", "\t", ";", "|")
# Excel's own way to say which delimiter follows.
# The mark of an encoding, which is no character of a text.
MARK = "\ufeff"
SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
# A cell longer than this is not a cell but a quote that does not end.
LONGEST_CELL = 1_000_000
csv.field_size_limit(LONGEST_CELL)

NumberedCells = tuple[int, list[str]]


def declared(open_file: Opener, encoding: str) -> str | None:
    """Return the delimiter that the first line declares (``sep=;``), or None."""
    with _text(open_file, encoding) as file:
        found = SEPARATOR.fullmatch(file.readline(20))
    return found[1] if found else None


def records(open_file: Opener, encoding: str, delimiter: str) -> Iterator[NumberedCells]:
    """Yield each record with the line that it begins in; memory stays flat.

    Raises Unreadable for a quote that does not end, or that ends in the middle of a cell.
    """
    with _text(open_file, encoding) as file:
        skipped = 0
        if SEPARATOR.fullmatch(file.readline(20)):
            skipped = 1
        else:
            file.seek(0)
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            first = lines.number + 1 + skipped
            lines.current.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _open_quote(first, lines.current, delimiter) from error
            yield first, cells


class _Lines:
    """The lines of a file, with those of the record that is being read kept for its errors."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.number = 0
        self.current: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.file)
        if not self.current:
            # Files that were put together keep the mark of each.
            line = line.removeprefix(MARK)
        self.number += 1
        self.current.append(line)
        return line


def _text(open_file: Opener, encoding: str) -> TextIO:
    return io.TextIOWrapper(open_file(), encoding=encoding, newline="")


def _open_quote(first: int, lines: list[str], delimiter: str) -> UnreadableTable:
    line = first + _opens_in("".join(lines), delimiter)
    return UnreadableTable(
        f"第 {line} 行的引号没有正确结束：文件在此之后无法分出各行。"
        "请补上或删去多出的引号；单元格内容里的引号要写成两个。",
        f"Line {line}: a quote opens there and does not end as it should, so that the rows after "
        "it cannot be told apart. Add or delete a quote; within a cell it is written twice.",
    )


def _opens_in(text: str, delimiter: str) -> int:
    """Return how many lines below the first the quote at fault opens.

    The scan stops where a quote ends and neither delimiter nor line end follows, or at the end.
    """
    at = line = opened = 0
    begins = True
    while at < len(text):
        if begins and text[at] == '"':
            opened = line
            end = _closing(text, at)
            if end < 0 or text[end + 1 : end + 2] not in ("", "\r", "\n", delimiter):
                return opened
            line += text.count("\n", at, end)
            at, begins = end + 1, False
            continue
        begins = text[at] in (delimiter, "\n", "\r")
        line += text[at] == "\n"
        at += 1
    return opened


def _closing(text: str, opening: int) -> int:
    """Return where the quote that opens there closes, or -1; two quotes are one character."""
    at = text.find('"', opening + 1)
    while at >= 0 and text[at + 1 : at + 2] == '"':
        at = text.find('"', at + 2)
    return at
