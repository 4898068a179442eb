"""Reading a CSV as offices export it: GBK or UTF-8 with or without BOM, row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from engine.errors import DomainError
from feel.text import Text

ENCODINGS = ("utf-8-sig", "gb18030")
SAMPLE = 1 << 20
# A cell longer than this is not a cell but a broken quote.
csv.field_size_limit(1_000_000)


class UnreadableTable(DomainError):
    """The file is no CSV that can be read, or lacks columns that the mapping names."""


def rows(path: Path, needed: set[str]) -> Iterator[dict[str, str]]:
    """The rows by column name; memory stays flat. Raises Unreadable."""
    with open(path, encoding=_encoding(path), newline="") as file:
        reader = csv.DictReader(file, restkey="", restval="")
        names = [(name or "").strip() for name in reader.fieldnames or []]
        missing = sorted(needed - set(names))
        if missing:
            listed = ", ".join(missing)
            raise UnreadableTable(
                str(path),
                text=Text(f"文件缺少列：{listed}。", f"The file lacks the columns {listed}."),
            )
        reader.fieldnames = names
        try:
            for row in reader:
                row.pop("", None)
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            text = Text(
                f"第 {reader.line_num} 行无法读取。", f"Line {reader.line_num} cannot be read."
            )
            raise UnreadableTable(str(path), text=text) from error


def count(path: Path) -> int:
    """How many lines there are, for showing progress; rows may be fewer."""
    with open(path, "rb") as file:
        return max(sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(SAMPLE), b"")) - 1, 0)


def _encoding(path: Path) -> str:
    with open(path, "rb") as file:
        sample = file.read(SAMPLE)
    # The sample may end within a character; its last line is left out.
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    for encoding in ENCODINGS:
        try:
            sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableTable(
        str(path),
        text=Text("文件编码既不是 UTF-8 也不是 GBK。", "The file is neither UTF-8 nor GBK."),
    )
