"""Parse a pattern into a program for the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from feel.frame import NullCause
from feel.patterns.classes import Class, any_sign, escape, literal, members
from feel.text import Text

CHAR, SPLIT, JUMP, SAVE, ASSERT, MATCH = range(6)

Instruction = tuple[int, Any, Any]

MAX_PATTERN = 1_000
MAX_PROGRAM = 3_000
_MAX_DEPTH = 40
_FLAGS = frozenset("smix")


@dataclass(frozen=True)
class PatternProgram:
    code: tuple[Instruction, ...]
    groups: int

    @property
    def blank(self) -> tuple[None, ...]:
        """No places saved yet."""
        return (None,) * (2 * self.groups + 2)


def pattern_fault(zh: str, en: str) -> NullCause:
    return NullCause(Text(f"正则表达式不对：{zh}。", f"the regular expression is wrong: {en}."))


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str = "") -> PatternProgram:
    """Compile a pattern. Raises NullCause when it is wrong, too large or not supported."""
    if len(pattern) > MAX_PATTERN:
        raise pattern_fault(f"超过 {MAX_PATTERN} 个字", f"longer than {MAX_PATTERN} characters")
    if unknown := set(flags) - _FLAGS:
        raise pattern_fault(f"没有标志“{min(unknown)}”", f"there is no flag “{min(unknown)}”")
    parser = _Parser(_compact(pattern) if "x" in flags else pattern, flags)
    body = parser.alternatives(0)
    if parser.at < len(parser.text):
        raise pattern_fault("多了右括号", "an unexpected closing bracket")
    code = [(SAVE, 0, None), *_shift(body, 1), (SAVE, 1, None), (MATCH, None, None)]
    return PatternProgram(tuple(code), parser.groups)


def _compact(pattern: str) -> str:
    """Drop white space outside of character classes, as the flag x asks for."""
    kept, inside = [], 0
    for place, sign in enumerate(pattern):
        escaped = place > 0 and pattern[place - 1] == "\\"
        inside += (sign == "[" and not escaped) - (sign == "]" and not escaped)
        if inside > 0 or not sign.isspace():
            kept.append(sign)
    return "".join(kept)


def _shift(code: list[Instruction], by: int) -> list[Instruction]:
    """Return the code, moved: jumps are absolute."""
    moved = []
    for kind, first, second in code:
        if kind == SPLIT:
            first, second = first + by, second + by
        elif kind == JUMP:
            first += by
        moved.append((kind, first, second))
    return moved


class _Parser:
    def __init__(self, text: str, flags: str) -> None:
        self.text = text
        self.flags = flags
        self.at = 0
        self.groups = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        sign = self.peek()
        if not sign:
            raise pattern_fault("没有写完", "it is not finished")
        self.at += 1
        return sign

    def alternatives(self, depth: int) -> list[Instruction]:
        if depth > _MAX_DEPTH:
            raise pattern_fault("括号嵌套太深", "its brackets nest too deeply")
        code = self.sequence(depth)
        while self.peek() == "|":
            self.at += 1
            other = self.sequence(depth)
            code = self.check(
                [
                    (SPLIT, 1, len(code) + 2),
                    *_shift(code, 1),
                    (JUMP, len(code) + len(other) + 2, None),
                    *_shift(other, len(code) + 2),
                ]
            )
        return code

    def sequence(self, depth: int) -> list[Instruction]:
        code: list[Instruction] = []
        while self.peek() and self.peek() not in "|)":
            piece = self.repeat(self.atom(depth))
            code = self.check([*code, *_shift(piece, len(code))])
        return code

    def check(self, code: list[Instruction]) -> list[Instruction]:
        if len(code) > MAX_PROGRAM:
            raise pattern_fault("重复次数太多", "it repeats too much")
        return code

    def atom(self, depth: int) -> list[Instruction]:
        sign = self.take()
        if sign == "(":
            return self.group(depth)
        if sign == "[":
            return self.one(self.char_class())
        if sign == "\\":
            return self.one(self.escape())
        if sign == ".":
            return self.one(any_sign("s" in self.flags))
        if sign in "^$":
            return [(ASSERT, self.assertion(sign), None)]
        if sign in "*+?{}]":
            raise pattern_fault(f"“{sign}”的位置不对", f"“{sign}” is out of place")
        return self.one(literal(sign))

    def one(self, test: Class) -> list[Instruction]:
        if "i" in self.flags:
            inner = test

            def test(sign: str) -> bool:
                return inner(sign) or inner(sign.lower()) or inner(sign.upper())

        return [(CHAR, test, None)]

    def escape(self) -> Class:
        sign = self.take()
        name = ""
        if sign in "pP":
            end = self.text.find("}", self.at)
            if self.peek() != "{" or end < 0:
                raise pattern_fault("\\p 后面要写 {类别}", "\\p needs a {category}")
            name, self.at = self.text[self.at + 1 : end], end + 1
        found = escape(sign, name)
        if found is None:
            raise pattern_fault(f"不支持“\\{sign}”", f"“\\{sign}” is not supported")
        return found

    def assertion(self, sign: str) -> Callable[[str, int], bool]:
        lines = "m" in self.flags
        if sign == "^":
            return lambda text, place: place == 0 or (lines and text[place - 1] == "\n")
        return lambda text, place: place == len(text) or (lines and text[place] == "\n")

    def group(self, depth: int) -> list[Instruction]:
        number = 0
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.peek() == "?":
            raise pattern_fault(
                "不支持“(?”开头的写法", "groups starting with “(?” are not supported"
            )
        else:
            self.groups += 1
            number = self.groups
        code = self.alternatives(depth + 1)
        if self.peek() != ")":
            raise pattern_fault("缺少右括号", "a closing bracket is missing")
        self.at += 1
        if not number:
            return code
        return [(SAVE, 2 * number, None), *_shift(code, 1), (SAVE, 2 * number + 1, None)]

    def repeat(self, code: list[Instruction]) -> list[Instruction]:
        """Return the atom with the quantifier that follows it."""
        bounds = self.quantifier()
        if bounds is None:
            return code
        least, most = bounds
        lazy = self.peek() == "?"
        self.at += lazy
        if self.peek() and self.peek() in "*+?{":
            raise pattern_fault("重复了重复", "a repetition of a repetition")
        copies = most if most is not None else least + 1
        if copies * (len(code) + 1) > MAX_PROGRAM:
            raise pattern_fault("重复次数太多", "it repeats too much")
        return _repeat(code, least, most, lazy)

    def quantifier(self) -> tuple[int, int | None] | None:
        sign = self.peek()
        if sign not in ("*", "+", "?", "{"):
            return None
        self.at += 1
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at : max(end, self.at)].partition(",")
        self.at = end + 1
        if end < 0 or not low.isdecimal() or len(low + high) > 8 or (high and not high.isdecimal()):
            raise pattern_fault("{} 里要写次数", "{} needs a number of times")
        least = int(low)
        most = int(high) if high else None if comma else least
        if most is not None and most < least:
            raise pattern_fault("{} 里的次数前大后小", "the numbers in {} are in the wrong order")
        return least, most

    def char_class(self) -> Class:
        """`[a-z]`, `[^a-z]`, `[a-z-[aeiou]]`; the opening bracket is already taken."""
        negated = self.peek() == "^"
        self.at += negated
        ranges: list[tuple[str, str]] = []
        classes: list[Class] = []
        without: Class | None = None
        while self.peek() != "]":
            if self.text.startswith("-[", self.at) and (ranges or classes):
                self.at += 2
                without = self.char_class()
                break
            self.member(ranges, classes)
        if self.take() != "]" or not (ranges or classes):
            raise pattern_fault("[] 里是空的", "[] is empty")
        return members(ranges, classes, negated, without)

    def member(self, ranges: list[tuple[str, str]], classes: list[Class]) -> None:
        sign = self.take()
        if sign == "[":
            raise pattern_fault("[] 里的“[”要写成“\\[”", "inside [], write “\\[” for “[”")
        if sign == "\\":
            if self.peek() not in _PLAIN_ESCAPES:
                classes.append(self.escape())
                return
            sign = _PLAIN_ESCAPES[self.take()]
        last = sign
        if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", "[", ""):
            self.at += 1
            last = self.take()
            if last == "\\":
                last = _PLAIN_ESCAPES.get(self.take(), "")
            if last < sign:
                raise pattern_fault("[] 里的区间前大后小", "a range in [] is in the wrong order")
        ranges.append((sign, last))


_PLAIN_ESCAPES = {sign: sign for sign in "\\|.?*+(){}[]^$-/\"'&~#@!%,:;<>= `"}
_PLAIN_ESCAPES |= {"n": "\n", "r": "\r", "t": "\t"}


def _repeat(code: list[Instruction], least: int, most: int | None, lazy: bool) -> list[Instruction]:
    result: list[Instruction] = []
    for _ in range(least):
        result += _shift(code, len(result))
    if most is None:
        start = len(result)
        end = start + len(code) + 2
        result += [_split(start + 1, end, lazy), *_shift(code, start + 1), (JUMP, start, None)]
        return result
    end = len(result) + (most - least) * (len(code) + 1)
    for _ in range(most - least):
        start = len(result)
        result += [_split(start + 1, end, lazy), *_shift(code, start + 1)]
    return result


def _split(inside: int, beyond: int, lazy: bool) -> Instruction:
    return (SPLIT, beyond, inside) if lazy else (SPLIT, inside, beyond)
