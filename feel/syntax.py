"""The parsed form of an expression: plain nodes, each knowing its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from feel.values import Value


@dataclass(frozen=True, slots=True)
class Node:
    pos: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    base: Node
    key: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    target: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...]
    """Parameter names when the call is `f(a: 1)`, else empty."""


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`first op second op third`, all of one precedence, from the left."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`value in test` or `value in (test, test)`."""

    value: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Round(Node):
    """`name in source` or `name in source..end`."""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Round, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    iterators: tuple[Round, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: str


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One test against an input: `op` is a comparison, or empty for a value or a condition."""

    op: str
    value: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A cell: no tests at all means that everything matches."""

    tests: tuple[Test, ...]
    negated: bool


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below."""
    for field in fields(node):
        yield from _nodes_in(getattr(node, field.name))


def _nodes_in(part: object) -> Iterator[Node]:
    if isinstance(part, Node):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            if isinstance(item, Node):
                yield item
            elif isinstance(item, tuple):
                yield from (each for each in item if isinstance(each, Node))


def depth(root: Node, ceiling: int) -> int:
    """How deep the nodes nest; stops counting just above the ceiling."""
    level, row = 0, [root]
    while row and level <= ceiling:
        level += 1
        row = [child for node in row for child in children(node)]
    return level


def walk(root: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))
