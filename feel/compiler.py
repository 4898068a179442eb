"""Turn nodes into closures, once; what is free in the expression is collected on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from feel import calls, checks, loops, paths
from feel.faults import EvaluationFault
from feel.frame import Code, Frame
from feel.operators import ARITHMETIC, COMPARISONS, compare_constant, fast_test, negate
from feel.scope import FilterScope, LocalScope, Scope
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
    UnaryTests,
)
from feel.text import Text
from feel.values import KINDS, ORDERED, Function, Range, Value, kind_name, order, settle


class FeelCompiler:
    """Compiles one expression; afterwards `variables`, `uncertain`, `paths` and `functions`
    say what it needs from outside and `slots` how many local values it keeps."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self.names = frozenset(" ".join(name.split()) for name in names)
        self.variables: set[str] = set()
        self.certain: set[str] = set()
        self.paths: set[tuple[str, ...]] = set()
        self.functions: set[str] = set()
        self.scopes: list[Scope] = []
        self.slots = 0

    def new_slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def compile(self, node: SyntaxNode) -> Code:
        return _COMPILE[type(node)](self, node)

    def within(self, scope: Scope, node: SyntaxNode) -> Code:
        """Compile a node with one more scope around it."""
        self.scopes.append(scope)
        try:
            return self.compile(node)
        finally:
            self.scopes.pop()

    def is_local(self, name: str) -> bool:
        return any(isinstance(s, LocalScope) and name in s.slots for s in self.scopes)

    def is_free(self, name: str) -> bool:
        """Return whether the name is certainly read from the variables."""
        return not self.is_local(name) and not any(isinstance(s, FilterScope) for s in self.scopes)

    def name(self, node: Name) -> Code:
        return self.resolve(node.name, node.pos, len(self.scopes))

    def resolve(self, name: str, pos: int, depth: int) -> Code:
        for level in range(depth - 1, -1, -1):
            scope = self.scopes[level]
            if isinstance(scope, LocalScope):
                if name in scope.slots:
                    return _read_slot(scope.slots[name])
            elif name == "item":
                return _read_whole_item(scope.slot)
            else:
                return _read_item(scope.slot, name, self.resolve(name, pos, level))
        return self.free(name, pos)

    def free(self, name: str, pos: int) -> Code:
        self.variables.add(name)
        self.paths.add((name,))
        missing: Code = _null
        if self.is_free(name):
            self.certain.add(name)
            missing = self.missing(name, pos)

        def read(frame: Frame) -> Value:
            try:
                value = frame.variables[name]
            except KeyError:
                return missing(frame)
            return value if type(value) in KINDS else settle(value)

        return read

    def missing(self, name: str, pos: int) -> Code:
        """Return what an absent variable is: null if it was declared, else an error that names
        it.
        """
        if name in self.names or name == "?":
            return _null

        def fail(frame: Frame) -> Value:
            if frame.limits.lenient:
                return None
            raise EvaluationFault(
                Text(f"没有名为“{name}”的变量。", f"There is no variable named “{name}”."),
                position=pos,
                variable=name,
            )

        return fail


def _null(frame: Frame) -> Value:
    return None


def _read_slot(slot: int) -> Code:
    return lambda frame: frame.slots[slot]


def _read_whole_item(slot: int) -> Code:
    """`item` is the item of the list itself, unless that has an entry of this name."""

    def read(frame: Frame) -> Value:
        item = frame.slots[slot]
        return settle(item["item"]) if type(item) is dict and "item" in item else item

    return read


def _read_item(slot: int, name: str, outside: Code) -> Code:
    """Inside a filter, a name is first a property of the item."""

    def read(frame: Frame) -> Value:
        item = frame.slots[slot]
        if type(item) is dict and name in item:
            return settle(item[name])
        return outside(frame)

    return read


def _literal(compiler: FeelCompiler, node: Literal) -> Code:
    value = node.value
    return lambda frame: value


def _arithmetic(compiler: FeelCompiler, node: Arithmetic) -> Code:
    code = compiler.compile(node.first)
    if len(node.rest) == 1:
        op, right = node.rest[0]
        return _binary(ARITHMETIC[op], code, compiler.compile(right), node.pos)
    steps = [(ARITHMETIC[op], compiler.compile(right), right.pos) for op, right in node.rest]

    def run(frame: Frame) -> Value:
        value = code(frame)
        for operation, right, pos in steps:
            value = operation(frame, value, right(frame), pos)
        return value

    return run


def _binary(operation: Any, left: Code, right: Code, pos: int) -> Code:
    return lambda frame: operation(frame, left(frame), right(frame), pos)


def _negate(compiler: FeelCompiler, node: Negate) -> Code:
    code, pos = compiler.compile(node.operand), node.pos
    return lambda frame: negate(frame, code(frame), pos)


