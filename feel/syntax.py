"""The parsed form of an expression: plain nodes, each knowing its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from feel.values import Value


@dataclass(frozen=True, slots=True)
class SyntaxNode:
    pos: int


@dataclass(frozen=True, slots=True)
class Literal(SyntaxNode):
    value: Value


@dataclass(frozen=True, slots=True)
class Name(SyntaxNode):
    name: str


@dataclass(frozen=True, slots=True)
class Path(SyntaxNode):
    base: SyntaxNode
    key: str


@dataclass(frozen=True, slots=True)
class Filter(SyntaxNode):
    base: SyntaxNode
    condition: SyntaxNode


@dataclass(frozen=True, slots=True)
class Call(SyntaxNode):
    target: SyntaxNode
    arguments: tuple[SyntaxNode, ...]
    names: tuple[str, ...]
    """Parameter names when the call is `f(a: 1)`, else empty."""


@dataclass(frozen=True, slots=True)
class Negate(SyntaxNode):
    operand: SyntaxNode


@dataclass(frozen=True, slots=True)
class Arithmetic(SyntaxNode):
    """`first op second op third`, all of one precedence, from the left."""

    first: SyntaxNode
    rest: tuple[tuple[str, SyntaxNode], ...]


@dataclass(frozen=True, slots=True)
class Compare(SyntaxNode):
    op: str
    left: SyntaxNode
    right: SyntaxNode


@dataclass(frozen=True, slots=True)
class Between(SyntaxNode):
    value: SyntaxNode
    low: SyntaxNode
    high: SyntaxNode


@dataclass(frozen=True, slots=True)
class Membership(SyntaxNode):
    """`value in test` or `value in (test, test)`."""

    value: SyntaxNode
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class And(SyntaxNode):
    items: tuple[SyntaxNode, ...]


@dataclass(frozen=True, slots=True)
class Or(SyntaxNode):
    items: tuple[SyntaxNode, ...]


@dataclass(frozen=True, slots=True)
class If(SyntaxNode):
    condition: SyntaxNode
    yes: SyntaxNode
    no: SyntaxNode


@dataclass(frozen=True, slots=True)
class Iteration(SyntaxNode):
    """`name in source` or `name in source..end`."""

    name: str
    source: SyntaxNode
    end: SyntaxNode | None


@dataclass(frozen=True, slots=True)
class For(SyntaxNode):
    iterators: tuple[Iteration, ...]
    body: SyntaxNode


@dataclass(frozen=True, slots=True)
class Quantified(SyntaxNode):
    every: bool
    iterators: tuple[Iteration, ...]
    body: SyntaxNode


@dataclass(frozen=True, slots=True)
class ListOf(SyntaxNode):
    items: tuple[SyntaxNode, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(SyntaxNode):
    entries: tuple[tuple[str, SyntaxNode], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(SyntaxNode):
    low: SyntaxNode
    high: SyntaxNode
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class FunctionOf(SyntaxNode):
    parameters: tuple[str, ...]
    body: SyntaxNode


@dataclass(frozen=True, slots=True)
class InstanceOf(SyntaxNode):
    value: SyntaxNode
    type: str


@dataclass(frozen=True, slots=True)
class Test(SyntaxNode):
    """One test against an input: `op` is a comparison, or empty for a value or a condition."""

    op: str
    value: SyntaxNode


@dataclass(frozen=True, slots=True)
class UnaryTests(SyntaxNode):
    """A cell: no tests at all means that everything matches."""

    tests: tuple[Test, ...]
    negated: bool


def children(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Yield the nodes directly below."""
    for field in fields(node):
        yield from _nodes_in(getattr(node, field.name))


def _nodes_in(part: object) -> Iterator[SyntaxNode]:
    if isinstance(part, SyntaxNode):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            if isinstance(item, SyntaxNode):
                yield item
            elif isinstance(item, tuple):
                yield from (each for each in item if isinstance(each, SyntaxNode))


def depth(root: SyntaxNode, ceiling: int) -> int:
    """Return how deep the nodes nest; stops counting just above the ceiling."""
    level, row = 0, [root]
    while row and level <= ceiling:
        level += 1
        row = [child for node in row for child in children(node)]
    return level


def walk(root: SyntaxNode) -> Iterator[SyntaxNode]:
    """Yield the node and everything below it, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))
