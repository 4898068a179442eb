"""Regular expressions that cannot run away.

The standard library backtracks: on `(a+)+$` it would search for centuries. Here a pattern
becomes a small program whose threads all walk through the text side by side (Thompson, Pike),
so that the cost is at most the length of the text times the size of the pattern, on every
machine the same, and is paid from the evaluation's budget of steps.

The syntax is that of XPath, without back-references, as FEEL prescribes.
"""

from __future__ import annotations

from feel.frame import Frame
from feel.patterns.machine import Match, search
from feel.patterns.parser import PatternProgram, compile_pattern

__all__ = ["PatternProgram", "compile_pattern", "extract", "is_match", "replace", "split"]


def is_match(program: PatternProgram, text: str, frame: Frame) -> bool:
    """Return whether the pattern matches anywhere in the text."""
    return search(program, text, 0, frame) is not None


def replace(program: PatternProgram, text: str, replacement: str, frame: Frame) -> str:
    """Replace all matches; `$1` in the replacement is the first group, `$0` the whole."""
    pieces, start = [], 0
    for match in _matches(program, text, frame):
        pieces.append(text[start : match[0]])
        pieces.append(frame.keep_text(_fill(replacement, match, text)))
        start = match[1]
    return "".join([*pieces, text[start:]])


def _fill(replacement: str, match: Match, text: str) -> str:
    parts, at, last_group = [], 0, len(match) // 2 - 1
    while at < len(replacement):
        sign = replacement[at]
        if sign == "\\" and replacement[at + 1 : at + 2] in ("\\", "$"):
            parts.append(replacement[at + 1])
            at += 2
        elif sign == "$" and replacement[at + 1 : at + 2].isdigit():
            group = int(replacement[at + 1])
            if group <= last_group and match[2 * group] is not None:
                parts.append(text[match[2 * group] : match[2 * group + 1]])
            at += 2
        else:
            parts.append(sign)
            at += 1
    return "".join(parts)


def split(program: PatternProgram, text: str, frame: Frame) -> list[str]:
    """Return the pieces between the matches."""
    pieces, start = [], 0
    for match in _matches(program, text, frame):
        if match[1] > match[0]:
            pieces.append(text[start : match[0]])
            start = match[1]
    return [*pieces, text[start:]]


def extract(program: PatternProgram, text: str, frame: Frame) -> list[str]:
    """Return all matches, whole."""
    return [text[match[0] : match[1]] for match in _matches(program, text, frame)]


def _matches(program: PatternProgram, text: str, frame: Frame) -> list[Match]:
    matches: list[Match] = []
    at = 0
    while at <= len(text):
        match = search(program, text, at, frame)
        if match is None:
            break
        matches.append(match)
        at = match[1] if match[1] > match[0] else match[1] + 1
    frame.check_items(len(matches))
    return matches
