"""The kinds of values that an expression can come to, and what in it can never come to anything.

Nothing is evaluated. A problem is only told where it is certain: where something is not known
it counts as fitting, and so does a value that may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from feel import signatures
from feel.kinds import ANYTHING, Kind, context_of, joined, list_of, parse_kind, simple
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
from feel.values import kind_of

_BOOLEAN, _NUMBER = simple("boolean"), simple("number")
Kinds = Mapping[str, Kind]


@dataclass(frozen=True)
class Problem:
    """Something that never has a result; `sides` are the nodes that do not fit each other."""

    pos: int
    text: Text
    sides: tuple[tuple[SyntaxNode, Kind], ...] = ()


@dataclass
class Inference:
    """Goes through one expression. `kinds` are those of the variables; others are not known."""

    kinds: Kinds
    problems: list[Problem] = field(default_factory=list)
    scopes: list[Kinds] = field(default_factory=list)

    def of(self, node: SyntaxNode) -> Kind:
        """Return the kind of what a node comes to."""
        return _INFER[type(node)](self, node)

    def within(self, names: Kinds, node: SyntaxNode) -> Kind:
        self.scopes.append(names)
        try:
            return self.of(node)
        finally:
            self.scopes.pop()

    def name(self, node: Name) -> Kind:
        for scope in reversed(self.scopes):
            if node.name in scope:
                return scope[node.name]
            if _OPEN in scope:
                return ANYTHING
        return self.kinds.get(node.name, ANYTHING)

    def problem(self, pos: int, text: Text, *sides: tuple[SyntaxNode, Kind]) -> None:
        self.problems.append(Problem(pos, text, sides))

    def compare(
        self, pos: int, op: str, left: tuple[SyntaxNode, Kind], right: tuple[SyntaxNode, Kind]
    ) -> None:
        """Note a comparison that can never be."""
        a, b = _plain(left[1]), _plain(right[1])
        if not a or not b:
            return
        common = a & b
        if op not in ("=", "!="):
            common &= signatures.ORDERED
        if common:
            return
        x, y = left[1].words, right[1].words
        text = Text(f"{x.zh}与{y.zh}不能比较。", f"{x.en} cannot be compared with {y.en}.")
        if a & b:
            text = Text(f"{x.zh}没有先后大小。", f"{x.en} has no order.")
        self.problem(pos, text, left, right)

    def condition(self, node: SyntaxNode) -> None:
        """Note what is used as a condition and is none."""
        names = _plain(self.of(node))
        if names and "boolean" not in names:
            words = simple(*names).words
            text = Text(
                f"这里需要“是/否”，得到的是{words.zh}。",
                f"A condition is needed here, not {words.en}.",
            )
            self.problem(node.pos, text)

    def test(self, value: tuple[SyntaxNode, Kind], test: Test) -> None:
        """Note a test that the value can never pass because of its kind."""
        node, kind = test.value, self.of(test.value)
        if test.op:
            self.compare(test.pos, test.op, value, (node, kind))
            return
        if isinstance(node, ListOf):
            for item in node.items:
                self.test(value, Test(item.pos, "", item))
            return
        names = _plain(kind)
        if names & {"list", "boolean"} or not names:
            # A list that contains it, or a condition of its own.
            return
        if names == {"range"}:
            self.compare(test.pos, "<", value, (node, kind.item or ANYTHING))
        else:
            self.compare(test.pos, "=", value, (node, kind))


_OPEN = ""
"""Stands in a scope whose names are not all known."""


def infer(node: SyntaxNode, kinds: Kinds) -> tuple[Kind, list[Problem]]:
    """Return the kind of an expression over variables of these kinds, and its problems."""
    inference = Inference(kinds)
    return inference.of(node), inference.problems


def infer_tests(node: UnaryTests, subject: Kind, kinds: Kinds) -> list[Problem]:
    """Return the problems of a cell whose column is of this kind."""
    inference = Inference({**kinds, "?": subject})
    inference.of(node)
    return inference.problems


def _plain(kind: Kind) -> frozenset[str]:
    """Return the names without null: what is missing can be compared with anything."""
    return kind.names - {"null"}


def _literal(inference: Inference, node: Literal) -> Kind:
    return simple(kind_of(node.value))


def _path(inference: Inference, node: Path) -> Kind:
    return _part(inference, node, inference.of(node.base))


def _part(inference: Inference, node: Path, base: Kind) -> Kind:
    names, key = _plain(base), node.key
    if not names or "context" in names:
        return base.entry(key) or ANYTHING if names == {"context"} else ANYTHING
    if names == {"list"}:
        return list_of(_part(inference, node, base.item or ANYTHING))
    if names & {"list", "range", "function"}:
        return ANYTHING
    found = [simple(signatures.PARTS[n][key]) for n in names if key in signatures.PARTS.get(n, {})]
    if not found:
        words = base.words
        text = Text(f"{words.zh}没有“{key}”这一项。", f"{words.en} has no “{key}”.")
        inference.problem(node.pos, text, (node.base, base))
    return joined(found)


def _filter(inference: Inference, node: Filter) -> Kind:
    base = inference.of(node.base)
    names = _plain(base)
    item = (base.item or ANYTHING) if names == {"list"} else ANYTHING if "list" in names else base
    inner: dict[str, Kind] = dict(item.entries)
    if not _plain(item) or ("context" in _plain(item) and not item.entries):
        inner[_OPEN] = ANYTHING
    inner.setdefault("item", item)
    condition = inference.within(inner, node.condition)
    if _plain(condition) == {"number"}:
        return item
    if _plain(condition) == {"boolean"}:
        return list_of(item)
    return ANYTHING


def _call(inference: Inference, node: Call) -> Kind:
    given = [inference.of(argument) for argument in node.arguments]
    if not isinstance(node.target, Name):
        inference.of(node.target)
        return ANYTHING
    name = node.target.name
    if name in signatures.SAME and given:
        return given[0]
    if name in signatures.ITEMS and given:
        one = given[0]
        return (
            (one.item or ANYTHING) if len(given) == 1 and one.names == {"list"} else joined(given)
        )
    if name not in signatures.FUNCTIONS:
        return ANYTHING
    takes, gives = signatures.FUNCTIONS[name]
    if not node.names:
        _check_arguments(inference, node, name, given, takes)
    return parse_kind(gives)


def _check_arguments(
    inference: Inference, node: Call, name: str, given: list[Kind], takes: signatures.Takes
) -> None:
    for argument, kind, wanted in zip(node.arguments, given, takes, strict=False):
        names = _plain(kind)
        if wanted and names and not names & set(wanted):
            want, got = simple(*wanted).words, kind.words
            text = Text(
                f"{name}：需要{want.zh}，得到{got.zh}。", f"{name} needs {want.en}, not {got.en}."
            )
            inference.problem(argument.pos, text, (argument, kind))


def _negate(inference: Inference, node: Negate) -> Kind:
    return inference.of(node.operand)


def _arithmetic(inference: Inference, node: Arithmetic) -> Kind:
    left = (node.first, inference.of(node.first))
    for op, operand in node.rest:
        right = (operand, inference.of(operand))
        left = (node, _result(inference, node.pos, op, left, right))
    return left[1]


def _result(
    inference: Inference,
    pos: int,
    op: str,
    left: tuple[SyntaxNode, Kind],
    right: tuple[SyntaxNode, Kind],
) -> Kind:
    a, b = _plain(left[1]), _plain(right[1])
    found = {
        kind
        for (x, y), kind in signatures.OPERATORS[op].items()
        if (not a or x in a) and (not b or y in b)
    }
    if found and (a or b):
        return simple(*found)
    if not found:
        x, y = left[1].words, right[1].words
        text = Text(
            f"{x.zh}与{y.zh}不能用“{op}”计算。", f"“{op}” does not work on {x.en} and {y.en}."
        )
        inference.problem(pos, text, left, right)
    return ANYTHING


def _compare(inference: Inference, node: Compare) -> Kind:
    left, right = inference.of(node.left), inference.of(node.right)
    inference.compare(node.pos, node.op, (node.left, left), (node.right, right))
    return _BOOLEAN


def _between(inference: Inference, node: Between) -> Kind:
    value = (node.value, inference.of(node.value))
    for end in (node.low, node.high):
        inference.compare(node.pos, "<", value, (end, inference.of(end)))
    return _BOOLEAN


def _membership(inference: Inference, node: Membership) -> Kind:
    value = (node.value, inference.of(node.value))
    for test in node.tests:
        inference.test(value, test)
    return _BOOLEAN


def _unary(inference: Inference, node: UnaryTests) -> Kind:
    subject = Name(node.pos, "?")
    for test in node.tests:
        inference.test((subject, inference.of(subject)), test)
    return _BOOLEAN


def _logic(inference: Inference, node: And | Or) -> Kind:
    for item in node.items:
        inference.condition(item)
    return _BOOLEAN


def _if(inference: Inference, node: If) -> Kind:
    inference.condition(node.condition)
    return joined((inference.of(node.yes), inference.of(node.no)))


def _rounds(inference: Inference, rounds: tuple[Iteration, ...]) -> None:
    """Open a scope for each name; the caller closes them."""
    for each in rounds:
        source = inference.of(each.source)
        names = _plain(source)
        kind = source
        if each.end is not None:
            inference.of(each.end)
        elif names & {"list", "range"} or not names:
            kind = (source.item or ANYTHING) if names in ({"list"}, {"range"}) else ANYTHING
        inference.scopes.append({each.name: kind})


def _for(inference: Inference, node: For) -> Kind:
    _rounds(inference, node.iterators)
    body = inference.within({"partial": simple("list")}, node.body)
    del inference.scopes[len(inference.scopes) - len(node.iterators) :]
    return list_of(body)


def _quantified(inference: Inference, node: Quantified) -> Kind:
    _rounds(inference, node.iterators)
    inference.condition(node.body)
    del inference.scopes[len(inference.scopes) - len(node.iterators) :]
    return _BOOLEAN


def _list(inference: Inference, node: ListOf) -> Kind:
    return list_of(joined(inference.of(item) for item in node.items))


def _context(inference: Inference, node: ContextOf) -> Kind:
    entries: dict[str, Kind] = {}
    for key, value in node.entries:
        entries[key] = inference.within(dict(entries), value)
    return context_of(entries)


def _range(inference: Inference, node: RangeOf) -> Kind:
    low, high = inference.of(node.low), inference.of(node.high)
    inference.compare(node.pos, "<", (node.low, low), (node.high, high))
    return Kind(frozenset({"range"}), joined((low, high)))


def _function(inference: Inference, node: FunctionOf) -> Kind:
    inference.within(dict.fromkeys(node.parameters, ANYTHING), node.body)
    return simple("function")


def _instance_of(inference: Inference, node: InstanceOf) -> Kind:
    inference.of(node.value)
    return _BOOLEAN


_INFER: Mapping[type, Callable[[Inference, Any], Kind]] = {
    Literal: _literal,
    Name: Inference.name,
    Path: _path,
    Filter: _filter,
    Call: _call,
    Negate: _negate,
    Arithmetic: _arithmetic,
    Compare: _compare,
    Between: _between,
    Membership: _membership,
    And: _logic,
    Or: _logic,
    If: _if,
    For: _for,
    Quantified: _quantified,
    ListOf: _list,
    ContextOf: _context,
    RangeOf: _range,
    FunctionOf: _function,
    InstanceOf: _instance_of,
    UnaryTests: _unary,
}
