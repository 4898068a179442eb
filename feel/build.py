"""Build nodes as the grammar recognises them, so that no tree is ever walked recursively."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lark import Token, Transformer

from feel import temporal
from feel.faults import SyntaxFault
from feel.syntax import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    InstanceOf,
    Iteration,
    ListOf,
    Literal,
    Membership,
    Name,
    Negate,
    Or,
    Path,
    Quantified,
    RangeOf,
    SyntaxNode,
    Test,
    UnaryTests,
)
from feel.text import Text
from feel.values import INT_BOUND, NUMBERS, Value

_CONSTANTS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class SyntaxBuilder(Transformer[Token, Any]):
    """One method per alias of grammar.lark; each gets the finished parts."""

    def either(self, parts: list[SyntaxNode]) -> SyntaxNode:
        return Or(parts[0].pos, tuple(parts))

    def both(self, parts: list[SyntaxNode]) -> SyntaxNode:
        return And(parts[0].pos, tuple(parts))

    def compare_op(self, parts: list[Token]) -> Token:
        return parts[0]

    sum_op = product_op = power_op = range_close = compare_op

    def compare(self, parts: list[Any]) -> SyntaxNode:
        left, op, right = parts
        return Compare(op.start_pos, str(op), left, right)

    def between(self, parts: list[SyntaxNode]) -> SyntaxNode:
        return Between(parts[0].pos, *parts)

    def in_value(self, parts: list[SyntaxNode]) -> SyntaxNode:
        value, target = parts
        return Membership(value.pos, value, (Test(target.pos, "", target),))

    def in_tests(self, parts: list[Any]) -> SyntaxNode:
        value, test = parts
        return Membership(value.pos, value, (test,))

    def in_list(self, parts: list[Any]) -> SyntaxNode:
        value, tests = parts
        return Membership(value.pos, value, tests)

    def test_list(self, parts: list[Test]) -> tuple[Test, ...]:
        return tuple(parts)

    def value_test(self, parts: list[SyntaxNode]) -> Test:
        return Test(parts[0].pos, "", parts[0])

    def operator_test(self, parts: list[Any]) -> Test:
        op, value = parts
        return Test(op.start_pos, str(op), value)

    def arithmetic(self, parts: list[Any]) -> SyntaxNode:
        pairs = tuple((str(op), node) for op, node in zip(parts[1::2], parts[2::2], strict=True))
        return Arithmetic(parts[1].start_pos, parts[0], pairs)

    def negate(self, parts: list[Any]) -> SyntaxNode:
        minus, operand = parts
        if isinstance(operand, Literal) and type(operand.value) is int:
            return Literal(minus.start_pos, -operand.value)
        if isinstance(operand, Literal) and type(operand.value) is Decimal:
            return Literal(minus.start_pos, operand.value.copy_negate())
        return Negate(minus.start_pos, operand)

    def path(self, parts: list[Any]) -> SyntaxNode:
        base, key = parts
        return Path(key.start_pos, base, str(key))

    def filter(self, parts: list[SyntaxNode]) -> SyntaxNode:
        return Filter(parts[0].pos, *parts)

    def call(self, parts: list[Any]) -> SyntaxNode:
        target, *rest = parts
        arguments, names = rest[0] if rest else ((), ())
        return Call(target.pos, target, arguments, names)

    def positional(self, parts: list[SyntaxNode]) -> tuple[tuple[SyntaxNode, ...], tuple[str, ...]]:
        return tuple(parts), ()

    def by_name(
        self, parts: list[tuple[str, SyntaxNode]]
    ) -> tuple[tuple[SyntaxNode, ...], tuple[str, ...]]:
        return tuple(node for _, node in parts), tuple(name for name, _ in parts)

    def named_argument(self, parts: list[Any]) -> tuple[str, SyntaxNode]:
        return str(parts[0]), parts[1]

    def instance_of(self, parts: list[Any]) -> SyntaxNode:
        value, kind = parts
        return InstanceOf(value.pos, value, re.sub(r"\s+", " ", str(kind)))

    def number(self, parts: list[Token]) -> SyntaxNode:
        return Literal(parts[0].start_pos or 0, _number(parts[0]))

    def string(self, parts: list[Token]) -> SyntaxNode:
        return Literal(parts[0].start_pos or 0, unquote(parts[0]))

    def at(self, parts: list[Token]) -> SyntaxNode:
        text = unquote(parts[0][1:])
        value = temporal.parse_any(text)
        if value is None:
            raise SyntaxFault(
                Text(
                    f"“{text}”不是日期、时间或时长，例如 2026-03-01、PT4H。",
                    f"“{text}” is no date, time or duration such as 2026-03-01 or PT4H.",
                ),
                position=parts[0].start_pos,
            )
        return Literal(parts[0].start_pos or 0, value)

    def constant(self, parts: list[Token]) -> SyntaxNode:
        return Literal(parts[0].start_pos or 0, _CONSTANTS[parts[0]])

    def name(self, parts: list[Token]) -> SyntaxNode:
        return Name(parts[0].start_pos or 0, str(parts[0]))

    def parenthesis(self, parts: list[SyntaxNode]) -> SyntaxNode:
        return parts[0]

    def range_from(self, parts: list[Any]) -> SyntaxNode:
        low, high, close = parts
        return RangeOf(low.pos, low, high, True, str(close) == "]")

    def range_after(self, parts: list[Any]) -> SyntaxNode:
        low, high, close = parts[-3:]
        return RangeOf(low.pos, low, high, False, str(close) == "]")

    def list_of(self, parts: list[Any]) -> SyntaxNode:
        items = tuple(part for part in parts if part is not None)
        return ListOf(items[0].pos if items else 0, items)

    def context(self, parts: list[Any]) -> SyntaxNode:
        brace, *entries = parts
        return ContextOf(brace.start_pos, tuple(entry for entry in entries if entry))

    def entry(self, parts: list[Any]) -> tuple[str, SyntaxNode]:
        key, value = parts
        return (unquote(key) if key.type == "STRING" else str(key)), value

    def conditional(self, parts: list[Any]) -> SyntaxNode:
        word, condition, yes, no = parts
        return If(word.start_pos, condition, yes, no)

    def loop(self, parts: list[Any]) -> SyntaxNode:
        word, rounds, body = parts
        return For(word.start_pos, rounds, body)

    def quantified_expression(self, parts: list[Any]) -> SyntaxNode:
        word, rounds, body = parts
        return Quantified(word.start_pos, word == "every", rounds, body)

    def function(self, parts: list[Any]) -> SyntaxNode:
        word, *parameters, body = parts
        return FunctionOf(word.start_pos, tuple(name for name in parameters if name), body)

    def parameter(self, parts: list[Any]) -> str:
        return str(parts[0])

    def rounds(self, parts: list[Iteration]) -> tuple[Iteration, ...]:
        return tuple(parts)

    def round(self, parts: list[Any]) -> Iteration:
        name, source, end = parts
        return Iteration(name.start_pos, str(name), source, end)

    def negation(self, parts: list[Test]) -> SyntaxNode:
        return UnaryTests(0, tuple(parts), True)

    def positive(self, parts: list[Test]) -> SyntaxNode:
        return UnaryTests(0, tuple(parts), False)


def _number(digits: str) -> Value:
    if digits.isdigit() and len(digits) <= 34:
        value = int(digits)
        return value if abs(value) < INT_BOUND else NUMBERS.create_decimal(value)
    try:
        return NUMBERS.create_decimal(digits)
    except ArithmeticError:
        raise SyntaxFault(
            Text("这个数字太大。", "This number is too large."),
            position=getattr(digits, "start_pos", None),
        ) from None


def unquote(token: str) -> str:
    """Return the text inside the quotes, with its escapes resolved."""
    inner = token[1:-1]
    if "\\" not in inner:
        return inner
    return _SURROGATES.sub(_join_pair, _ESCAPE.sub(_unescape, inner))


def _unescape(found: re.Match[str]) -> str:
    code = found.group(1)
    if code[0] in "uU" and len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point < 0x110000 else found.group()
    if code in _ESCAPES:
        return _ESCAPES[code]
    # An unknown escape stays as typed: regular expressions are full of them.
    return code if code in "\"'\\" else found.group()


def _join_pair(found: re.Match[str]) -> str:
    return found.group().encode("utf-16", "surrogatepass").decode("utf-16")
