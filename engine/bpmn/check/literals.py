"""Which names an expression compares with which texts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from feel.syntax import (
    Call,
    Compare,
    Filter,
    For,
    FunctionOf,
    ListOf,
    Literal,
    Membership,
    Name,
    Quantified,
    SyntaxNode,
    children,
)  # fmt: skip

# What stands inside of these may be a name of their own.
_NAMING = (Filter, For, FunctionOf, Quantified)


def comparisons(root: SyntaxNode) -> Iterator[tuple[str, str]]:
    """Yield the names that stand beside a text as its equal, without those of inner names."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, _NAMING):
            continue
        stack += children(node)
        for left, right in _pairs(node):
            if isinstance(left, Literal):
                left, right = right, left
            if not isinstance(left, Name) or not isinstance(right, Literal):
                continue
            if isinstance(right.value, str):
                yield left.name, right.value


def _pairs(node: SyntaxNode) -> Iterator[tuple[SyntaxNode, SyntaxNode]]:
    if isinstance(node, Compare) and node.op in ("=", "!="):
        yield node.left, node.right
    elif isinstance(node, Membership):
        for test in node.tests:
            items = test.value.items if isinstance(test.value, ListOf) else (test.value,)
            if test.op in ("", "="):
                yield from ((node.value, item) for item in items)
    elif isinstance(node, Call) and _looks_up(node) and len(node.arguments) == 2:
        yield node.arguments[0], node.arguments[1]


def _looks_up(call: Call) -> bool:
    return isinstance(call.target, Name) and call.target.name == "list contains"
