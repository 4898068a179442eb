"""Scripts: lines of `name = expression`, run from the top."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feel.expression import Expression, Functions, compile_expression, first_note
from feel.faults import FeelError, LimitReached, SyntaxFault
from feel.frame import Frame
from feel.limits import DEFAULT, MAX_TEXT, EvaluationLimits
from feel.text import Text
from feel.values import Value

_BLANK = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TARGET = re.compile(r"([^\W\d]\w*(?:[ \t]+\w+)*)\s*=(?!=)", re.UNICODE)
_IGNORED = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\]{}]|\n', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Assignment:
    target: str
    expression: Expression
    start: int
    """Where the expression starts in the script."""


@dataclass(frozen=True)
class Script:
    """`variables` are read from outside, `assigns` are given new values.

    `uncertain`, `functions` and `paths` are as for an expression.
    """

    source: str
    lines: tuple[Assignment, ...]
    variables: frozenset[str]
    assigns: frozenset[str]
    uncertain: frozenset[str]
    functions: frozenset[str]
    paths: frozenset[tuple[str, ...]]

    def run(
        self,
        variables: Mapping[str, Any],
        *,
        functions: Functions | None = None,
        limits: EvaluationLimits = DEFAULT,
    ) -> dict[str, Value]:
        """Return the new values of the assigned names; `variables` stays as it is.

        Raises EvaluationFault, also for a line that comes to null because of wrong types or a
        division by zero, or LimitReached; the steps of all lines count together.
        """
        known = dict(variables)
        frame = Frame(known, 0, functions, limits)
        new: dict[str, Value] = {}
        for line in self.lines:
            try:
                value = line.expression.run(frame)
                if frame.notes and (value is None or frame.cause):
                    raise first_note(frame)
                frame.notes = None
            except FeelError as error:
                raise _moved(error, self.source, line.start) from None
            known[line.target] = new[line.target] = value
        frame.weigh(new)
        return new


def parse_script(text: str, names: Collection[str] = ()) -> Script:
    """Parse a script; `//` starts a comment, an expression may go on while a bracket is open.

    Raises SyntaxFault for the first line that is not `name = expression`.
    """
    if len(text) > MAX_TEXT:
        raise LimitReached(
            Text(
                f"脚本太长，最多 {MAX_TEXT} 个字。", f"A script has at most {MAX_TEXT} characters."
            )
        )
    lines = tuple(_line(text, start, end, names) for start, end in _statements(text))
    if not lines:
        raise SyntaxFault(Text("脚本是空的。", "The script is empty."), source=text)
    read: set[str] = set()
    certain: set[str] = set()
    assigned: set[str] = set()
    for line in lines:
        needed = line.expression.variables - assigned
        read |= needed
        certain |= needed - line.expression.uncertain
        assigned.add(line.target)
    return Script(
        text,
        lines,
        variables=frozenset(read),
        assigns=frozenset(assigned),
        uncertain=frozenset(read - certain),
        functions=frozenset().union(*(line.expression.functions for line in lines)),
        paths=frozenset().union(*(line.expression.paths for line in lines)),
    )


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every statement: a line, or several while brackets are open."""
    plain = _IGNORED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), _hide_texts(text))
    start, level = 0, 0
    for found in _TOKENS.finditer(plain):
        sign = found.group()
        level += (sign in "([{") - (sign in ")]}")
        if sign == "\n" and level <= 0:
            if plain[start : found.start()].strip():
                yield start, found.start()
            start, level = found.end(), 0
    if plain[start:].strip():
        yield start, len(text)


def _hide_texts(text: str) -> str:
    """Return the script with quoted texts blanked, so that `//` inside them starts no comment."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', lambda found: re.sub(r"[^\n]", "_", found.group()), text)


def _line(text: str, start: int, end: int, names: Collection[str]) -> Assignment:
    blank = _BLANK.match(text, start, end)
    code = blank.end() if blank else start
    found = _TARGET.match(text, code, end)
    if not found:
        raise SyntaxFault(
            Text(
                "这一行要写成“变量名 = 表达式”。",
                "A line of a script reads “name = expression”.",
            ),
            source=text,
            position=code,
        )
    begin = found.end()
    try:
        expression = compile_expression(text[begin:end].rstrip(), names=names)
    except FeelError as error:
        raise _moved(error, text, begin) from None
    return Assignment(" ".join(found.group(1).split()), expression, begin)


def _moved(error: FeelError, source: str, by: int) -> FeelError:
    """Return the error with its place counted in the whole script."""
    error.source = source
    error.position = by + (error.position or 0)
    return error
