"""Mutants of a module: its syntax tree with one thing different in each.

What people read (docstrings, words in two languages, messages of what is raised), annotations and
imports are left alone.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Calls whose positional arguments are conditions or columns: one can be missing.
LISTS = {"where", "and_", "or_", "order_by", "filter", "group_by", "union", "intersection"}
# Calls that make what people read, or that no rule depends on.
WORDS = {"Text", "gettext", "lazy_gettext", "_", "TypeVar", "NewType", "cast"}
WORDS |= {"debug", "info", "warning", "exception"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DISPLAYS = (ast.Tuple, ast.List, ast.Set)
Path = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Mutant:
    """One thing different: where, what stood there and what stands there now."""

    module: str
    where: str  # qualified name of the function or class, empty at the top of the module
    line: int
    kind: str
    before: str
    after: str
    # The outermost function whose body holds it; None where it takes effect at import.
    function: str | None
    number: int = 0  # among those of the module that read the same

    @property
    def name(self) -> str:
        """What the list of accepted ones calls it: stays the same when lines move."""
        again = f" #{self.number + 1}" if self.number else ""
        place = f"{self.module}:{self.where}" if self.where else self.module
        return f"{place}: {self.kind}: {self.before} -> {self.after}{again}"


@dataclass(frozen=True)
class TreeChange:
    """Put ``node`` (nothing: take it out) at the end of a path through the tree."""

    path: Path
    node: Any
    kind: str
    before: str
    after: str


def mutants(module: str, source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    return [mutant for mutant, _change in _all(module, source)]


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the module's tree with the mutant in it. Raises LookupError when it is not of it."""
    for found, change in _all(mutant.module, source):
        if found == mutant:
            return _applied(ast.parse(source), change)
    raise LookupError(mutant.name)


def spans(source: str) -> dict[str, tuple[int, int]]:
    """First and last line of every outermost function and method, by qualified name."""
    found: dict[str, tuple[int, int]] = {}

    def visit(body: list[ast.stmt], inside: str) -> None:
        for node in body:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                name = f"{inside}.{node.name}".lstrip(".")
                if isinstance(node, ast.ClassDef):
                    visit(node.body, name)
                else:
                    found[name] = node.lineno, node.end_lineno or node.lineno

    visit(ast.parse(source).body, "")
    return found


def _all(module: str, source: str) -> Iterator[tuple[Mutant, TreeChange]]:
    seen: dict[str, itertools.count[int]] = {}
    for change, line, where, function in _changes(ast.parse(source), (), "", None):
        made = Mutant(module, where, line, change.kind, change.before, change.after, function)
        number = next(seen.setdefault(made.name, itertools.count()))
        yield Mutant(**{**vars(made), "number": number}), change


def _changes(
    node: ast.AST, path: Path, where: str, function: str | None
) -> Iterator[tuple[TreeChange, int, str, str | None]]:
    """Yield what can be different in a node and below it, with line and place."""
    if _is_left_alone(node):
        return
    for change in _of_node(node, path):
        yield change, getattr(node, "lineno", 1), where, function
    for field, value in ast.iter_fields(node):
        if _is_reading(node, field):
            continue
        inner_where, inner_function = where, function
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and field == "body":
            inner_where = f"{where}.{node.name}".lstrip(".")
            if isinstance(node, FUNCTIONS) and function is None:
                inner_function = inner_where
        many = isinstance(value, list)
        for number, child in enumerate(value if many else [value]):
            if isinstance(child, ast.AST) and not _is_words(node, child):
                step = (field, number if many else None)
                yield from _changes(child, (*path, step), inner_where, inner_function)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.Assign) and any(_name(one) == "__all__" for one in node.targets):
        return True
    if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Call) and _name(node.func) in WORDS:
        return True
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.arg))


def _is_words(node: ast.AST, child: ast.AST) -> bool:
    """Return whether a child is the fixed part of a formatted string."""
    return isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)


def _is_reading(node: ast.AST, field: str) -> bool:
    """Return whether a field is for people and type checkers only."""
    return field in {"annotation", "returns", "type_params", "ctx", "format_spec"} or (
        isinstance(node, ast.Raise) and field == "exc"
    )


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _of_node(node: ast.AST, path: Path) -> Iterator[TreeChange]:
    """Yield what can be different in this node itself."""
    make = MAKERS.get(type(node))
    for kind, changed, step in make(node) if make else ():
        after = ast.unparse(changed) if changed is not None else "nothing"
        before = ast.unparse(_at(node, step) if step else node)
        yield TreeChange((*path, *step), changed, kind, _short(before), _short(after))


Made = Iterator[tuple[str, ast.AST | None, Path]]


def _compare(node: ast.Compare) -> Made:
    for number, operator in enumerate(node.ops):
        changed = copy.deepcopy(node)
        changed.ops[number] = COMPARISONS[type(operator)]()
        yield "comparison", changed, ()


