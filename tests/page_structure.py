"""What a page of Markdown is made of, so that a page and its translation can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHINESE = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Dates are worded by each language, and English has words for small numbers.
MONTH = re.compile(r"\d+ ?月")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Block:
    """A heading, a table, a list, code or a paragraph; ``parts`` are its rows, items or lines."""

    kind: str
    parts: tuple[str, ...]
    line: int

    @property
    def shape(self) -> str:
        """What has to be the same in both languages."""
        if self.kind == "heading":
            return "heading " + self.parts[0].split()[0]
        if self.kind == "table":
            return "table " + "x".join(str(len(cells(row))) for row in self.parts)
        return self.kind if self.kind == "text" else f"{self.kind} of {len(self.parts)}"


def cells(row: str) -> list[str]:
    """The cells of a row of a table."""
    return [one.strip() for one in row.strip().strip("|").split("|")]


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order."""
    found: list[Block] = []
    fenced = False
    for number, line in enumerate(page.splitlines(), 1):
        kind = "code+" if fenced else _kind(line)
        if line.startswith("```"):
            fenced = not fenced
            kind = "code" if fenced else "code+"
        if not kind:
            found.append(Block("gap", (), number))
        elif found and _goes_on(found[-1], kind, line):
            found[-1] = _longer(found[-1], line)
        else:
            found.append(Block(kind.rstrip("+"), (line,), number))
    return [block for block in found if block.kind != "gap"]


def _goes_on(block: Block, kind: str, line: str) -> bool:
    if block.kind == "list" and line.startswith("  "):
        return True
    return kind.rstrip("+") == block.kind and kind not in ("heading", "code")


def _longer(block: Block, line: str) -> Block:
    """The block with one more line: a part of its own, or of the last item or paragraph."""
    if block.kind == "text" or (block.kind == "list" and line.startswith("  ")):
        return Block(block.kind, (*block.parts[:-1], f"{block.parts[-1]} {line}"), block.line)
    return Block(block.kind, (*block.parts, line), block.line)


def _kind(line: str) -> str:
    if not line.strip() or line.startswith("<!--"):
        return ""
    for begin, kind in (("#", "heading"), ("|", "table"), ("- ", "list"), ("![", "picture")):
        if line.startswith(begin):
            return kind
    return "list" if re.match(r"\d+\. ", line) else "text"


def codes(text: str) -> set[str]:
    """What stands in code and is the same in every language."""
    return {one for one in CODE.findall(text) if not CHINESE.search(one)}


def numbers(text: str) -> set[str]:
    """The numbers of a text, without those of dates and links."""
    plain = MONTH.sub("", LINK.sub("", CODE.sub("", text)))
    return set(re.findall(r"\d+(?:\.\d+)?", plain))


def worded(text: str) -> set[str]:
    """The numbers that an English text writes as words."""
    said = set(re.findall(r"[a-z]+", text.lower()))
    return {str(value) for value, word in enumerate(WORDS) if word in said}
