"""From text to nodes: the grammar, its tokens and the words for what it does not accept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import Any, cast

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, VisitError
from lark.lexer import Lexer

from feel import hints
from feel.build import SyntaxBuilder
from feel.faults import FeelError, LimitReached, SyntaxFault
from feel.limits import MAX_NESTING, MAX_TEXT
from feel.syntax import Literal, SyntaxNode, Test, UnaryTests, depth
from feel.text import Text
from feel.tokens import tokenize

_ANYTHING = ("", "-")
_TEXT = re.compile(r'"[^"\\]*"')
_TEXTS = re.compile(r'\s*"[^"\\]*"\s*(?:,\s*"[^"\\]*"\s*)*')
_WHOLE = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def parse_expression(text: str, names: Collection[str] = ()) -> SyntaxNode:
    """Parse one expression. Raises SyntaxFault or LimitReached."""
    if len(constants := _constants(text)) == 1:
        return constants[0]
    return _parse(text, names, start="expression")


def parse_tests(text: str, names: Collection[str] = ()) -> UnaryTests:
    """Parse the cell of a decision table; empty and `-` match everything."""
    if text.strip() in _ANYTHING:
        return UnaryTests(0, (), False)
    if constants := _constants(text):
        return UnaryTests(0, tuple(Test(node.pos, "", node) for node in constants), False)
    node = _parse(text, names, start="tests")
    assert isinstance(node, UnaryTests)
    return node


def _constants(text: str) -> list[Literal]:
    """Return the texts of `"a", "b"` or the number of `15`, which most cells are: no need to
    parse.
    """
    if len(text) > MAX_TEXT:
        return []
    if _WHOLE.fullmatch(text):
        return [Literal(0, int(text))]
    if not _TEXTS.fullmatch(text):
        return []
    return [Literal(found.start(), found.group()[1:-1]) for found in _TEXT.finditer(text)]


def _parse(text: str, names: Collection[str], start: str) -> SyntaxNode:
    try:
        tokens = tokenize(text, names, unary=start == "tests")
        if not tokens:
            raise SyntaxFault(Text("这里缺少表达式。", "There is no expression here."), source=text)
        node = cast(SyntaxNode, _grammar().parse(cast(Any, tokens), start=start))
    except UnexpectedInput as error:
        raise _unexpected(error, text, tokens) from None
    except VisitError as error:
        cause = error.orig_exc
        raise (cause if isinstance(cause, FeelError) else error).locate(text) from None  # type: ignore[union-attr]
    except FeelError as error:
        raise error.locate(text) from None
    # No node without a token of its own: short texts cannot nest deeply.
    if len(tokens) > MAX_NESTING and depth(node, MAX_NESTING) > MAX_NESTING:
        raise LimitReached(
            Text(
                f"表达式嵌套太深，最多 {MAX_NESTING} 层。",
                f"The expression nests too deeply, at most {MAX_NESTING} levels.",
            ),
            source=text,
        )
    return node


class _Ready(Lexer):
    """Hands lark the tokens that are already cut."""

    def __init__(self, conf: object) -> None:
        pass

    def lex(self, tokens: list[Token]) -> Iterator[Token]:  # type: ignore[override]
        return iter(tokens)


@cache
def _grammar() -> Lark:
    text = FilePath(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer=_Ready,
        start=["expression", "tests"],
        transformer=SyntaxBuilder(),
    )


def _unexpected(error: UnexpectedInput, text: str, tokens: list[Token]) -> SyntaxFault:
    token = getattr(error, "token", None)
    if token is None or token.type == "$END":
        return SyntaxFault(
            Text("表达式没有写完。", "The expression is not finished."),
            source=text,
            position=len(text),
        )
    index = next((i for i, each in enumerate(tokens) if each is token), 0)
    previous = str(tokens[index - 1]) if index else ""
    reason = hints.for_unexpected(previous, str(token)) or _reason(previous, token)
    return SyntaxFault(reason, source=text, position=token.start_pos)


def _reason(previous: str, token: Token) -> Text:
    if not previous:
        return Text(f"表达式不能以“{token}”开头。", f"An expression cannot start with “{token}”.")
    return Text(
        f"“{previous}”后面不能是“{token}”，可能少了运算符、逗号或括号。",
        f"“{token}” cannot follow “{previous}”; an operator, comma or bracket may be missing.",
    )
