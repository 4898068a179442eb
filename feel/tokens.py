"""Cut a text of FEEL into tokens, knowing which names with spaces are declared.

FEEL lets names contain spaces and even operators (`Full Name`, `Approved/Declined`). No two
operands ever stand side by side in FEEL, so neighbouring words are always one name; only names
with keywords or symbols inside have to be declared, and the longest declared name wins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from lark import Token

from feel import hints
from feel.faults import LimitReached, SyntaxFault
from feel.limits import MAX_BRACKETS, MAX_DIGITS, MAX_TEXT
from feel.text import Text

KEYWORDS = {
    "or": "_OR",
    "and": "_AND",
    "between": "_BETWEEN",
    "in": "_IN",
    "true": "TRUE",
    "false": "FALSE",
    "null": "NULL",
    "if": "IF",
    "then": "_THEN",
    "else": "_ELSE",
    "for": "FOR",
    "return": "_RETURN",
    "some": "SOME",
    "every": "EVERY",
    "satisfies": "_SATISFIES",
    "function": "FUNCTION",
}

_SYMBOLS = {
    "..": "_DOTS",
    "**": "POWER",
    "!=": "NE",
    "<=": "LE",
    ">=": "GE",
    "<": "LT",
    ">": "GT",
    "=": "EQ",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    ".": "_DOT",
    ",": "_COMMA",
    ":": "_COLON",
    "(": "_LPAR",
    ")": "_RPAR",
    "[": "_LSQB",
    "]": "_RSQB",
    "{": "LBRACE",
    "}": "_RBRACE",
}

_OPERAND_ENDS = frozenset(
    {
        "NAME", "NUMBER", "STRING", "AT", "TRUE", "FALSE", "NULL", "TYPE", "_RPAR", "_RSQB",
        "_RBRACE", "CLOSE",
    }
)  # fmt: skip
_OPERAND_STARTS = frozenset(
    {
        "NAME", "NUMBER", "STRING", "AT", "TRUE", "FALSE", "NULL", "_LPAR", "_LSQB", "LBRACE",
        "MINUS", "OPEN", "IF", "FOR", "SOME", "EVERY", "FUNCTION",
    }
)  # fmt: skip
_BUILT_IN_NAMES = re.compile(
    r"(date\s+and\s+time|(?:years\s+and\s+months|days\s+and\s+time)\s+duration)(?=\s*\()"
)

_INFIX = frozenset(
    word for word, kind in KEYWORDS.items() if kind.startswith("_")
)  # between operands only: where an operand is wanted, such a word can be an entry's name
_KEY_PLACES = frozenset({"LBRACE", "_COMMA", "_LPAR"})
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(r"(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_WORD = re.compile(r"[^\W\d][\w·]*")
_COLON = re.compile(r"\s*:")
_MORE_WORDS = re.compile(r"\s+(\w[\w·]*)")
_SYMBOL = re.compile("|".join(map(re.escape, _SYMBOLS)))
_INSTANCE_OF = re.compile(r"instance\s+of\b\s*")
_TYPE = re.compile(
    r"date\s+and\s+time|(?:years\s+and\s+months|days\s+and\s+time)\s+duration|\w+(?:\s*<[^<>]*"
    r"(?:<[^<>]*>[^<>]*)*>)?(?:\s*->\s*\w+)?"
)


def tokenize(text: str, names: Collection[str] = (), *, unary: bool = False) -> list[Token]:
    """Cut the text into tokens for the grammar.

    Raises SyntaxFault where no token fits and LimitReached when the text is too long or opens
    too many brackets.
    """
    if len(text) > MAX_TEXT:
        raise LimitReached(
            Text(
                f"表达式太长：{len(text)} 个字，最多 {MAX_TEXT} 个。",
                f"The expression is too long: {len(text)} characters, at most {MAX_TEXT}.",
            )
        )
    tokens = list(_Scanner(text, _declared(frozenset(names))).scan())
    _settle_brackets(tokens, text)
    if unary:
        _mark_negated_tests(tokens)
    return tokens


@lru_cache(maxsize=256)
def _declared(names: frozenset[str]) -> re.Pattern[str] | None:
    """Return one pattern for the declared names that are more than a single word."""
    odd = sorted((n for n in names if n.strip() and not _WORD.fullmatch(n)), key=len, reverse=True)
    if not odd:
        return None
    forms = (r"\s+".join(map(re.escape, name.split())) for name in odd)
    return re.compile("|".join(f"{form}(?!\\w)" for form in forms))


class _Scanner:
    def __init__(self, text: str, names: re.Pattern[str] | None) -> None:
        self.text = text
        self.names = names
        self.at = 0
        self.last = ""
        self.keys: set[str] = set()  # keywords that this text uses as names of entries

    def scan(self) -> Iterator[Token]:
        while self.at < len(self.text):
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
                continue
            token = self.next_token()
            self.last = token.type
            yield token

    def next_token(self) -> Token:
        text, at = self.text, self.at
        hints.refuse_open_comment(text, at)
        hints.refuse_foreign(text, at, after_operand=self.last in _OPERAND_ENDS)
        if self.last == "_INSTANCE_OF" and (found := _TYPE.match(text, at)):
            return self.take("TYPE", found.group())
        if self.may_start_name() and (name := self.declared_name()):
            return name
        if word := _WORD.match(text, at):
            return self.word(word)
        if text[at] == "?":
            return self.take("NAME", "?")
        if found := _NUMBER.match(text, at):
            hints.refuse_thousands(text, at)
            return self.number(found.group())
        if text[at] == '"' or text.startswith('@"', at):
            return self.string()
        if found := _SYMBOL.match(text, at):
            return self.take(_SYMBOLS[found.group()], found.group())
        raise SyntaxFault(
            Text(f"不认识的符号“{text[at]}”。", f"“{text[at]}” means nothing in FEEL."),
            source=text,
            position=at,
        )

    def take(self, kind: str, value: str) -> Token:
        token = Token(kind, value, start_pos=self.at)
        self.at += len(value)
        return token

    def may_start_name(self) -> bool:
        return self.last not in _OPERAND_ENDS

    def declared_name(self) -> Token | None:
        """Return a declared name with spaces or symbols, or a built-in name with a keyword
        inside.
        """
        found = self.names.match(self.text, self.at) if self.names else None
        found = found or (
            _BUILT_IN_NAMES.match(self.text, self.at) if self.last != "_DOT" else None
        )
        if not found:
            return None
        token = Token("NAME", " ".join(found.group().split()), start_pos=self.at)
        self.at = found.end()
        return token

    def word(self, word: re.Match[str]) -> Token:
        first = word.group()
        if first in KEYWORDS and self.last != "_DOT":
            kind = "NAME" if self.is_name(first, word.end()) else KEYWORDS[first]
            return self.take(kind, first)
        if found := _INSTANCE_OF.match(self.text, self.at):
            return self.take("_INSTANCE_OF", found.group())
        start, words, end = self.at, [first], word.end()
        while first != "not" and (more := _MORE_WORDS.match(self.text, end)):
            if more.group(1) in KEYWORDS or _INSTANCE_OF.match(self.text, more.start(1)):
                break
            words.append(more.group(1))
            end = more.end()
        self.at = end
        hints.refuse_foreign_name(self.text, start, words)
        return Token("NAME", " ".join(words), start_pos=start)

    def is_name(self, keyword: str, end: int) -> bool:
        """Return whether a keyword names an entry of a context, as in `{in: 1}` and `in.tags`."""
        if self.last in _KEY_PLACES and _COLON.match(self.text, end):
            self.keys.add(keyword)
            return True
        if keyword not in _INFIX or self.last in _OPERAND_ENDS:
            return False
        return keyword in self.keys or self.text.startswith(".", end)

    def number(self, digits: str) -> Token:
        if len(digits) > MAX_DIGITS:
            raise LimitReached(
                Text(
                    f"数字太长，最多 {MAX_DIGITS} 位。",
                    f"A number has at most {MAX_DIGITS} digits.",
                ),
                source=self.text,
                position=self.at,
            )
        return self.take("NUMBER", digits)

    def string(self) -> Token:
        sign = 1 if self.text[self.at] == "@" else 0
        found = _STRING.match(self.text, self.at + sign)
        if not found:
            raise SyntaxFault(
                Text("文字缺少结束的双引号。", "This text has no closing double quote."),
                source=self.text,
                position=self.at,
            )
        return self.take("AT" if sign else "STRING", self.text[self.at : found.end()])


def _settle_brackets(tokens: list[Token], text: str) -> None:
    """Distinguish `]1..2[`, the open ends of a range, from lists and filters; bound the nesting."""
    level, before = 0, ""
    for index, token in enumerate(tokens):
        if token.type == "_RSQB" and before not in _OPERAND_ENDS and before != "_LSQB":
            token.type = "OPEN"
        elif token.type == "_LSQB" and before in _OPERAND_ENDS:
            after = tokens[index + 1].type if index + 1 < len(tokens) else ""
            if after not in _OPERAND_STARTS and after != "_RSQB":
                token.type = "CLOSE"
        if token.type in ("_LPAR", "_LSQB", "LBRACE"):
            level += 1
        elif token.type in ("_RPAR", "_RSQB", "_RBRACE"):
            level -= 1
        if level > MAX_BRACKETS:
            raise LimitReached(
                Text(
                    f"括号嵌套太深，最多 {MAX_BRACKETS} 层。",
                    f"Brackets nest too deeply, at most {MAX_BRACKETS}.",
                ),
                source=text,
                position=token.start_pos,
            )
        before = token.type


def _mark_negated_tests(tokens: list[Token]) -> None:
    """`not(...)` around a whole cell negates its tests instead of calling a function."""
    if len(tokens) < 3 or tokens[0] != "not" or tokens[1].type != "_LPAR":
        return
    level = 0
    for index, token in enumerate(tokens[1:], start=1):
        level += (token.type == "_LPAR") - (token.type == "_RPAR")
        if level == 0:
            if index == len(tokens) - 1:
                tokens[0].type = "_NOT_TESTS"
            return