def _compare(compiler: FeelCompiler, node: Compare) -> Code:
    left, operation, pos = compiler.compile(node.left), COMPARISONS[node.op], node.pos
    if isinstance(node.right, Literal):
        name = node.left.name if isinstance(node.left, Name) else None
        if name and compiler.is_free(name):
            return _compare_name(compiler, name, node)
        return compare_constant(left, node.op, node.right.value, pos)
    return _binary(operation, left, compiler.compile(node.right), pos)


def _compare_name(compiler: FeelCompiler, name: str, node: Compare) -> Code:
    """`name op constant`, by far the most frequent condition, without an inner call."""
    constant, pos, slow = node.right.value, node.pos, COMPARISONS[node.op]  # type: ignore[attr-defined]
    fast, test = fast_test(node.op, constant)
    missing = compiler.missing(name, node.left.pos)

    def run(frame: Frame) -> Value:
        try:
            value = frame.variables[name]
        except KeyError:
            value = missing(frame)
        if type(value) in fast:
            return test(value, constant)
        return slow(frame, value, constant, pos)

    return run


def _both(compiler: FeelCompiler, node: And) -> Code:
    return checks.all_of([compiler.compile(item) for item in node.items], node.pos)


def _either(compiler: FeelCompiler, node: Or) -> Code:
    return checks.any_of([compiler.compile(item) for item in node.items], node.pos)


def _between(compiler: FeelCompiler, node: Between) -> Code:
    value, low, high = map(compiler.compile, (node.value, node.low, node.high))
    above, below, pos = COMPARISONS[">="], COMPARISONS["<="], node.pos

    def run(frame: Frame) -> Value:
        subject = value(frame)
        results = (above(frame, subject, low(frame), pos), below(frame, subject, high(frame), pos))
        return False if False in results else None if None in results else True

    return run


def _membership(compiler: FeelCompiler, node: Membership) -> Code:
    value = compiler.compile(node.value)
    tests = [checks.compile_test(compiler, test, value) for test in node.tests]
    return checks.any_of(tests, node.pos) if len(tests) > 1 else tests[0]


def _if(compiler: FeelCompiler, node: If) -> Code:
    condition, yes, no = map(compiler.compile, (node.condition, node.yes, node.no))
    pos = node.condition.pos

    def run(frame: Frame) -> Value:
        result = condition(frame)
        if result is True:
            return yes(frame)
        if result is not None and result is not False:
            checks.note_condition(frame, result, pos)
        return no(frame)

    return run


def _list(compiler: FeelCompiler, node: ListOf) -> Code:
    items = [compiler.compile(item) for item in node.items]
    return lambda frame: [item(frame) for item in items]


def _context(compiler: FeelCompiler, node: ContextOf) -> Code:
    """Later entries see the earlier ones."""
    local = LocalScope({})
    entries = []
    for key, value in node.entries:
        code = compiler.within(local, value)
        slot = compiler.new_slot()
        local = LocalScope({**local.slots, key: slot})
        entries.append((key, code, slot))

    def run(frame: Frame) -> Value:
        result = {}
        for key, code, slot in entries:
            result[key] = frame.slots[slot] = code(frame)
        return result

    return run


def _range(compiler: FeelCompiler, node: RangeOf) -> Code:
    low, high = compiler.compile(node.low), compiler.compile(node.high)
    from_low, to_high, pos = node.low_included, node.high_included, node.pos

    def run(frame: Frame) -> Value:
        start, end = low(frame), high(frame)
        if start is None or end is None:
            return None
        if type(start) not in ORDERED or order(start, end) is None:
            a, b = kind_name(start), kind_name(end)
            text = Text(f"{a.zh}与{b.zh}不能组成区间。", f"{a.en} and {b.en} make no range.")
            frame.note(text, pos, is_type_error=True)
            return None
        return Range(start, end, from_low, to_high)

    return run


def _function(compiler: FeelCompiler, node: FunctionOf) -> Code:
    local = LocalScope({name: compiler.new_slot() for name in node.parameters})
    body = compiler.within(local, node.body)
    slots = tuple(local.slots[name] for name in node.parameters)

    def make(frame: Frame) -> Value:
        captured = frame.slots.copy(), frame.variables

        def invoke(caller: Frame, arguments: list[Value]) -> Value:
            return calls.enter(caller, captured, slots, arguments, body)

        return Function("", node.parameters, invoke)

    return make


_COMPILE: dict[type, Callable[[FeelCompiler, Any], Code]] = {
    Literal: _literal,
    Name: FeelCompiler.name,
    Path: paths.compile_path,
    Filter: paths.compile_filter,
    Call: calls.compile_call,
    Negate: _negate,
    Arithmetic: _arithmetic,
    Compare: _compare,
    Between: _between,
    Membership: _membership,
    And: _both,
    Or: _either,
    If: _if,
    For: loops.compile_for,
    Quantified: loops.compile_quantified,
    ListOf: _list,
    ContextOf: _context,
    RangeOf: _range,
    FunctionOf: _function,
    InstanceOf: checks.compile_instance_of,
    UnaryTests: checks.compile_unary_tests,
}