def _bool_op(node: ast.BoolOp) -> Made:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "and/or", ast.BoolOp(other, node.values), ()
    for number in range(len(node.values)):
        rest = node.values[:number] + node.values[number + 1 :]
        yield "operand", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest), ()


def _unary(node: ast.UnaryOp) -> Made:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield "not" if isinstance(node.op, ast.Not) else "sign", node.operand, ()


def _binary(node: ast.BinOp) -> Made:
    if (other := ARITHMETIC.get(type(node.op))) and not _is_type(node):
        yield "arithmetic", ast.BinOp(node.left, other(), node.right), ()


def _is_type(node: ast.BinOp) -> bool:
    """Return whether it is ``X | None``."""
    return isinstance(node.right, ast.Constant) and node.right.value is None


def _constant(node: ast.Constant) -> Made:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value), ()
    elif isinstance(value, (int, float)):
        yield "constant", ast.Constant(value + 1), ()
    elif isinstance(value, str):
        yield "constant", ast.Constant(f"{value}XX"), ()
    elif isinstance(value, bytes):
        yield "constant", ast.Constant(value + b"XX"), ()


def _returned(node: ast.Return) -> Made:
    if node.value is not None and not _is_none(node.value):
        yield "return", ast.Return(ast.Constant(None)), ()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _branch(node: ast.If | ast.IfExp | ast.While) -> Made:
    if not isinstance(node.test, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
        yield "condition", ast.UnaryOp(ast.Not(), node.test), (("test", None),)


def _filters(node: ast.comprehension) -> Made:
    for number in range(len(node.ifs)):
        yield "filter", None, (("ifs", number),)


def _statement(node: ast.Expr | ast.AugAssign | ast.Raise | ast.Continue | ast.Delete) -> Made:
    called = not isinstance(node, ast.Expr) or isinstance(node.value, (ast.Call, ast.Await))
    again = isinstance(node, ast.Raise) and node.exc is None
    if called and not again:
        yield "statement", ast.Pass(), ()


def _assigned(node: ast.Assign) -> Made:
    if all(isinstance(one, (ast.Attribute, ast.Subscript)) for one in node.targets):
        yield "statement", ast.Pass(), ()


def _call(node: ast.Call) -> Made:
    for number, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield "keyword", None, (("keywords", number),)
    if _name(node.func) in LISTS:
        for number in range(len(node.args)):
            yield "argument", None, (("args", number),)
    if (other := OPPOSITES.get(_name(node.func))) and isinstance(node.func, ast.Name):
        yield "opposite", ast.Call(ast.Name(other, ast.Load()), node.args, node.keywords), ()
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"desc", "upper", "lower"}:
        yield "call", node.func.value, ()


def _display(node: ast.Tuple | ast.List | ast.Set) -> Made:
    if isinstance(node, ast.Set) or isinstance(node.ctx, ast.Load):
        for number in range(len(node.elts)):
            rest = node.elts[:number] + node.elts[number + 1 :]
            if rest or not isinstance(node, ast.Set):
                changed = copy.copy(node)
                changed.elts = rest
                yield "element", changed, ()


def _dict(node: ast.Dict) -> Made:
    for number in range(len(node.keys)):
        keys, values = list(node.keys), list(node.values)
        del keys[number], values[number]
        yield "element", ast.Dict(keys, values), ()


MAKERS: dict[type[ast.AST], Any] = {
    ast.Compare: _compare,
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Constant: _constant,
    ast.Return: _returned,
    ast.If: _branch,
    ast.IfExp: _branch,
    ast.While: _branch,
    ast.comprehension: _filters,
    ast.Expr: _statement,
    ast.AugAssign: _statement,
    ast.Raise: _statement,
    ast.Continue: _statement,
    ast.Delete: _statement,
    ast.Assign: _assigned,
    ast.Call: _call,
    ast.Dict: _dict,
    **dict.fromkeys(DISPLAYS, _display),
}


def _applied(tree: ast.Module, change: TreeChange) -> ast.Module:
    *way, (field, number) = change.path
    parent = _at(tree, tuple(way))
    # What is new lies where the old lay: tracebacks and coverage still name the line.
    old = _at(parent, ((field, number),))
    if change.node is not None:
        new = ast.copy_location(copy.deepcopy(change.node), old)
    if number is None:
        setattr(parent, field, new)
    elif change.node is None:
        del getattr(parent, field)[number]
    else:
        getattr(parent, field)[number] = new
    return ast.fix_missing_locations(tree)


def _at(node: Any, path: Path) -> Any:
    for field, number in path:
        node = getattr(node, field) if number is None else getattr(node, field)[number]
    return node


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:50]} ... {line[-15:]}"
