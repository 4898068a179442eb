"""Which encoding a text file has, judged on all of its bytes."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from engine.spreadsheets.errors import UnreadableTable

Opener = Callable[[], BinaryIO]

CHUNK = 1 << 20
# Longer marks first: the one of UTF-32 begins with the one of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# GBK text is not valid UTF-8 for long; a file that was for so many characters is UTF-8, broken.
CERTAIN = 20


@dataclass(frozen=True)
class _Attempt:
    """How far a decoder came: the line of the first fault (0: none), characters beyond ASCII."""

    line: int
    wide: int


def encodings_of(open_file: Opener) -> tuple[str, ...]:
    """Return the codecs that read the whole file, the likeliest first.

    A few words of GBK may happen to be valid UTF-8 as well; its headings decide then. Raises
    Unreadable, with the line, where no encoding fits all of it.
    """
    with open_file() as file:
        start = file.read(CHUNK)
    for mark, name in MARKS:
        if start.startswith(mark):
            return (_must(open_file, name),)
    if b"\x00" in start:
        return (_must(open_file, _unmarked(start)),)
    utf8 = _try(open_file, "utf-8")
    if utf8.wide >= CERTAIN or utf8.wide == 0 == utf8.line:
        if utf8.line:
            raise _mixed(utf8.line)
        return ("utf-8",)
    other = _try(open_file, "gb18030")
    gbk = not other.line
    if utf8.line and not gbk:
        # Where the one that came further gives up.
        raise _mixed(max(utf8.line, other.line))
    return ("utf-8",) * (not utf8.line) + ("gb18030",) * gbk


def _must(open_file: Opener, name: str) -> str:
    found = _try(open_file, name)
    if found.line:
        raise _mixed(found.line)
    return name


def _mixed(line: int) -> UnreadableTable:
    return UnreadableTable(
        f"文件编码有误：第 {line} 行既不是 UTF-8 也不是 GBK，可能由两种编码拼接而成或已损坏，"
        "请另存为“CSV UTF-8”后重试。",
        f"Line {line} is neither UTF-8 nor GBK: two encodings in one file, or a damaged one; "
        "save it as CSV UTF-8.",
    )


def _try(open_file: Opener, name: str) -> _Attempt:
    decoder = codecs.getincrementaldecoder(name)()
    line, wide = 1, 0
    for chunk, last in _chunks(open_file):
        try:
            text = decoder.decode(chunk, last)
        except UnicodeDecodeError as error:
            # A decoder may hold back bytes of the chunk before; they are part of ``object``.
            before = error.object[: error.start].decode(name, "ignore")
            return _Attempt(line + before.count("\n"), wide + _wide(before))
        line += text.count("\n")
        wide += _wide(text)
    return _Attempt(0, wide)


def _chunks(open_file: Opener) -> Iterator[tuple[bytes, bool]]:
    with open_file() as file:
        while chunk := file.read(CHUNK):
            yield chunk, False
    yield b"", True


def _wide(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", "ignore"))


def _unmarked(start: bytes) -> str:
    """UTF-16 without its mark: one order of bytes gives text, the other gives none."""
    for name in ("utf-16-le", "utf-16-be"):
        text = start[: len(start) // 2 * 2].decode(name, "replace")
        if sum(map(_usual, text)) >= 0.95 * len(text):
            return name
    raise UnreadableTable(
        "文件里有空字符，不是文本文件，请另存为“CSV UTF-8”后重试。",
        "The file has NUL characters and is no text; save it as CSV UTF-8.",
    )


def _usual(one: str) -> bool:
    return " " <= one <= "~" or one in "\r\n\t" or "\u3000" <= one <= "\u9fff" or one > "\uff00"
